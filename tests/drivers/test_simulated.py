"""Simulated devices behave as the ports say."""

import pytest

from drivers.absent import NoDisplay, NoIndicator
from drivers.ports import Answering, Display, Indicator, Source
from drivers.simulated import PUSHED_MAX, SimulatedDisplay, SimulatedIndicator, SimulatedKeypad, SimulatedSource
from station.domain.core.conditions import Link
from station.domain.core.effects import Signal, Verdict
from station.domain.core.inputs import BarcodeScanned, NumberKeyed, ScanSpoiled, SourceFound, SourceLost
from station.domain.core.view import Phrase, Tone, View
from tests.drivers.watch import Running
from tests.waiting import wait_for

VIEW = View("count", Tone.CALM, Phrase("ready"), None, None, Link.NONE, 0, None)


def clock(moment: int = 7) -> int:
    return moment


def test_the_simulated_devices_are_what_the_ports_ask_for() -> None:
    source: Source = SimulatedSource("gun", now=clock)
    answering: Answering = SimulatedSource("gun", now=clock)
    indicators: list[Indicator] = [SimulatedIndicator(), NoIndicator()]
    displays: list[Display] = [SimulatedDisplay(), NoDisplay()]

    assert source.name == "gun"
    answering.answer(Verdict.COUNTED)
    for indicator in indicators:
        indicator.play(Signal.ACCEPTED)
        indicator.hold(Signal.NOT_RECORDING)
        indicator.close()
    for display in displays:
        display.show(VIEW)
        display.close()


def test_what_is_pushed_comes_out_in_order_with_its_moment() -> None:
    source = SimulatedSource("gun", now=clock)
    with Running(source) as running:
        source.push_line(b"one")
        source.spoil_line("keys_lost", b"tw")
        source.push_line(b"three")

        assert running.take(3) == [
            BarcodeScanned("gun", 7, b"one"),
            ScanSpoiled("gun", 7, "keys_lost", b"tw"),
            BarcodeScanned("gun", 7, b"three"),
        ]


def test_a_keypad_yields_numbers() -> None:
    keypad = SimulatedKeypad("pad", now=clock)
    with Running(keypad) as running:
        keypad.push_line(b"12.5")

        assert running.next() == NumberKeyed("pad", 7, b"12.5")


def test_unplugging_loses_it_and_plugging_finds_it() -> None:
    source = SimulatedSource("gun", now=clock)
    with Running(source) as running:
        source.unplug()
        assert running.next() == SourceLost("gun", 7, "unplugged")
        wait_for(lambda: running.returns == 1)
        source.plug()
        source.push_line(b"again")

        assert running.take(2) == [SourceFound("gun", 7), BarcodeScanned("gun", 7, b"again")]
        assert running.returns == 1


def test_an_unplugged_device_scans_nothing() -> None:
    source = SimulatedSource("gun", now=clock)
    with pytest.raises(ValueError, match="gun: is plugged in"):
        source.plug()
    source.unplug()
    with pytest.raises(ValueError, match="gun: is unplugged"):
        source.push_line(b"x")
    with pytest.raises(ValueError, match="gun: is unplugged"):
        source.unplug()


def test_what_nobody_reads_is_bounded_and_close_still_closes() -> None:
    source = SimulatedSource("gun", now=clock)
    for _ in range(PUSHED_MAX):
        source.push_line(b"x")
    with pytest.raises(ValueError, match="1000 inputs wait unread"):
        source.push_line(b"one too many")
    source.close()
    source.close()

    assert list(source.inputs()) == []


def test_answers_are_recorded() -> None:
    source = SimulatedSource("gun", now=clock)
    source.answer(Verdict.COUNTED)
    source.answer(Verdict.REFUSED)

    assert list(source.answers) == [Verdict.COUNTED, Verdict.REFUSED]


def test_the_indicator_records_and_tells_changes() -> None:
    indicator = SimulatedIndicator()
    told: list[tuple[str, Signal | None]] = []
    indicator.add_observer(lambda verb, signal: told.append((verb, signal)))
    indicator.play(Signal.ACCEPTED)
    indicator.play(Signal.ACCEPTED)
    indicator.hold(Signal.NOT_RECORDING)
    indicator.hold(Signal.NOT_RECORDING)
    indicator.close()

    assert list(indicator.played) == [Signal.ACCEPTED, Signal.ACCEPTED]
    assert told == [
        ("play", Signal.ACCEPTED),
        ("play", Signal.ACCEPTED),
        ("hold", Signal.NOT_RECORDING),
        ("hold", None),
    ]
    assert indicator.held is None


def test_the_display_keeps_the_newest_view_even_when_closed() -> None:
    display = SimulatedDisplay()
    told: list[View] = []
    display.add_observer(told.append)
    display.show(VIEW)
    display.close()

    assert display.newest == VIEW
    assert told == [VIEW]
