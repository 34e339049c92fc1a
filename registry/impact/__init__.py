"""Whom a change hits: the users of a version, and telling them that it ends."""
