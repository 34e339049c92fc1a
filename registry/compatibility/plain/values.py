"""The values keywords may have: exact numbers, counts, lists of names."""

from decimal import Decimal

from registry.dialects.strict_json import Json

_MAX_EXPONENT = 1_000
_MAX_BITS = 3_400  # about as many digits


def exact(value: Json | float) -> int | Decimal | None:
    """A number without loss, as int where it is integral; None for everything else."""
    if type(value) is int:
        return value if value.bit_length() <= _MAX_BITS else None
    if isinstance(value, float):
        value = Decimal(repr(value))
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    # An exponent is cheap to write and dear to write out.
    if value and abs(value.adjusted()) > _MAX_EXPONENT:
        return None
    return int(value) if value == value.to_integral_value() else value


def exact_data(value: Json | float) -> Json:
    """A value with all its numbers exact; the same object where they were.

    Raises ValueError where one has no exact value, or one too long to write out.
    """
    if isinstance(value, dict):
        read = {key: exact_data(inner) for key, inner in value.items()}
        return value if all(read[key] is value[key] for key in read) else read
    if isinstance(value, list):
        items = [exact_data(inner) for inner in value]
        same = all(old is new for old, new in zip(value, items, strict=True))
        return value if same else items
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        found = exact(value)
        if found is None:
            raise ValueError(value)
        return found
    return value


def count(value: Json) -> int | None:
    """A number of things; None for what is none."""
    number = exact(value)
    return number if isinstance(number, int) and number >= 0 else None


def names(value: Json) -> list[Json] | None:
    """A list of names, each once; None for what is none."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return None
    return list(dict.fromkeys(str(name) for name in value))
