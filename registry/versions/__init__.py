"""Publishing and serving immutable versions: all interface schemas of a service at once."""
