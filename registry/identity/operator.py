"""The body that runs this registry: it loads what comes with the program, holds the first token."""

from registry.authority import ADMIN, Actor
from registry.organisations.model import organisation_id

OPERATOR = "betreiber"


def operator() -> Actor:
    """The operator with scope `admin`; known before any organisation is recorded."""
    return Actor(
        organisation=str(organisation_id(OPERATOR)),
        name="Betreiber dieses Registers",
        slug=OPERATOR,
        scopes=frozenset({ADMIN}),
    )
