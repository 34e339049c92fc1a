"""The interface description is the same in every process."""

from registry.app import create_app
from registry.settings import Settings
from registry.web.openapi import document


def test_the_description_is_the_same_each_time() -> None:
    settings = Settings(database_url="postgresql://nowhere")
    first, second = (document(create_app(settings, b"x" * 32)) for _ in range(2))
    assert first == second
