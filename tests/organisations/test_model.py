import pytest

from registry.errors import MalformedKey
from registry.organisations.model import forms_of, regional_key


@pytest.mark.parametrize(
    ("asked", "forms"),
    [
        ("05", ("05",)),
        ("050000000000", ("050000000000", "050000000", "05000", "050", "05", "05000000")),
        ("051170000000", ("051170000000", "051170000", "05117", "05117000")),
        ("05117000", ("05117000", "05117")),
        ("010515163000", ("010515163000", "010515163", "01051000")),
        ("160685001006", ("160685001006", "16068006")),
        ("fitko", ("fitko",)),
    ],
)
def test_the_forms_a_key_is_looked_for_under(asked: str, forms: tuple[str, ...]) -> None:
    assert forms_of(asked) == forms


@pytest.mark.parametrize(
    "asked", ["5", "0511", "051170", "0511700", "0511700000", "0511700000001", "Ü", "a b", "-a", ""]
)
def test_what_is_no_key_is_refused(asked: str) -> None:
    with pytest.raises(MalformedKey):
        forms_of(asked)


@pytest.mark.parametrize(
    ("asked", "shortest"),
    [
        ("050000000000", "05"),
        ("053150000000", "05315"),
        ("010515163000", "010515163"),
        ("020000000", "02"),
        ("055150001001", "055150001001"),
        ("051", "051"),
    ],
)
def test_zeros_that_only_fill_a_key_are_left_out(asked: str, shortest: str) -> None:
    assert regional_key(asked) == shortest


@pytest.mark.parametrize("asked", ["05315000", "bund", "0531"])
def test_an_area_is_named_by_a_regional_key(asked: str) -> None:
    with pytest.raises(MalformedKey):
        regional_key(asked)
