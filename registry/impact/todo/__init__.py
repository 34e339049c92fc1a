"""What who reuses services has to do: which versions end, what is newer, what is missing."""
