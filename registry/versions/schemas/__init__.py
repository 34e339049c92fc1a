"""Schemas: what one must be to be published, and the forms it is sent in."""
