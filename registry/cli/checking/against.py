"""What `--against` names: one version, or the whole history of a service as files hold it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import click
import msgspec

from registry import semver
from registry.catalogue.parts import Policy
from registry.cli.checking.inputs import GIT, Given, Reader, in_folder
from registry.cli.checking.words import say, shown
from registry.compatibility.model import Formats
from registry.dialects.yaml_text import OddYaml, read_yaml
from registry.semver import SemVer
from registry.versions.numbers.honesty import is_enforced
from registry.versions.schemas.guard import LIMITS

_VERSIONS = "versions"
_SERVICE = "service.yaml"


@dataclass(frozen=True)
class Base:
    """A version compared with: how it was named, its number where that is known."""

    shown: str
    number: str | None
    interfaces: Sequence[Given]


class Asks(msgspec.Struct, frozen=True):
    """What of `service.yaml` decides how its versions are compared; the rest is not looked at."""

    policy: Policy = Policy()
    formats: Formats = "annotate"


@dataclass(frozen=True)
class History:
    """A folder with a folder for each version of a service."""

    place: str
    numbers: Sequence[SemVer]
    asks: Asks
    reader: Reader

    def version(self, number: SemVer) -> Base:
        """One of its versions, read now."""
        place = f"{self.place}/{number}"
        names = self.reader.names_in(place) or []
        return Base(place, str(number), in_folder(place, names, self.reader))

    def enforces(self, today: date) -> bool:
        """Whether a version released today must have an honest number."""
        return is_enforced(self.asks.policy, today)


def base_of(place: str, new: Sequence[Given], reader: Reader) -> Base | History:
    """What `--against` names: a file, the folder of a version, or one of versions."""
    if not place.startswith(GIT) and not Path(place).exists():
        raise click.UsageError(say("usage", "no-base", reader.language, given=shown(place)))
    names = reader.names_in(place)
    if names is None:
        return Base(place, None, [_alone(place, new, reader)])
    place = place.rstrip("/") or "/"
    service = _service_of(place, names)
    if any(name.rstrip("/") == _VERSIONS for name in names):
        place = f"{place}/{_VERSIONS}"
        names = reader.names_in(place) or []
    numbers = [name.rstrip("/") for name in names if semver.is_version(name.rstrip("/"))]
    if numbers:
        asks = _asks(service, reader) if service else Asks()
        return History(place, sorted(map(semver.parse, numbers)), asks, reader)
    last = PurePosixPath(place).name
    known = last if semver.is_version(last) else None
    return Base(place, known, in_folder(place, names, reader))


def _service_of(place: str, names: Sequence[str]) -> str | None:
    """The `service.yaml` in the folder of a service, or beside that of its versions."""
    if _SERVICE in names:
        return f"{place}/{_SERVICE}"
    beside = Path(place).absolute().with_name(_SERVICE)
    is_beside = not place.startswith(GIT) and PurePosixPath(place).name == _VERSIONS
    return str(beside) if is_beside and beside.is_file() else None


def _asks(file: str, reader: Reader) -> Asks:
    try:
        about: Any = read_yaml(reader.bytes_at(file).decode(), LIMITS)[0]
        return msgspec.convert(about, Asks)
    except OddYaml as odd:
        raise reader.refusal(file, odd.line, odd.rule, given=odd.given[:80]) from None
    except UnicodeDecodeError as error:
        raise reader.refusal(file, 1, "not-utf-8", byte=error.start) from None
    except msgspec.ValidationError as error:
        raise reader.refusal(file, None, "not-readable", given=error) from None


def _alone(place: str, new: Sequence[Given], reader: Reader) -> Given:
    """The one interface of a file: whatever the file is called, it is the one it is compared to."""
    if len(new) > 1:
        raise click.UsageError(say("usage", "one-file", reader.language, given=place))
    return Given(new[0].name, None, reader.read(place))
