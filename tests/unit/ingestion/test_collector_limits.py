"""Token buckets, by a clock that the test sets."""

from __future__ import annotations

from ingestion.collector import limits
from ingestion.collector.limits import TokenBuckets


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_ten_seconds_worth_is_taken_at_once_and_then_the_rate() -> None:
    clock = Clock()
    buckets = TokenBuckets(2, clock)
    assert [buckets.take("192.0.2.1") for _ in range(21)] == [0.0] * 20 + [0.5]
    clock.now = 0.49
    assert 0 < buckets.take("192.0.2.1") < 0.02
    clock.now = 0.5
    assert buckets.take("192.0.2.1") == 0.0
    assert buckets.take("192.0.2.1") == 0.5
    clock.now = 1_000
    assert [buckets.take("192.0.2.1") for _ in range(21)] == [0.0] * 20 + [0.5]


def test_a_large_request_counts_as_several() -> None:
    buckets = TokenBuckets(2, Clock())
    assert buckets.take("192.0.2.1", 500 * 1024) == 0.0
    # 1 + 31 of 20: on credit
    assert buckets.take("192.0.2.1") == 6.5


def test_addresses_do_not_share_but_those_of_one_ipv6_network_do() -> None:
    buckets = TokenBuckets(0.1, Clock())
    assert buckets.take("192.0.2.1") == 0.0
    assert buckets.take("192.0.2.1") > 0
    assert buckets.take("192.0.2.2") == 0.0
    assert buckets.take("2001:db8::1") == 0.0
    assert buckets.take("2001:db8::ffff:1") > 0
    assert buckets.take("2001:db8:0:1::1") == 0.0
    assert buckets.take("") == 0.0


def test_an_address_is_one_however_the_socket_writes_it() -> None:
    buckets = TokenBuckets(0.1, Clock())
    assert buckets.take("::ffff:192.0.2.1") == 0.0
    assert buckets.take("192.0.2.1") > 0
    assert buckets.take("::FFFF:192.0.2.2") == 0.0
    assert limits.unmapped("::ffff:127.0.0.1") == "127.0.0.1"
    assert limits.unmapped("::ffff:nobody") == "::ffff:nobody"


def test_what_a_request_brings_beyond_what_it_announced_is_charged_on_credit() -> None:
    buckets = TokenBuckets(2, Clock())
    assert buckets.take("192.0.2.1") == 0.0
    buckets.charge("192.0.2.1", -500)
    buckets.charge("192.0.2.1", 15 * 1024)
    assert buckets.take("192.0.2.1") == 0.0
    buckets.charge("192.0.2.1", 320 * 1024)
    # 18 - 20 of the 20: one and a half seconds until there is one
    assert buckets.take("192.0.2.1") == 1.5


def test_no_more_addresses_are_held_than_may_be() -> None:
    buckets = TokenBuckets(0.1, Clock())
    for number in range(limits._ADDRESSES + 1):
        buckets.take(f"host-{number}")
    assert len(buckets._buckets) == limits._ADDRESSES
    assert buckets.take("host-1") > 0
    assert buckets.take("host-0") == 0.0
