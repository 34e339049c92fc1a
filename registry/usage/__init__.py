"""Usage: how often services are used, as counted per reuse, month and channel."""
