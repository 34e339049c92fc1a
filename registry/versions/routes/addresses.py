"""Which version an address means: a number itself, `latest` or a range, which lead to a number."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry import semver
from registry.audit import Moment, moment
from registry.catalogue import store as catalogue
from registry.catalogue.model import UnknownService
from registry.characters import INTERFACE_NAME
from registry.db import Reads
from registry.versions import store
from registry.versions.model import UnknownVersion
from registry.web.params import SlugInPath
from registry.web.requests import AnyRequest

LATEST = "latest"
REDIRECTION = ResponseSpec(None, description="To the version that `latest` or a range leads to.")

VersionInPath = Annotated[
    str,
    Parameter(
        max_length=200,
        description="Semantic version; or `latest`, or a range (`^2.1`, `~1.4`, `>=1 <3`, `1.x`), "
        "which redirect to the highest version in it that was not revoked.",
    ),
]
NumberInPath = Annotated[
    str, Parameter(max_length=200, description="Semantic version without `+build`.")
]
InterfaceInPath = Annotated[
    str, Parameter(pattern=INTERFACE_NAME, description="Name of an interface.")
]
WithPrereleases = Annotated[
    bool, Parameter(description="Let `latest` and ranges lead to pre-releases as well.")
]


@dataclass(frozen=True, kw_only=True)
class VersionAddress:
    """A version, or what leads to one."""

    slug: SlugInPath
    version: VersionInPath
    prereleases: WithPrereleases = False

    @property
    def names_a_number(self) -> bool:
        return semver.is_version(self.version)


@dataclass(frozen=True, kw_only=True)
class InterfaceAddress(VersionAddress):
    """An interface of a version, or of what leads to one."""

    interface: InterfaceInPath

    @property
    def place(self) -> tuple[str, str, str]:
        """Service, version and interface."""
        return self.slug, self.version, self.interface

    @property
    def version_path(self) -> str:
        return f"/v1/services/{self.slug}/versions/{self.version}"


VERSION_ADDRESS = {"address": Provide(VersionAddress, sync_to_thread=False)}
INTERFACE_ADDRESS = {"address": Provide(InterfaceAddress, sync_to_thread=False)}


async def redirected(
    request: AnyRequest,
    reads: Reads,
    address: VersionAddress,
    rest: str = "",
    at: Moment | None = None,
) -> Response[Any]:
    """307 to the version a range leads to now; asked again each time, since that changes."""
    number = await _number(reads, address, at or await moment(reads, None, None))
    pairs = [pair for pair in request.query_params.multi_items() if pair[0] != "prereleases"]
    query = "?" + urlencode(pairs) if pairs else ""
    location = f"/v1/services/{address.slug}/versions/{number}{rest}{query}"
    headers = {
        "Location": location,
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
    }
    return Response(b"", status_code=307, headers=headers, media_type="application/json")


async def _number(reads: Reads, address: VersionAddress, at: Moment) -> str:
    if found := await _found(reads, address, at):
        return found
    if not await catalogue.known(reads, [address.slug], at.size):
        raise UnknownService(service=address.slug)
    raise UnknownVersion(service=address.slug, version=address.version)


async def _found(reads: Reads, address: VersionAddress, at: Moment) -> str | None:
    if address.version == LATEST and not address.prereleases:
        return await store.newest(reads, address.slug, at)
    wanted = _range(address.version)
    numbers = map(semver.parse, await store.offered(reads, address.slug, at))
    found = semver.best_match(wanted, numbers, prereleases=address.prereleases)
    return str(found) if found else None


def _range(asked: str) -> semver.Range:
    """The range asked for; what is none is explained as the number it seems to be."""
    if asked == LATEST:
        return semver.parse_range("*")
    try:
        return semver.parse_range(asked)
    except semver.OddRange:
        semver.parse(asked)
        raise
