"""From which address a request comes; of what proxies say, only that of trusted ones counts."""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache

from registry.web.requests import AnyRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=8)
def networks(text: str) -> tuple[Network, ...]:
    """The ranges of a comma-separated list."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_address(request: AnyRequest) -> Address | None:
    """The address of the caller: the last one named that is no trusted proxy's.

    What stands further left in `X-Forwarded-For` may be made up by the caller. None where the
    server does not tell an address (a socket of the machine).
    """
    peer = read_address(request.client.host) if request.client else None
    trusted = networks(request.app.state.settings.trusted_proxies)
    if peer is None or not trusted or not is_within(peer, trusted):
        return peer
    told = ",".join(request.headers.getall("x-forwarded-for", [])).split(",")
    for text in reversed(told):
        address = read_address(text.strip())
        if address is None:
            return peer
        peer = address
        if not is_within(address, trusted):
            return address
    return peer


def read_address(text: str) -> Address | None:
    """An address as it is compared: IPv4 in IPv6 as the IPv4 it is."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_within(address: Address, ranges: Iterable[Network]) -> bool:
    """Whether an address lies in one of the ranges."""
    return any(address in network for network in ranges)


def is_allowed(address: Address | None, cidrs: Sequence[str]) -> bool:
    """Whether a token that is taken from these ranges only is taken from this address."""
    if not cidrs:
        return True
    return address is not None and is_within(address, networks(",".join(cidrs)))
