"""Whatever comes, in whatever order: moves and holdings are what the events say, through power cuts too."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from station.domain.core.conditions import Conditions
from station.domain.core.decider import Recorded
from station.domain.core.inputs import BarcodeScanned, DeadlineReached, Input, NumberKeyed
from station.domain.holdings.folding import Holdings
from station.domain.identifiers import command_text
from station.domain.lifecycle.inputs import Started
from station.domain.moves.events import MoveRecorded
from station.domain.people.inputs import BadgePresented
from station.domain.session.events import (
    SessionAbandoned,
    SessionClosed,
    SessionOpened,
    SessionQuantity,
    SessionScanned,
    SessionSigned,
    SessionUndone,
)
from station.domain.session.signing import digest_of
from station.domain.session.state import Phase
from station.domain.station.state import INITIAL, Station, is_at_rest, with_floor
from station.domain.station.viewing import view
from tests.domain.stamping import Stamping
from tests.domain.tags import text_of
from tests.entry.world import hmac_of, offered, roster_bytes
from tests.snapshots import through_snapshot

SCANNERS = ("gun", "pole")
PLACES = ("Vault", "Floor", "Dock")
BOOT_MS = 1_800_000_000_000


@dataclass
class Model:
    """A list of moves told again from its events alone, the slow and obvious way."""

    lines: list[Recorded] = field(default_factory=list)
    in_hand: dict[str, str] = field(default_factory=dict)
    put_down: dict[int, MoveRecorded] = field(default_factory=dict)
    leaf_hashes: list[bytes] = field(default_factory=list)
    moved: list[MoveRecorded] = field(default_factory=list)
    signed: list[SessionSigned] = field(default_factory=list)
    session: str = ""

    def take(self, recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, SessionOpened):
            self.lines, self.in_hand, self.put_down = [], {}, {}
            self.leaf_hashes, self.signed, self.session = [], [], event.session
        if getattr(event, "session", "") == self.session and not self.signed and not isinstance(event, SessionSigned):
            self.leaf_hashes.append(recorded.leaf_hash)
        match event:
            case SessionScanned(tag=tag, location=location):
                assert tag not in self.in_hand, "what is in hand is picked up no second time"
                self.in_hand[tag] = location
                self.lines.append(recorded)
            case SessionQuantity(tag=tag):
                assert tag in self.in_hand
                self.lines.append(recorded)
            case SessionUndone() as undone:
                self._undo(undone)
            case MoveRecorded() as move:
                self._move(recorded, move)
            case SessionSigned() as signed:
                assert signed.digest == digest_of(self.leaf_hashes)
                assert signed.actors[0].id not in [each.actors[0].id for each in self.signed]
                self.signed.append(signed)
            case SessionClosed(packages=packages):
                assert not self.in_hand
                assert packages == len(self.put_down)
                self.session = ""
            case SessionAbandoned():
                self.session = ""

    def _undo(self, undone: SessionUndone) -> None:
        mine = [line for line in self.lines if getattr(line.event, "scanner", "") == undone.scanner]
        assert mine[-1].seq == undone.corrects, "an undo reverses the newest unreversed line of its scanner"
        self.lines.remove(mine[-1])
        if isinstance(mine[-1].event, SessionScanned):
            del self.in_hand[undone.tag]

    def _move(self, recorded: Recorded, move: MoveRecorded) -> None:
        self.moved.append(move)
        assert move.from_place != move.to_place
        if move.corrects is not None:
            before = self.put_down.pop(move.corrects)
            assert (move.from_place, move.to_place) == (before.to_place, before.from_place)
            assert (move.tag, move.quantity) == (before.tag, before.quantity)
            return
        assert move.from_place == self.in_hand.pop(move.tag)
        assert move.quantity == self.quantity(move.tag)
        about = [line for line in self.lines if getattr(line.event, "tag", "") == move.tag]
        self.lines = [line for line in self.lines if line not in about or line.seq in self.put_down]
        self.lines.append(recorded)
        self.put_down[recorded.seq] = move

    def quantity(self, tag: str) -> str | None:
        """The newest one keyed for what is in hand."""
        keyed = [line.event for line in self.lines if isinstance(line.event, SessionQuantity) and line.event.tag == tag]
        return keyed[-1].quantity if keyed else None

    def held(self) -> dict[tuple[str, str], Decimal | None]:
        """What lies where by the moves alone; None is some, nobody has said how much."""
        places: dict[tuple[str, str], Decimal | None] = {}
        for move in self.moved:
            come, to = (move.tag, move.from_place), (move.tag, move.to_place)
            amount = None if move.quantity is None else Decimal(move.quantity)
            came = amount if amount is not None else places.get(come)
            if come in places and (amount is None or places[come] == amount):
                del places[come]
            elif come in places and amount is not None and (lay := places[come]) is not None:
                places[come] = lay - amount
            there = places.get(to, Decimal(0))
            places[to] = None if there is None or came is None else there + came
            if places[to] == 0:
                del places[to]
        return places

    def check(self, station: Station) -> None:
        assert held_of(station.holdings) == self.held()
        moves = station.moves
        assert (moves.phase is not Phase.IDLE) == bool(self.session)
        if not self.session:
            return
        assert {tag: (each.place, each.quantity) for tag, each in moves.in_hand.items()} == {
            tag: (place, self.quantity(tag)) for tag, place in self.in_hand.items()
        }
        assert dict(moves.put_down.items()) == self.put_down
        kept = {line.seq for lines in moves.lines.values() for line in lines}
        assert kept == {line.seq for line in self.lines}
        assert [each.id for each in moves.signed] == [each.actors[0].id for each in self.signed]


def held_of(holdings: Holdings) -> dict[tuple[str, str], Decimal | None]:
    return {(tag, place): held.quantity for tag, places in holdings.by_tag.items() for place, held in places.items()}


# -- what can come --


def cards() -> list[Input]:
    usual = [text_of(word) for word in ("A", "B", "C", "A#1")] * 4
    usual += [command_text("location", place) for place in PLACES] * 4
    usual += [command_text("person", person) for person in ("ana", "ben")] * 2
    usual += [command_text("digit", digit) for digit in "05."] + [command_text("enter")] * 3
    usual += [command_text(verb) for verb in ["undo", "undo", "seen", "move", "sign", "sign", "close"] * 2]
    usual += [command_text(verb) for verb in ("pause", "resume", "abandon", "start-count", "clear")]
    return [BarcodeScanned(scanner, 0, text.encode()) for scanner in SCANNERS for text in usual]


def twice(verb: str) -> list[tuple[Input, ...]]:
    return [(BarcodeScanned(scanner, 0, command_text(verb).encode()),) * 2 for scanner in SCANNERS]


def carried(places: tuple[str, str], letters: str) -> tuple[Input, ...]:
    """Packages from one place to another by one scanner, refusals seen."""
    texts = [command_text("seen"), command_text("location", places[0]), *map(text_of, letters)]
    return tuple(BarcodeScanned("gun", 0, text.encode()) for text in (*texts, command_text("location", places[1])))


SIGNING = tuple(
    BarcodeScanned("gun", 0, command_text(*card).encode())
    for card in (("seen",), ("person", "ana"), ("sign",), ("person", "ben"), ("sign",))
)
START = Started(0, "", BOOT_MS, "synced", "1.0", "1", duties=("count", "stock"))
STEPS = st.sampled_from(
    [
        *((card,) for card in cards()),
        *twice("undo") * 8,
        *[carried(places, letters) for places in (PLACES[:2], PLACES[1:]) for letters in ("A", "AB", "C")] * 3,
        *[SIGNING] * 4,
        *[(NumberKeyed("keypad", 0, text),) for text in (b"5", b"2.5", b"0")] * 4,
        *[(BadgePresented("desk", 0, "desk", hmac_of(name)),) for name in ("ana", "ben", "sam", "stranger")] * 2,
        (DeadlineReached(0),),
        *[(START,)] * 3,
    ]
)
PAUSES_MS = st.sampled_from([0] * 8 + [1, 500, 9_000, 11_000, 31_000] + [10**6])
READERS = st.sampled_from([(), ("desk",)])


def timed(readers: tuple[str, ...], steps: list[tuple[int, tuple[Input, ...]]]) -> list[Input]:
    """The inputs at their moments: a start, a roster, a list of moves, and whatever comes. A start is a power cut."""
    begin = [replace(START, boot="boot-0", readers=readers), offered(0, 1)]
    begin.append(BarcodeScanned("gun", 0, command_text("move").encode()))
    begin.append(BadgePresented("desk", 0, "desk", hmac_of("ana")))
    history, at = begin, 0
    for pause_ms, inputs in steps:
        for input in inputs:
            if isinstance(input, Started):
                history.append(replace(input, at=at, boot=f"boot-{len(history)}", readers=readers))
            else:
                at += pause_ms
                history.append(replace(input, at=at))
    return history


HISTORIES = st.builds(timed, READERS, st.lists(st.tuples(PAUSES_MS, STEPS), min_size=10, max_size=60))
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROSTER = roster_bytes(1)


def run(history: Iterable[Input]) -> Stamping:
    stamping, model, taken = Stamping(), Model(), 0
    for put in history:
        stamping.put(put)
        for recorded in stamping.recorded[taken:]:
            model.take(recorded)
        taken = len(stamping.recorded)
        model.check(stamping.station)
        phases = [stamping.station.count.phase, stamping.station.moves.phase]
        assert phases.count(Phase.OPEN) == bool(with_floor(stamping.station)), "one session has the floor"
        view(stamping.station, Conditions(), stamping.now)
    return stamping


@QUICK
@given(HISTORIES)
def test_moves_and_holdings_are_what_the_events_say_and_a_replay_says_the_same(history: list[Input]) -> None:
    stamping = run(history)
    assert stamping.replayed() == stamping.station
    assert INITIAL.holdings == Holdings()


@QUICK
@given(HISTORIES, st.data())
def test_a_power_cut_at_any_point_changes_nothing_that_was_recorded(history: list[Input], drawn: st.DataObject) -> None:
    """The state before a start, but for what cannot outlive a boot, is the state after it."""
    stamping = run(history[: drawn.draw(st.integers(4, len(history)), label="the cut")])
    before = stamping.station.moves
    start = history[0]
    assert isinstance(start, Started)
    stamping.put(replace(start, at=7, boot="after"))
    after = stamping.station.moves
    gone = {"undo_asked": after.undo_asked, "identified": after.identified, "active_at": after.active_at}
    assert after == replace(before, **gone)
    assert not after.undo_asked
    assert after.identified is None
    assert after.active_at == (7 if after.phase is not Phase.IDLE else before.active_at)


@QUICK
@given(HISTORIES)
def test_a_snapshot_at_rest_keeps_holdings_numbers_and_what_nobody_has_seen(history: list[Input]) -> None:
    stamping = run([*history, *(replace(each, at=10**9) for each in ENDING)])
    station = stamping.station
    assert is_at_rest(station)
    again = through_snapshot(station, {station.people.roster_document: ROSTER})
    for name in station.__struct_fields__:
        if name not in ("newest", "newest_own"):
            assert getattr(again, name) == getattr(station, name), name


ENDING = [BarcodeScanned("gun", 0, command_text(verb).encode()) for verb in ("abandon", "abandon", "undo")]
"""Whatever is open is given up, and something is refused."""
