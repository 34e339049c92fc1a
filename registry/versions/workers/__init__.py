"""Processes apart from the server that handle what strangers send, in bounded time and memory."""
