"""Lines that no label should hold: each is refused with its reason, and nothing else changes."""

import pytest

from station.domain.core.effects import Answer, Verdict
from station.domain.core.inputs import BarcodeScanned, NumberKeyed
from station.domain.session.events import ScanRefused
from tests.domain.play import play

SCANNED = """
    1.0 gun card start-count     -> count.opened | noted
        gun card location Shelf  -> count.located | noted
        gun scans A              -> count.scanned tag=A | counted
"""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "empty"),
        (b"]C1", "empty"),
        (b"A" * 10_000, "too_long"),
        (b"1A40603\x00\x01", "control_characters"),
        ("1A4060300000001000012345é".encode(), "not_ascii"),
        (b"1a4060300000001000012345", "not_a_code"),
        (b"CS1/start-count/00", "bad_check"),
        (b"CS1/" + b"/" * 40, "bad_card"),
        (b"https://1a4.com/" + b"Z" * 30, "bad_retail_id"),
        (b"https://example.com/x", "foreign_code"),
        (b"4006381333931", "foreign_code"),
    ],
)
def test_a_hostile_line_is_refused_with_its_reason_and_counts_for_nothing(line: bytes, reason: str) -> None:
    stamping = play(SCANNED).stamping
    events, effects = stamping.put(BarcodeScanned("gun", stamping.now, line))
    assert [(event.TYPE, getattr(event, "reason", "")) for event in events] == [("scan.refused", reason)]
    assert effects == [Answer("gun", Verdict.REFUSED)]
    assert len(stamping.station.count.packages) == 1
    assert stamping.station.session.unseen == 1


@pytest.mark.parametrize("kind", [BarcodeScanned, NumberKeyed])
def test_a_refusal_keeps_forty_printable_characters_at_most(kind: type[BarcodeScanned | NumberKeyed]) -> None:
    stamping = play(SCANNED).stamping
    [refused], _ = stamping.put(kind("gun", stamping.now, bytes(range(256)) * 40))
    assert isinstance(refused, ScanRefused)
    assert 0 < len(refused.text) <= 40
    assert refused.text.isascii()
    assert refused.text.isprintable()


def test_a_scan_that_its_driver_could_not_read_whole_is_refused_with_what_there_was() -> None:
    player = play("gun spoils keys_lost -> scan.refused reason=keys_lost text=1A4 scanner=gun | refused")
    assert player.station.session.unseen == 1
