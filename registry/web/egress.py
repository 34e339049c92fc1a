"""Calls to addresses that others gave: nothing inside our own network is ever reached by them.

Every address a name leads to is checked, the connection goes to the one that was checked, and the
socket checks again. Redirects are answers like others. Ranges the operator allows (receivers in a
closed administrative network) may use every port, and HTTP without encryption.
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SECONDS = 15.0
MOST_BYTES = 65_536
_PORTS = frozenset({443, 8443})
_LONGEST_URL = 2_000

# What `is_global` lets pass in some release of Python, and must not be reached (IANA registries of
# special addresses, RFC 6890 and its successors).
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",
            "224.0.0.0/3",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "3fff::/20",
        ),
    )
)
_UNICAST = ipaddress.ip_network("2000::/3")


class Unreachable(Exception):
    """A call that got no answer; `reason` is one word of the delivery log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Forbidden(Unreachable):
    """An address that is never called; trying again changes nothing."""


class _ForbiddenAddress(OSError):
    """As the HTTP client passes it on."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: at most as many bytes as were asked for, and whether that is all."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet and leads nowhere else.

    Addresses that carry another one inside (RFC 4291 mapped, RFC 6052, 6to4, Teredo) are not.
    """
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return False
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    return address.is_global


class Guard(AbstractResolver):
    """Which addresses may be connected to; resolves names, and refuses if one address is bad."""

    def __init__(self, allowed: tuple[Network, ...], *, encrypted: bool) -> None:
        self._allowed = allowed
        self._encrypted = encrypted

    def admits(self, address: Address, port: int) -> bool:
        """Whether a connection may go there; without encryption only where the operator allows."""
        if any(address in net for net in self._allowed if net.version == address.version):
            return True
        return self._encrypted and port in _PORTS and is_public(address)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        for *_, place in found:
            self.require(place)
        return [_resolved(host, port, family, place) for family, _, _, _, place in found]

    def make_socket(self, info: Any) -> socket.socket:
        """The last check, on the address itself: names written as numbers are not resolved."""
        self.require(info[4])
        return socket.socket(*info[:3])

    def require(self, place: Any) -> None:
        """Refuse a socket address (host, port, …)."""
        if not self.admits(ipaddress.ip_address(place[0].partition("%")[0]), place[1]):
            raise _ForbiddenAddress(place[0])

    async def close(self) -> None:
        """Nothing is held."""


def _resolved(host: str, port: int, family: int, place: Any) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=place[0],
        port=port,
        family=family,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


def ranges(text: str) -> tuple[Network, ...]:
    """Ranges of addresses by commas, as the setting `egress_allowed` gives them."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


class Egress:
    """The one way out of the registry; made by `open_egress`."""

    def __init__(self, sessions: Mapping[str, aiohttp.ClientSession]) -> None:
        self._sessions = sessions

    async def get(self, url: str, *, most: int = MOST_BYTES, seconds: float = SECONDS) -> Reply:
        """Fetch; raises Unreachable."""
        return await self._send("GET", url, {}, None, most, seconds)

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float = SECONDS
    ) -> Reply:
        """Send a body; raises Unreachable."""
        return await self._send("POST", url, headers, body, MOST_BYTES, seconds)

    async def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        most: int,
        seconds: float,
    ) -> Reply:
        target = readable_url(url)
        session = self._sessions[target.scheme]
        limit = aiohttp.ClientTimeout(total=seconds)
        try:
            async with session.request(
                method, target, headers=headers, data=body, allow_redirects=False, timeout=limit
            ) as answer:
                found, whole = await _read(answer.content, most)
                return Reply(status=answer.status, headers=answer.headers, body=found, whole=whole)
        except TimeoutError:
            raise Unreachable("timed-out") from None
        except aiohttp.ClientError as error:
            raise _explained(error) from None


async def _read(content: aiohttp.StreamReader, most: int) -> tuple[bytes, bool]:
    """At most so many bytes, and whether that is all."""
    body = bytearray()
    async for part in content.iter_any():
        body += part
        if len(body) > most:
            return bytes(body[:most]), False
    return bytes(body), True


def readable_url(text: str) -> URL:
    """An address that may be called at all, whatever its name leads to; raises Forbidden."""
    try:
        url = URL(text)
        sound = url.scheme in ("https", "http") and url.host and url.port
    except ValueError:
        raise Forbidden("no-url") from None
    if not sound or url.user is not None or url.password is not None or len(text) > _LONGEST_URL:
        raise Forbidden("no-url")
    return url


def _explained(error: aiohttp.ClientError) -> Unreachable:
    inner = getattr(error, "os_error", error)
    if isinstance(inner, _ForbiddenAddress) or isinstance(inner.__cause__, _ForbiddenAddress):
        return Forbidden("forbidden-address")
    if isinstance(error, aiohttp.InvalidURL):
        return Forbidden("no-url")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unreachable("name-unknown")
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError):
        return Unreachable("certificate")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable("not-connected")
    return Unreachable("broken-answer")


@asynccontextmanager
async def open_egress(allowed: str) -> AsyncGenerator[Egress]:
    """The client for a process; `allowed` are ranges of our own network that may be called."""
    networks = ranges(allowed)
    async with (
        _session(Guard(networks, encrypted=True)) as https,
        _session(Guard(networks, encrypted=False)) as http,
    ):
        yield Egress({"https": https, "http": http})


def _session(guard: Guard) -> aiohttp.ClientSession:
    """A client without proxies of the environment, cookies, redirects or unpacking of answers."""
    connector = aiohttp.TCPConnector(
        resolver=guard,
        use_dns_cache=False,
        socket_factory=guard.make_socket,
        limit=0,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "efa-registry"},
        skip_auto_headers=("Content-Type",),
    )
