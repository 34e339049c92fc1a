"""Patterns end at the end, here and in what is published of them."""

import msgspec
import pytest

from registry.catalogue.parts import LEIKA_KEY
from registry.reuse.model import Sha256, Slug
from registry.web.ecma import portable
from tests.client import ApiClient


@pytest.mark.parametrize(("kind", "text"), [(Slug, "a"), (Sha256, "0" * 64)])
def test_a_last_line_break_belongs_to_no_word(kind: object, text: str) -> None:
    assert msgspec.convert(text, kind) == text
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text + "\n", kind)


def test_a_published_pattern_is_written_for_every_reader() -> None:
    schema = {"anyOf": [{"pattern": LEIKA_KEY}, {"type": "null"}]}
    assert portable(schema) == {"anyOf": [{"pattern": "^99[0-9]{12}$"}, {"type": "null"}]}


async def test_the_interface_description_holds_no_python_pattern(client: ApiClient) -> None:
    answer = await client.get("/openapi.json")
    assert "\\\\Z" not in answer.text
