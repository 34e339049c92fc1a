"""Who calls: tokens, and the dependencies that give each request its actor and its transaction."""

from registry.identity.tokens import new_token, well_formed

__all__ = ["new_token", "well_formed"]
