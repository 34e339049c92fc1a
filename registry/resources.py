"""Where the files lie that the program reads besides its code: in the checkout or in the wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `migrations`, `schemas` or `service_specs`, of the checkout or of the wheel."""
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / name
    return _PACKAGE / "_data" / name
