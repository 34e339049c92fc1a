"""SQL of the reports; nothing is written."""
