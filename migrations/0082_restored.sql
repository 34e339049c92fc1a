-- A database brought back from a backup says so until it is known that nothing was signed beyond it, or until the log
-- goes on under a new name: without the mark outside the database nobody could tell.

alter table log_clock add column restored_at timestamptz;
