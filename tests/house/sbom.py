"""`./dev sbom`: writes `sbom.cdx.json`, what the program is made of besides its own code.

CycloneDX 1.6 with the fields of BSI TR-03183-2 (2.1), for what `requirements.lock` installs on
Linux (x86-64): each wheel with its name, maker, licence, dependencies and SHA-512. The wheels are
downloaded for that; the lock says by SHA-256 which they are.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.message import Message
from email.parser import Parser
from email.utils import getaddresses
from importlib import import_module
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from registry import __version__

# The library makes its classes by decorators whose types hide what is there.
_model: Any = import_module("cyclonedx.model")
_bom: Any = import_module("cyclonedx.model.bom")
_parts: Any = import_module("cyclonedx.model.component")
_people: Any = import_module("cyclonedx.model.contact")
_licences: Any = import_module("cyclonedx.model.license")
_json: Any = import_module("cyclonedx.output.json")
_package: Any = import_module("packageurl")

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
FILE = ROOT / "sbom.cdx.json"
PUBLISHED = ROOT / "publiccode.yml"
# What a wheel is, in the words of TR-03183-2: a zip of programs, its parts can be taken out.
KIND = {"executable": "executable", "archive": "archive", "structured": "structured"}
# Licences that makers name in words of their own.
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
}
# What the licence file in the wheel is, where the maker says no more than "BSD License".
READ = {"google-re2": "BSD-3-Clause", "jinja2": "BSD-3-Clause"}


def published_at() -> str | None:
    """The public address of the program; None while publiccode.yml holds the one of no place."""
    address: str = yaml.safe_load(PUBLISHED.read_text(encoding="utf-8"))["url"]
    return None if address.startswith("https://example.org/") else address


def _own_maker() -> Any:
    address = published_at()
    urls = [_model.XsUri(address)] if address else []
    return _people.OrganizationalEntity(name="EfA registry", urls=urls)


class Wheel:
    """One file that is installed, and what it says of itself."""

    def __init__(self, file: Path) -> None:
        self.file = file.name
        content = file.read_bytes()
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.sha512 = hashlib.sha512(content).hexdigest()
        with ZipFile(file) as held:
            (told,) = (
                name for name in held.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)
            )
            self.told: Message = Parser().parsestr(held.read(told).decode(), headersonly=True)
        self.name = canonicalize_name(str(self.told["Name"]))
        self.version = str(self.told["Version"])

    def all(self, field: str) -> list[str]:
        return [str(value) for value in self.told.get_all(field) or []]

    @property
    def needs(self) -> Iterator[str]:
        """The packages it needs here, without extras."""
        for text in self.all("Requires-Dist"):
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                yield canonicalize_name(needed.name)

    @property
    def maker(self) -> Any:
        """Who made it, with a mail address or a place on the web."""
        people = getaddresses([*self.all("Author-email"), *self.all("Maintainer-email")])
        names = [
            *self.all("Author"),
            *self.all("Maintainer"),
            *(name for name, _ in people if name),
        ]
        contacts = [
            _people.OrganizationalContact(name=name or None, email=at) for name, at in people if at
        ]
        return _people.OrganizationalEntity(
            name=names[0] if names else self.name,
            urls=[_model.XsUri(address) for address in self.addresses[:1]],
            contacts=contacts,
        )

    @property
    def addresses(self) -> list[str]:
        """Where it is at home: first where its source is, by what the makers call the place."""
        told = [text.split(", ", 1) for text in self.all("Project-URL")]
        told += [["home", address] for address in self.all("Home-page")]
        ranked = [(_rank(name.lower(), address), address) for name, address in told]
        return [address for rank, address in sorted(ranked) if rank < _NO_HOME]

    @property
    def licence(self) -> Any:
        """An expression of SPDX where the makers give one."""
        given = (self.all("License-Expression") or [""])[0]
        words = (self.all("License") or [""])[0].strip().partition("\n")[0]
        classed = [
            one.rsplit(" :: ", 1)[1] for one in self.all("Classifier") if "License ::" in one
        ]
        read = READ.get(self.name, "")
        for one in (given, read, SPDX.get(words, words), *(SPDX.get(name, "") for name in classed)):
            if re.fullmatch(r"[A-Za-z0-9.+-]+( (AND|OR) [A-Za-z0-9.+-]+)*", one):
                return _licences.LicenseExpression(one)
        return _licences.DisjunctiveLicense(name=" / ".join(classed) or words)

    @property
    def component(self) -> Any:
        url = _package.PackageURL("pypi", name=self.name, version=self.version)
        hashes = [
            _model.HashType(alg=_model.HashAlgorithm.SHA_512, content=self.sha512),
            _model.HashType(alg=_model.HashAlgorithm.SHA_256, content=self.sha256),
        ]
        places = [
            _model.ExternalReference(
                type=_model.ExternalReferenceType.DISTRIBUTION,
                url=_model.XsUri(url.to_string()),
                hashes=hashes,
            ),
            *(
                _model.ExternalReference(
                    type=_model.ExternalReferenceType.VCS, url=_model.XsUri(address)
                )
                for address in self.addresses[:1]
            ),
        ]
        known = {"filename": self.file} | KIND
        return _parts.Component(
            name=self.name,
            version=self.version,
            type=_parts.ComponentType.LIBRARY,
            bom_ref=url.to_string(),
            purl=url,
            manufacturer=self.maker,
            licenses=[self.licence],
            hashes=hashes,
            external_references=places,
            properties=[
                _model.Property(name=f"bsi:component:{key}", value=known[key]) for key in known
            ],
        )


_NO_HOME = 2


def _rank(name: str, address: str) -> int:
    """How surely a place holds the source: 0 surely, 1 perhaps, else not."""
    if re.match("source|repo|code", name) or name.endswith("repo"):
        return 0
    return 1 if re.match("home|git", name) and "issues" not in name else _NO_HOME


def bom(wheels: Iterable[Wheel], lock: bytes, now: datetime) -> Any:
    """What the program is made of; the same lock gives the same serial number."""
    made = _bom.Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha512(lock).hexdigest()))
    made.metadata.timestamp = now
    made.metadata.manufacturer = _own_maker()
    own = _parts.Component(
        name="efa-registry",
        version=__version__,
        type=_parts.ComponentType.APPLICATION,
        bom_ref="efa-registry",
        manufacturer=_own_maker(),
        licenses=[_licences.LicenseExpression("EUPL-1.2")],
    )
    made.metadata.component = own
    parts: Mapping[str, tuple[Wheel, Any]] = {
        wheel.name: (wheel, wheel.component) for wheel in sorted(wheels, key=lambda one: one.name)
    }
    for wheel, part in parts.values():
        made.components.add(part)
        made.register_dependency(part, [parts[name][1] for name in wheel.needs if name in parts])
    made.register_dependency(own, [part for _, part in parts.values()])
    return made


def written(folder: Path) -> str:
    """The text of the file, from the wheels in a folder."""
    wheels = [Wheel(file) for file in sorted(folder.glob("*.whl"))]
    now = datetime.now(UTC).replace(microsecond=0)
    return _json.JsonV1Dot6(bom(wheels, LOCK.read_bytes(), now)).output_as_string(indent=1) + "\n"


def main() -> None:
    options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", *options, "-r", str(LOCK), "-d", folder]
        environment: dict[str, Any] = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        subprocess.run(command, check=True, env=environment)
        FILE.write_text(written(Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
