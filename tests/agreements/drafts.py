"""What tests send."""

from typing import Any

CREATE = {"If-None-Match": "*"}
PRESS = "https://example.org/meldung"


def framework(*members: str, **fields: Any) -> dict[str, Any]:
    """A framework agreement in force since 2021-01-30 between Bund and some Länder."""
    return {
        "slug": "rahmen",
        "kind": "framework",
        "names": {"de": "Rahmenvertrag"},
        "parties": [{"organisation": member} for member in ("bund", *members)],
        "in_force_from": "2021-01-30",
        **fields,
    }


def contract(slug: str = "vertrag", *members: str, **fields: Any) -> dict[str, Any]:
    """A contract of reuse below `rahmen`, in force since 2023."""
    roles = ["customer", *["provider"] * len(members)]
    return {
        "slug": slug,
        "kind": "reuse",
        "names": {"de": "Nachnutzungsvertrag"},
        "parties": [
            {"organisation": member, "role": role}
            for member, role in zip(members, roles, strict=False)
        ],
        "in_force_from": "2023",
        "parent": "rahmen",
        **fields,
    }
