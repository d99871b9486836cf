"""What a receiver may ask for again."""

import json

import pytest

from station.relay.limits import LEAVES_MAX, REQUESTS_A_MINUTE_MAX, WINDOW_S, ResendRequests
from tests.relay.world import EPOCH


class Clock:
    def __init__(self) -> None:
        self.now = 10.0

    def __call__(self) -> float:
        return self.now


def asked(first: object, last: object, epoch: object = EPOCH) -> bytes:
    return json.dumps({"epoch": epoch, "from": first, "to": last}).encode()


def test_a_range_of_this_epoch_is_granted_both_ends_within() -> None:
    assert ResendRequests(EPOCH, Clock()).read_request(asked(5, 9)) == (5, 9)


def test_a_long_range_is_granted_in_part() -> None:
    assert ResendRequests(EPOCH, Clock()).read_request(asked(5, 10**9)) == (5, 4 + LEAVES_MAX)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        asked(5, 4),
        asked(-1, 4),
        asked("1", 4),
        asked(1.5, 4),
        asked(1, 4, "20250101T000000Z-0000"),
        asked(1, 4, None),
        b'{"epoch":"20261123T140405Z-7f3a","from":1}',
    ],
)
def test_anything_else_is_not(payload: bytes) -> None:
    resends = ResendRequests(EPOCH, Clock())

    assert resends.read_request(payload) is None
    assert resends.read_request(asked(1, 1)) == (1, 1)


def test_so_many_a_minute_and_no_more() -> None:
    clock = Clock()
    resends = ResendRequests(EPOCH, clock)
    granted = [resends.read_request(asked(seq, seq)) for seq in range(REQUESTS_A_MINUTE_MAX + 5)]
    assert sum(each is not None for each in granted) == REQUESTS_A_MINUTE_MAX
    assert granted[-1] is None

    clock.now += WINDOW_S
    assert resends.read_request(asked(7, 7)) == (7, 7)


def test_what_is_refused_uses_nothing_up() -> None:
    resends = ResendRequests(EPOCH, Clock())
    for _ in range(10 * REQUESTS_A_MINUTE_MAX):
        resends.read_request(asked(1, 4, "another"))

    assert resends.read_request(asked(1, 4)) == (1, 4)
