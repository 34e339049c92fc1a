"""Which places and names a document has, once all its references were followed."""

from registry.dialects.documents import find, follow_references, read_document
from registry.dialects.strict_json import Json

NAME = "efa:/dienst/1.0.0/application"


def test_a_name_that_a_reference_uncovers_counts_for_those_before_it() -> None:
    """Where `late` stands is told by the last reference only, and there a further one is."""
    root: Json = {
        "anyOf": [{"$ref": "#late"}, {"$ref": "other#/unknown/c"}, {"$ref": "#/unknown/a"}],
        "unknown": {
            "a": {"$ref": "#/unknown/b"},
            "b": {"$id": "other", "unknown": {"c": {"$anchor": "late", "$ref": "#/unknown/d"}}},
        },
    }
    documents = {NAME: read_document(NAME, root)}
    follow_references(documents)
    c = ("unknown", "b", "unknown", "c")
    places = documents[NAME].places
    assert {("unknown", "a"), ("unknown", "b"), c} <= places.keys()
    assert find(documents, "efa:/dienst/1.0.0/other#late") == (NAME, c)
    assert find(documents, f"{NAME}#late") is None
