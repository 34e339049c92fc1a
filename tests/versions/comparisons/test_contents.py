"""What a schema consists of, and its identity from one version to the next."""

from registry.versions.comparisons.contents import Content, Part
from registry.versions.schemas.guard import Published

OTHER = ("anderer", "1.0.0", "adresse")
DEEP = ("anderer", "1.0.0", "plz")


def content(version: str, shas: dict[str, str], **references: list[str | Published]) -> Content:
    """A version of `dienst`; references by the name of a sibling, or by place."""
    own = {
        ("dienst", version, name): Part(
            direction="accepts",
            sha256=sha256,
            references=tuple(
                ("dienst", version, to) if isinstance(to, str) else to
                for to in references.get(name, [])
            ),
        )
        for name, sha256 in shas.items()
    }
    outside = {
        OTHER: Part(direction="accepts", sha256="dd", references=(DEEP,)),
        DEEP: Part(direction="accepts", sha256="ee"),
    }
    return Content(service="dienst", version=version, parts=own | outside)


def test_a_schema_without_references_is_its_text() -> None:
    assert content("1.0.0", {"antrag": "aa"}).identity("antrag") == "aa"


def test_the_same_sibling_in_another_version_is_the_same() -> None:
    shas = {"antrag": "aa", "status": "bb"}
    first = content("1.0.0", shas, antrag=["status"])
    second = content("1.1.0", shas, antrag=["status"])
    changed = content("1.1.0", {"antrag": "aa", "status": "cc"}, antrag=["status"])
    assert first.identity("antrag") == second.identity("antrag") != "aa"
    assert changed.identity("antrag") != first.identity("antrag")
    assert changed.identity("status") == "cc"


def test_references_are_followed_to_their_end_and_in_circles() -> None:
    version = content("1.0.0", {"antrag": "aa", "b": "bb"}, antrag=["b", OTHER], b=["antrag"])
    assert version.others("antrag") == [OTHER, DEEP, ("dienst", "1.0.0", "b")]
    assert version.others("b") == [OTHER, DEEP, ("dienst", "1.0.0", "antrag")]
    assert list(version.interfaces) == ["antrag", "b"]
