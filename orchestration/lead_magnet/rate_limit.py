"""How often an address may send a form: kept in memory alone, and forgotten with time."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from ingestion.collector.limits import customer_network

MOST_ADDRESSES = 10_000


class RateLimit:
    """At most `most` in any `seconds` from one address; of IPv6, from one /64."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def seconds_to_wait(self, address: str) -> int:
        """Counts one more from this address; 0 if it may be, else how long it has to wait, in whole
        seconds, and it is not counted."""
        now = self._clock()
        network = customer_network(address)
        times = self._times.setdefault(network, deque(maxlen=self._most))
        self._times.move_to_end(network)
        if len(self._times) > MOST_ADDRESSES:
            self._times.popitem(last=False)
        if len(times) == self._most and now - times[0] < self._seconds:
            return max(1, math.ceil(self._seconds - (now - times[0])))
        times.append(now)
        return 0
