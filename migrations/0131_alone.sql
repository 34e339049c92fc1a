-- What pages and reports ask takes milliseconds: helpers of a statement would take several times the processor to start and
-- to bring together what they read, and the time of others with it.

alter function report_signs(date, bigint, text, text, boolean) set max_parallel_workers_per_gather to 0;
alter function report_everywhere(date, bigint, text[], text, boolean) set max_parallel_workers_per_gather to 0;
alter function report_funnel(date, bigint, text, text, boolean) set max_parallel_workers_per_gather to 0;
alter function report_any_use_on(date[], bigint, text, boolean) set max_parallel_workers_per_gather to 0;
alter function reuses_behind(date, bigint, uuid, text, text, text[], boolean, int, bigint)
    set max_parallel_workers_per_gather to 0;
