-- Whether time or memory ended a comparison: what is decided may still name its findings only in part, and gives way to
-- one that came to its end. Quotes within JSON texts are escaped, so these words are found as members only.
alter table schema_verdicts add column ran_out boolean not null default false;

update schema_verdicts set ran_out = true
where position('"ran_out":true'::bytea in verdict) > 0 or position('"reason":"budget"'::bytea in verdict) > 0;
