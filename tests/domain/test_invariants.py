"""Whatever comes, in whatever order: what must hold after every input, and after a replay."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rpds import HashTrieMap

from station.domain.core.conditions import Conditions
from station.domain.core.decider import Recorded
from station.domain.core.effects import Answer, Verdict
from station.domain.core.event import Event
from station.domain.core.inputs import (
    BarcodeScanned,
    DeadlineReached,
    DocumentOffered,
    Input,
    NumberKeyed,
    ScansOverflowed,
    ScanSpoiled,
    SourceFound,
    SourceLost,
)
from station.domain.count.book import read_plan
from station.domain.count.events import (
    CountAbandoned,
    CountClosed,
    CountException,
    CountOpened,
    CountQuantity,
    CountScanned,
    CountUndone,
)
from station.domain.identifiers import command_text
from station.domain.lifecycle.inputs import ClockStepped, Started, StopRequested, StorageFailed
from station.domain.session.events import Paused, RefusalsSeen, ScanRefused, SessionScanned
from station.domain.session.state import Phase
from station.domain.station.deadlines import due
from station.domain.station.duties import CARDS
from station.domain.station.leaf import decode
from station.domain.station.state import INITIAL, Station, evolve
from station.domain.station.viewing import view
from station.sealing.merkle import leaf_hash
from tests.domain.play import plan_bytes
from tests.domain.stamping import Stamping, with_document
from tests.domain.tags import text_of

SCANNERS = ("gun", "pole", "ring")
PLANNED = "ABC"
ANSWERS = {
    CountScanned: Verdict.COUNTED,
    ScanRefused: Verdict.REFUSED,
    SessionScanned: Verdict.COUNTED,
}


@dataclass
class Model:
    """A count told again from its events alone, the slow and obvious way."""

    lines: list[Recorded] = field(default_factory=list)
    unseen: int = 0

    def take(self, recorded: Recorded) -> None:
        match recorded.event:
            case CountOpened() | CountClosed() | CountAbandoned():
                self.lines = []
            case CountScanned() | CountQuantity():
                self.lines.append(recorded)
            case CountUndone(corrects=corrects, scanner=scanner):
                mine = [line.seq for line in self.lines if getattr(line.event, "scanner", "") == scanner]
                assert mine[-1] == corrects, "an undo reverses the newest unreversed line of its scanner"
                self.lines = [line for line in self.lines if line.seq != corrects]
            case ScanRefused(times=times):
                self.unseen += times
            case CountException(reason="unknown"):
                self.unseen += 1
            case RefusalsSeen():
                self.unseen = 0

    def scans(self) -> list[CountScanned]:
        return [line.event for line in self.lines if isinstance(line.event, CountScanned)]

    def quantities(self) -> dict[str, str]:
        return {line.event.tag: line.event.quantity for line in self.lines if isinstance(line.event, CountQuantity)}

    def check(self, station: Station) -> None:
        count, scans = station.count, self.scans()
        assert set(count.packages) == {scan.tag for scan in scans}
        assert {tag for tag, package in count.packages.items() if package.whole} == {
            scan.tag for scan in scans if scan.unit_index is None
        }
        units = [(scan.tag, scan.unit_index) for scan in scans if scan.unit_index is not None]
        held = [(tag, unit) for tag, package in count.packages.items() for unit in package.units]
        assert sorted(units) == sorted(held)
        assert count.units == len(units)
        assert {tag: package.quantity for tag, package in count.packages.items() if package.quantity} == (
            self.quantities()
        )
        assert count.newest_scanner == (scans[-1].scanner if scans else "")
        assert station.session.unseen == self.unseen


# -- what can come --


def scans() -> list[Input]:
    """What people do most, each as often as it stands here."""
    usual = [text_of(word) for word in ("A", "B", "C", "D", "A#0", "A#1", "B#1", f"C#{2**31 - 1}")] * 3
    usual += [command_text(verb) for verb in ["undo"] * 4 + ["enter"] * 3 + ["seen", "resume"] * 4]
    usual += [command_text(verb) for verb in CARDS if verb not in ("digit", "location")]
    usual += [command_text("digit", digit) for digit in "12."] * 2
    usual += [command_text("location", name) for name in ("Shelf", "Estante ñ", "\U0001f512" * 60)]
    return [BarcodeScanned(scanner, 0, text.encode()) for scanner in SCANNERS for text in usual]


def twice(verb: str) -> list[tuple[Input, Input]]:
    """A card scanned twice by one scanner, as an undo or a close that is refused is."""
    card = command_text(verb).encode()
    return [(BarcodeScanned(scanner, 0, card), BarcodeScanned(scanner, 0, card)) for scanner in SCANNERS]


def numbers() -> st.SearchStrategy[bytes]:
    return st.from_regex(rb"[0-9]{0,7}\.?[0-9]{0,3}", fullmatch=True) | st.binary(max_size=20)


def offered(version: int) -> Input:
    raw = plan_bytes("P", version, PLANNED, unit="\U0001f512" * 16)
    return DocumentOffered(0, "plan", read_plan(raw), raw, "uid 0", 1)


SOURCES = st.sampled_from((*SCANNERS, "keypad"))
NEVER = st.just(0)
KEYED = [NumberKeyed("keypad", 0, text) for text in (b"5", b"6.25", b"7")]
USUAL = st.sampled_from([*((scan,) for scan in [*scans(), *KEYED * 8]), *twice("undo") * 12])
GARBAGE = st.binary(max_size=60) | st.sampled_from([b"A" * 10_000, b"]C1", b"12", b"CS1/close/00"])
OTHERS = st.one_of(
    st.builds(BarcodeScanned, st.sampled_from(SCANNERS), NEVER, GARBAGE),
    st.builds(NumberKeyed, st.just("keypad"), NEVER, numbers()),
    st.sampled_from([offered(version) for version in (1, 2, 3)]),
    st.builds(ScanSpoiled, SOURCES, NEVER, st.sampled_from(["keys_lost", "too_slow"]), st.binary(max_size=60)),
    st.builds(ScansOverflowed, SOURCES, NEVER, st.integers(1, 999)),
    st.builds(SourceLost, SOURCES, NEVER, st.text(max_size=20) | st.just("\udcff" * 400)),
    st.builds(SourceFound, SOURCES, NEVER),
    st.builds(ClockStepped, NEVER, st.integers(0, 2**42), st.sampled_from(["synced", "rtc", "unsynced"])),
    st.builds(StorageFailed, NEVER, st.just("disk_full"), st.integers(0, 2**40)),
    st.builds(StopRequested, NEVER, st.just("sigterm")),
    st.builds(DeadlineReached, NEVER),
)
STARTS = st.builds(
    Started, st.integers(0, 10**9), st.just(""), st.integers(0, 2**41), st.just("rtc"), *[st.just("1")] * 2
)


def alone(input: Input) -> tuple[Input, ...]:
    """A step of one input."""
    return (input,)


# Moments may go back a little, as threads overtake each other.
PAUSES_MS = st.sampled_from([0] * 8 + [1, 500, 2_000] * 4 + [9_000, 11_000, -20] * 2 + [10**6])
ALONE = OTHERS.map(alone)
# One draw chooses among the three, since `one_of` would give each branch of `OTHERS` as much as all of `USUAL`.
STEPS = st.tuples(
    PAUSES_MS, st.sampled_from([USUAL] * 20 + [ALONE] * 4 + [STARTS.map(alone)]).flatmap(lambda some: some)
)


def timed(start: Started, steps: list[tuple[int, tuple[Input, ...]]]) -> list[Input]:
    """The inputs of several boots, each at its moment; a boot has a name of its own."""
    history: list[Input] = [replace(start, boot="boot-0")]
    at = start.at
    for pause_ms, inputs in steps:
        for input in inputs:
            if isinstance(input, Started):
                at = input.at
                history.append(replace(input, boot=f"boot-{len(history)}"))
            else:
                at = max(0, at + pause_ms)
                history.append(replace(input, at=at))
    return history


def histories() -> st.SearchStrategy[list[Input]]:
    return st.builds(timed, STARTS, st.lists(STEPS, min_size=20, max_size=80))


OPENING = [
    BarcodeScanned("gun", 0, command_text("start-count").encode()),
    BarcodeScanned("gun", 0, command_text("location", "Shelf").encode()),
]


def opened(history: list[Input], is_guided: bool) -> list[Input]:
    """The history, with a count opened right after its first start, so that most of it is counted."""
    start = history[0]
    assert isinstance(start, Started)
    opening = [*([offered(1)] if is_guided else []), *OPENING]
    return [start, *(replace(input, at=start.at) for input in opening), *history[1:]]


COUNTS = st.builds(opened, histories(), st.booleans())


# -- what must hold --


def run(history: Iterable[Input]) -> Stamping:
    """Put every input (`Stamping` holds leaves to 32 KiB and deadlines to moving) and check after each."""
    stamping, model, taken = Stamping(), Model(), 0
    for put in history:
        before, seq = stamping.station, len(stamping.recorded)
        events, effects = stamping.put(put)
        for recorded in stamping.recorded[taken:]:
            model.take(recorded)
        taken = len(stamping.recorded)
        model.check(stamping.station)
        assert [recorded.seq for recorded in stamping.recorded[seq:]] == list(range(before.seq + 1, taken))
        check_answer(put, events, [effect for effect in effects if isinstance(effect, Answer)])
        check_moments(stamping, put)
        view(stamping.station, Conditions(), stamping.now)
    return stamping


def check_answer(put: Input, events: list[Event], answers: list[Answer]) -> None:
    """Every scan is answered exactly once, at its source, as what it came to; nothing else is."""
    assert len(answers) == put.refusable
    if not answers:
        return
    [answer] = answers
    assert answer.source == getattr(put, "source", "")
    newest = events[-1] if events and not isinstance(events[-1], Paused) else None
    if isinstance(newest, CountException):
        assert answer.verdict is (Verdict.ALREADY if newest.reason == "duplicate" else Verdict.REFUSED)
    elif newest is not None:
        assert answer.verdict is ANSWERS.get(type(newest), Verdict.NOTED)


def check_moments(stamping: Stamping, put: Input) -> None:
    station = stamping.station
    moment = due(station)
    assert (moment is not None) == (Phase.OPEN in (station.count.phase, station.moves.phase))
    assert moment is None or moment > stamping.now or isinstance(put, Started)
    assert station.at <= stamping.now


QUICK = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(COUNTS)
def test_the_state_is_what_the_events_say_whatever_comes(history: list[Input]) -> None:
    run(history)


@QUICK
@given(histories())
def test_nothing_that_comes_before_a_count_is_open_raises(history: list[Input]) -> None:
    run(history)


@QUICK
@given(COUNTS)
def test_a_replay_of_the_leaves_gives_the_same_state_and_old_states_stay_as_they_were(history: list[Input]) -> None:
    stamping = run(history)
    replayed, kept = INITIAL, []
    for leaf in stamping.leaves:
        recorded = with_document(decode(leaf, leaf_hash(leaf)), stamping.documents)
        replayed = evolve(replayed, recorded)
        kept.append((replayed, spelled(replayed)))
    assert replayed == stamping.station
    assert spelled(replayed) == spelled(stamping.station)
    assert all(spelled(state) == before for state, before in kept)
    assert Station() == INITIAL


def spelled(value: object) -> object:
    """A value spelled out to plain ones, so that nothing of it can be shared with a later one."""
    if isinstance(value, HashTrieMap):
        return sorted((str(key), spelled(item)) for key, item in value.items())
    if hasattr(value, "__struct_fields__"):
        return [(name, spelled(getattr(value, name))) for name in value.__struct_fields__]
    if isinstance(value, str | int | bool | None):
        return value
    return sorted(map(str, value)) if hasattr(value, "__iter__") else repr(value)
