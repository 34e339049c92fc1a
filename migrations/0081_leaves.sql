-- The sequence number of an event stands in its leaf, so the statement that writes both takes it first.

grant usage on sequence events_seq_seq to efa_app;
