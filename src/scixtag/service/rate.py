"""How many requests of one client are answered."""

import math
import time
from collections import OrderedDict
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from starlette.types import Scope

from scixtag.service.contract.problems import Problem

_BURST = 5.0
"""Seconds whose requests may come at once."""
_CLIENTS = 10_000
_LONGEST = 64
_QUIET = 1.0
"""Seconds of one client's refusals that share a line in the log."""


class _Bucket(NamedTuple):
    left: float
    at: float
    told: float = -math.inf


class Rate:
    """A bucket a client, which fills at the rate and holds a burst.

    Args:
        rate: Requests a second; 0: no limit.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._full = max(1.0, rate * _BURST)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def count(self, client: str) -> None:
        """Take one request out of a client's bucket.

        Raises:
            Problem: It is empty.
        """
        if not self._rate:
            return
        now = time.monotonic()
        bucket = self._buckets.pop(client, None) or _Bucket(self._full, now)
        if len(self._buckets) >= _CLIENTS:
            self._buckets.popitem(last=False)
        left = min(self._full, bucket.left + (now - bucket.at) * self._rate)
        if left >= 1:
            self._buckets[client] = _Bucket(left - 1, now, bucket.told)
            return
        is_told = now - bucket.told < _QUIET
        self._buckets[client] = _Bucket(left, now, bucket.told if is_told else now)
        # Rounded up: who comes when told so shall not be refused.
        wait = max(1, math.ceil((1 - left) / self._rate))
        told = f"more than {self._rate:g} requests a second; come again in {wait} s, or send papers in batches"
        problem = Problem(429, "too-many-requests", told, headers={"Retry-After": str(wait)})
        problem.is_told = is_told
        raise problem


def client_of(scope: Scope) -> str:
    """Whose a request is: an address, of IPv6 its first half, for the other half is anybody's to choose."""
    # A proxy may pass on whatever somebody wrote there.
    host = str(scope["client"][0])[:_LONGEST] if scope.get("client") else ""
    if ":" not in host:
        return host
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), 64), strict=False).network_address)
