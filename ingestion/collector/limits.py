"""How much is taken, of a request and of an address."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

KB = 1024
_TOKEN_BYTES = 16 * KB
_ADDRESSES = 20_000


@dataclass(frozen=True)
class Limits:
    """The bounds of a request: Segment's own where it has some."""

    event_bytes: int = 32 * KB
    body_bytes: int = 500 * KB
    batch_events: int = 2_500
    body_seconds: float = 10
    """A body that takes longer to come is given up."""


class TokenBuckets:
    """How much each address may still send: `rate` requests a second, ten times as many at once.

    A large request counts as several. Addresses are held in memory alone, those seen last; of IPv6,
    where one customer has a network, the network.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._most = rate * 10
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, byte_count: int = 0) -> float:
        """Takes for one request; the seconds to wait where there is not enough, else 0.

        A request that finds anything is taken whole, on credit.
        """
        key, now = customer_network(address), self._clock()
        tokens = self._tokens(key, now)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
        if not wait:
            tokens -= 1 + byte_count // _TOKEN_BYTES
        self._keep(key, tokens, now)
        return wait

    def charge(self, address: str, byte_count: int) -> None:
        """Takes, on credit, for bytes that a request turned out to bring beyond those of `take`:
        a few that are unpacked or repeated are many."""
        key, now = customer_network(address), self._clock()
        self._keep(key, self._tokens(key, now) - max(0, byte_count) // _TOKEN_BYTES, now)

    def _tokens(self, key: str, now: float) -> float:
        """Takes the bucket out: what is in it by now."""
        tokens, since = self._buckets.pop(key, (self._most, now))
        return min(self._most, tokens + (now - since) * self._rate)

    def _keep(self, key: str, tokens: float, now: float) -> None:
        self._buckets[key] = (tokens, now)
        if len(self._buckets) > _ADDRESSES:
            self._buckets.popitem(last=False)


def unmapped(address: str) -> str:
    """An IPv4 address as such where it comes mapped to one of IPv6, as a socket for both has it."""
    if not address.lower().startswith("::ffff:"):
        return address
    try:
        mapped = ipaddress.IPv6Address(address).ipv4_mapped
    except ValueError:
        return address
    return str(mapped) if mapped else address


@lru_cache(maxsize=2_000)
def customer_network(address: str) -> str:
    """What one customer of a provider has: an address of IPv4, of IPv6 a /64, in which they have as
    many as they like. Other text as it is."""
    address = unmapped(address)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
