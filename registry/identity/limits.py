"""How often one caller may ask for what changes something or costs much.

Callers are told apart by token, person or address. Each has a bucket which fills evenly, in the
memory of the process: several processes allow each caller that many times as much, and a restart
forgets.
"""

import ipaddress
import math
import time
from collections import OrderedDict

import msgspec

from registry.authority import Actor
from registry.errors import Refusal
from registry.identity.addresses import client_address
from registry.settings import Settings
from registry.web.requests import AnyRequest

_MOST_CALLERS = 50_000
_SECONDS = 60.0


class TooManyRequests(Refusal):
    """The caller asked more often than it may; `retry_after` is in seconds."""

    code = "too-many-requests"
    status = 429


class Bucket(msgspec.Struct):
    """What is left of an allowance, and when that was so (seconds of a steady clock)."""

    left: float
    at: float


class Limits:
    """The allowances of all callers; `quotas` by name, in calls a minute (0: no limit)."""

    def __init__(self, settings: Settings) -> None:
        self._quotas = {"unsafe": settings.rate_limit, "costly": settings.costly_rate_limit}
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()

    def count(self, request: AnyRequest, caller: Actor | None, *, costly: bool) -> None:
        """Take one call off the allowance of a token or person, or of an address without one."""
        name = "costly" if costly else "unsafe"
        quota = self._quotas[name]
        if quota:
            wait = self._take((name, _whose(request, caller)), quota, time.monotonic())
            if wait:
                raise TooManyRequests(limit=quota, policy=name, retry_after=wait)

    def _take(self, key: tuple[str, str], quota: int, now: float) -> int:
        """Take one off; where nothing is left, the whole seconds until there is."""
        bucket = self._buckets.setdefault(key, Bucket(quota, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > _MOST_CALLERS:
            self._buckets.popitem(last=False)
        bucket.left = min(quota, bucket.left + (now - bucket.at) * quota / _SECONDS)
        bucket.at = now
        if bucket.left < 1:
            return math.ceil((1 - bucket.left) * _SECONDS / quota)
        bucket.left -= 1
        return 0


def _whose(request: AnyRequest, caller: Actor | None) -> str:
    if caller is not None:
        return caller.token or caller.person or caller.organisation
    return network_of(request)


def network_of(request: AnyRequest) -> str:
    """The network a call comes from: one address of IPv4, 64 bits of IPv6."""
    address = client_address(request)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
