"""Documents that tests send."""

from typing import Any

CREATE = {"If-None-Match": "*"}


def draft(slug: str = "wohngeld-sh", **fields: Any) -> dict[str, Any]:
    """A service led by Schleswig-Holstein, with whatever a test adds."""
    return {
        "slug": slug,
        "names": {"de": "Online-Antrag Wohngeld"},
        "builders": [{"organisation": "01"}],
        **fields,
    }


FULL = draft(
    "bauantrag",
    names={"de": "Digitaler Bauantrag", "en": "Digital building application"},
    summary={"de": "Anträge an die Bauaufsicht stellen."},
    builders=[
        {"organisation": "13"},
        {"organisation": "02000", "role": "partner"},
    ],
    theme="bauen_wohnen",
    procedures=["99012001001000"],
    ozg_ids=["10519"],
    competence=[
        {
            "area": "13",
            "levels": ["district"],
            "bodies": ["13003000"],
            "exceptions": ["13004"],
            "source": "Landesbauordnung MV, § 57",
            "valid_from": "2015",
        }
    ],
    model="efa",
    status="live",
    source_address="https://example.org/bauantrag",
    contacts=[{"role": "Betrieb", "mailbox": "bauantrag@example.org"}],
    agreement_basis="dachabkommen",
    sources=[{"url": "https://example.org/meldung", "stated_on": "2021-01"}],
    accounts=[
        {"account": "servicekonto-nrw", "valid_to": "2024-07"},
        {"account": "bundid", "trust_level": "ozg:substanziell", "valid_from": "2024-07"},
    ],
    base_components=[{"kind": "transport", "component": "fit-connect", "valid_from": "2022"}],
    minimum_requirements=[{"requirement": "R1", "fulfilled": True, "declared_on": "2023-05-04"}],
    maturity=[
        {"model_version": "1.1", "level": 3, "valid_from": "2021-01"},
        {"model_version": "2.0", "level": 5, "valid_from": "2025-07"},
    ],
    portals=[{"portal": "wsp-nrw", "valid_from": "2023"}],
    funding=[{"reference": "Konjunkturpaket", "amount_eur": "9700000.00", "source": "Meldung"}],
)
