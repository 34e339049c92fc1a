"""SQL of agreements, by subject."""
