"""The keypad outside, with real verifiers: what is told of a PIN, in which order, and that no digit goes further."""

import threading
from collections.abc import Callable, Iterator

import pytest

from drivers.simulated import SimulatedKeypad
from station.domain.core.inputs import Input, NumberKeyed, ScanSpoiled, SourceFound, SourceLost
from station.domain.entry.pins import Awaited
from station.domain.people.inputs import PinKeyed
from station.domain.people.sealing import is_pin, pin_verifier
from station.door import pin_keypad
from station.door.pin_keypad import NOBODYS, PinKeypad
from tests.drivers.watch import WAIT_S, Running
from tests.waiting import wait_for

PIN = "80573914"
BEN = Awaited("ben", pin_verifier(PIN, bytes(range(16))))
OLAF = Awaited("olaf", pin_verifier("2468", bytes(16)))


def nobody() -> None:
    return None


def simulated(awaited: Callable[[], Awaited | None] = lambda: BEN) -> tuple[SimulatedKeypad, PinKeypad]:
    keypad = SimulatedKeypad("pins", now=lambda: 7)
    return keypad, PinKeypad(keypad, awaited)


class Compared:
    """What was compared with what, in the place of scrypt; it waits while `gate` is shut."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[str, str]] = []
        self.gate = threading.Event()
        self.gate.set()
        patch.setattr(pin_keypad, "is_pin", self)

    def __call__(self, pin: str, verifier: str) -> bool:
        self.seen.append((pin, verifier))
        assert self.gate.wait(WAIT_S)
        return pin == PIN


@pytest.mark.parametrize(
    ("line", "is_right"),
    [(PIN, True), ("80573915", False), ("8057391", False), ("805739140", False), ("2468", False), ("", False)],
)
def test_it_tells_whose_pin_was_awaited_and_whether_it_was_right(line: str, is_right: bool) -> None:
    keypad, source = simulated()
    with Running(source) as running:
        keypad.push_line(line.encode())
        assert running.next() == PinKeyed("pins", 7, "ben", is_right)


def test_the_right_pin_of_another_is_wrong_and_where_nobody_is_awaited_each_is() -> None:
    whose: list[Awaited | None] = [OLAF]
    keypad, source = simulated(lambda: whose[0])
    with Running(source) as running:
        keypad.push_line(PIN.encode())
        assert running.next() == PinKeyed("pins", 7, "olaf", False)
        whose[0] = None
        keypad.push_line(PIN.encode())
        assert running.next() == PinKeyed("pins", 7, "", False)


def test_the_same_work_is_done_where_nobody_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = Compared(monkeypatch)
    keypad, source = simulated(nobody)
    with Running(source) as running:
        keypad.push_line(PIN.encode())
        assert running.next() == PinKeyed("pins", 7, "", False)
    assert compared.seen == [(PIN, NOBODYS)]
    assert not is_pin(PIN, NOBODYS)
    assert NOBODYS.split(":")[:4] == BEN.verifier.split(":")[:4]


def test_what_no_pin_can_be_is_compared_too_and_what_was_not_entered_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = Compared(monkeypatch)
    keypad, source = simulated()
    with Running(source) as running:
        for reason in ("too_slow", "cut_off", "strange_key"):
            keypad.spoil_line(reason, PIN.encode())
        assert running.next() == PinKeyed("pins", 7, "ben", False)
        keypad.push_line(b"\xff\xfe")
        assert running.next() == PinKeyed("pins", 7, "ben", False)
    assert [pin for pin, _ in compared.seen] == ["", "\ufffd\ufffd"]


def test_no_digit_crosses_whatever_is_keyed() -> None:
    keypad, source = simulated()
    with Running(source) as running:
        keypad.push_line(PIN.encode())
        keypad.spoil_line("keys_lost", PIN.encode())
        keypad.unplug()
        told = running.take(3)
    assert not any(isinstance(input, NumberKeyed | ScanSpoiled) for input in told)
    assert not any(PIN in repr(part) for part in (told, source, vars(source)))


def test_it_reads_on_while_it_compares_and_refuses_more_than_a_person_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = Compared(monkeypatch)
    compared.gate.clear()
    keypad, source = simulated()
    with Running(source) as running:
        for line in (b"1", b"2", PIN.encode(), PIN.encode(), PIN.encode()):
            keypad.push_line(line)
        keypad.unplug()
        wait_for(lambda: source._read.qsize() == 4)  # the second, one for all others, the loss, the end
        compared.gate.set()
        assert running.take(3) == [PinKeyed("pins", 7, "ben", False)] * 3
        assert isinstance(running.next(), SourceLost)
        keypad.plug()
        assert isinstance(running.next(), SourceFound)
        keypad.push_line(PIN.encode())
        assert running.next() == PinKeyed("pins", 7, "ben", True)
    assert [pin for pin, _ in compared.seen] == ["1", "2", PIN]


def test_its_losses_are_told_as_they_are_and_it_goes_on_afterwards() -> None:
    keypad, source = simulated()
    with Running(source) as running:
        keypad.unplug()
        assert running.next() == SourceLost("pins", 7, "unplugged")
        keypad.plug()
        assert running.next() == SourceFound("pins", 7)
        wait_for(lambda: running.returns >= 1)
        keypad.push_line(PIN.encode())
        assert running.next() == PinKeyed("pins", 7, "ben", True)


def test_a_stop_ends_it_while_a_pin_is_compared_and_the_rest_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = Compared(monkeypatch)
    compared.gate.clear()
    keypad, source = simulated()
    running = Running(source)
    with running:
        keypad.push_line(b"1")
        keypad.push_line(b"2")
        wait_for(lambda: len(compared.seen) == 1)
        source.close()
        compared.gate.set()
    assert running.seen.get(timeout=WAIT_S) == PinKeyed("pins", 7, "ben", False)
    assert running.seen.empty()
    assert len(compared.seen) == 1
    assert list(source.inputs()) == []


class Broken:
    """A keypad whose driver has a fault."""

    name = "pins"

    def __init__(self) -> None:
        self.times = 0

    def inputs(self) -> Iterator[Input]:
        self.times += 1
        yield SourceFound("pins", self.times)
        raise RuntimeError("a fault")

    def close(self) -> None: ...


def test_a_fault_of_the_driver_comes_to_whoever_supervises_it_and_it_can_be_tried_again() -> None:
    source = PinKeypad(Broken(), nobody)
    for times in (1, 2):
        read = source.inputs()
        assert next(read) == SourceFound("pins", times)
        with pytest.raises(RuntimeError, match="a fault"):
            next(read)


def test_a_reading_that_was_given_up_is_gone_on_with_and_not_begun_twice() -> None:
    keypad, source = simulated()
    keypad.push_line(PIN.encode())
    first = source.inputs()
    assert next(first) == PinKeyed("pins", 7, "ben", True)
    first.close()  # type: ignore[attr-defined]
    with Running(source) as running:
        keypad.push_line(b"1")
        keypad.push_line(PIN.encode())
        assert [input.is_right for input in running.take(2) if isinstance(input, PinKeyed)] == [False, True]
