"""The EfA registry: who built which service, in which versions, and who reuses it since when."""

__version__ = "0.1.0"
