"""What stands of the entry is in the snapshot as it is, whatever it is."""

from random import Random

from msgspec.structs import replace

from station.journal import snapshot
from tests.entry.play import entered
from tests.entry.shift import Shift
from tests.snapshots import through_snapshot


def test_a_snapshot_holds_who_is_inside_and_what_is_pending() -> None:
    shift, seen = Shift(Random(11)), 0
    while shift.steps < 2_000:
        shift.go_on()
        station = shift.stamping.station
        if snapshot.can_snapshot(station):
            again = through_snapshot(station, shift.stamping.documents)
            assert (again.entry, again.proven_ms) == (station.entry, station.proven_ms)
            seen += bool(station.entry.inside)
    assert seen > 50


def test_a_snapshot_of_a_state_with_another_number_inside_is_another() -> None:
    station = entered("").station
    emptied = replace(station, entry=replace(station.entry, inside=()))
    assert snapshot.encode(station) != snapshot.encode(emptied)
