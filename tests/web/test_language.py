"""The language of a text follows Accept-Language; German is the default."""

import pytest

from registry.web.language import preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "de"),
        ("*", "de"),
        ("de", "de"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("fr,en;q=0.5,de;q=0.4", "en"),
        ("en;q=0", "de"),
        ("en;q=broken", "de"),
    ],
)
def test_language_is_the_one_ranked_higher(header: str, language: str) -> None:
    assert preferred_language(header) == language
