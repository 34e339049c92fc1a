"""Parameters that several rooms take, declared once.

Litestar ignores `msgspec.Meta` on handler parameters, so patterns stand in `Parameter(...)`.
"""

from datetime import date
from typing import Annotated

from litestar.params import Parameter

from registry.characters import SLUG

KNOWN_AT = r"([0-9]{1,18}|[12][0-9]{3}-[0-9-]{5}T[0-9:.]{8,15}(Z|[+-][0-9:]{5}))"

SlugInPath = Annotated[
    str, Parameter(pattern=SLUG, description="Slug: lower-case letters, digits, hyphens.")
]
Limit = Annotated[int, Parameter(ge=1, le=200, description="How many items, 1 to 200.")]
Cursor = Annotated[
    str | None,
    Parameter(max_length=2_000, description="Paging cursor, taken from `next` of the page before."),
]
Search = Annotated[
    str | None, Parameter(min_length=1, max_length=200, description="Words to search for.")
]
AsOf = Annotated[
    date | None,
    Parameter(description="Legal day in Germany whose state is asked for (valid time)."),
]
KnownAt = Annotated[
    str | None,
    Parameter(
        pattern=rf"^{KNOWN_AT}\Z",
        description="Log size, or an instant (RFC 3339): what was recorded by then (record time). "
        "Without `as_of` the state is that of this instant's day, or of when the log was so long.",
    ),
]
OfService = Annotated[
    str | None, Parameter(pattern=SLUG, description="Only of this service, by its slug.")
]
OfBody = Annotated[
    str | None,
    Parameter(max_length=80, description="Only of this body: a regional key, an AGS or a slug."),
]
Demo = Annotated[
    bool, Parameter(description="Whether the fictitious bodies (key 99) are listed as well.")
]
Ended = Annotated[bool, Parameter(description="Whether those that ended are listed as well.")]
InPlaceOf = Annotated[
    str | None,
    Parameter(max_length=80, description="Of this body instead of the caller's own."),
]
