"""Documents checked against a published schema, and what is found wrong with them."""
