"""The station decides: composes the deciders, and decides itself what belongs to none of them."""

from msgspec.structs import replace

from station.domain.commands import checking as commands
from station.domain.commands.bodies import Held, carry_out
from station.domain.commands.events import MessageSeen
from station.domain.commands.inputs import CommandReceived, CommandSpoiled
from station.domain.commands.verbs import Reason
from station.domain.core.decider import NOTHING, Decision
from station.domain.core.effects import Answer, Halt, Prune, Reply, Verdict
from station.domain.core.event import Event
from station.domain.core.inputs import (
    BarcodeScanned,
    DeadlineReached,
    EntryInput,
    Input,
    NumberKeyed,
    ScansOverflowed,
    ScanSpoiled,
    SourceFound,
    SourceLost,
)
from station.domain.count import decide as counting
from station.domain.count.inputs import PlanOffered
from station.domain.count.plan import load_plan
from station.domain.count.state import Phase
from station.domain.documents.kinds import Loaded
from station.domain.entry import decide as entering
from station.domain.entry import supervising
from station.domain.entry.facts import Facts
from station.domain.entry.inputs import LOCK, LockFailed, LockWorks
from station.domain.entry.pins import turn_away
from station.domain.identifiers import (
    CommandCard,
    Digits,
    OtherCode,
    PackageTag,
    Refused,
    RetailUnit,
    Verb,
    clip,
    parse,
)
from station.domain.lifecycle.events import (
    ClockMoved,
    EpochBegan,
    JournalPruned,
    KeyRotated,
    SettingsChanged,
    SourceCameBack,
    SourceWentAway,
    StationStarted,
    StationStopped,
    StorageDidFail,
)
from station.domain.lifecycle.inputs import (
    ClockStepped,
    KeyOffered,
    RetentionReached,
    Started,
    StopRequested,
    StorageFailed,
)
from station.domain.people.inputs import RosterOffered
from station.domain.people.policy import Policy
from station.domain.people.roster import Roster
from station.domain.people.rules import load_roster
from station.domain.session.events import RefusalsSeen, ScanRefused
from station.domain.station.state import Station, trusted_ms

REASON_CHARS_MAX = 200
NO_POLICY = Policy()


def due(station: Station) -> int | None:
    """The earliest moment (monotonic ms) at which something must be decided without an input."""
    counted, entered = counting.due(station.count), entering.due(station.entry, trusted_ms(station, 0))
    if counted is None or entered is None:
        return entered if counted is None else counted
    return min(counted, entered)


def decide(station: Station, input: Input) -> Decision:
    """What an input comes to. Pure; never raises for anything that a device or a person can send."""
    decision = _decide(station, input)
    if not entering.is_concerned(decision.events):
        return decision
    facts = _facts(station, input)
    if decision.document is not None and isinstance(decision.document.value, Roster):
        facts = replace(facts, roster=decision.document.value)
    followed = entering.followed(facts, decision.events)
    return replace(decision, events=followed.events, effects=followed.effects + decision.effects)


def _facts(station: Station, input: Input) -> Facts:
    """What the entry is decided upon. Where the clock proves nothing, time does not go back."""
    at, offset_ms = getattr(input, "at", 0), station.offset_ms
    if isinstance(input, Started):
        offset_ms = input.offset_ms
    else:
        at = max(at, station.at)
    wall_ms = at + offset_ms
    if (input.quality if isinstance(input, Started) else station.quality) == "unsynced":
        wall_ms = max(wall_ms, station.proven_ms)
    policy, is_locked_down = station.entry.policy, station.lockdown is not None
    return Facts(station.entry, policy or NO_POLICY, station.roster, is_locked_down, at, wall_ms, station.seq + 1)


def _decide(station: Station, input: Input) -> Decision:
    match input:
        case BarcodeScanned(source=scanner, line=line, at=at):
            return _decide_scan(station, input, scanner, line, at)
        case NumberKeyed(source=source, line=line):
            return _decide_number(station, source, line)
        case ScanSpoiled(source=scanner, reason=reason, line=line):
            return counting.refuse(scanner, reason, clip(line))
        case ScansOverflowed(source=scanner, times=times, reason=reason):
            return Decision((ScanRefused(scanner, reason, times=times),))
        case DeadlineReached(at=at):
            return _decide_deadline(station, input, at)
        case EntryInput():
            if station.entry.policy is None:
                return entering.decide_without_policy(station.entry, input)
            return entering.decide(_facts(station, input), input)
        case PlanOffered(plan=plan, raw=raw, by=by, caller=caller):
            return _loaded(load_plan(station.plan, plan, raw, by), caller)
        case RosterOffered(at=at, roster=roster, raw=raw, by=by, caller=caller):
            return _loaded(
                load_roster(station.roster, station.entry.policy, roster, raw, by, trusted_ms(station, at)), caller
            )
        case CommandReceived():
            return _decide_command(station, input)
        case CommandSpoiled():
            return commands.decide_spoiled(input)
        case _:
            return _decide_own(station, input)


def _decide_deadline(station: Station, input: Input, at: int) -> Decision:
    moment = due(station)
    if moment is None or at < moment:
        return NOTHING
    if moment == counting.due(station.count):
        return counting.decide_deadline(station.count)
    return entering.decide_deadline(_facts(station, input), trusted_ms(station, 0))


def _decide_scan(station: Station, input: Input, scanner: str, line: bytes, at: int) -> Decision:
    count = station.count
    match parse(line):
        case PackageTag() | RetailUnit() as code:
            return counting.decide_seen(count, scanner, code, code.tag)
        case CommandCard() as card:
            if card.verb == Verb.SEEN and station.message:
                return _decide_seen(station, scanner)
            if card.verb in supervising.VERBS:
                if station.entry.policy is None:
                    return counting.refuse(scanner, "not_served", card.verb)
                return supervising.decide_card(_facts(station, input), scanner, card)
            return counting.decide_card(
                count, station.plan, scanner, card, at=at, wall_ms=trusted_ms(station, at), unseen=station.unseen
            )
        case Refused(reason=reason, text=text):
            return counting.refuse(scanner, reason, text)
        case Digits(text=text):
            return counting.refuse(scanner, "not_a_code", text)
        case OtherCode(text=text):
            return counting.refuse(scanner, "foreign_code", text)


def _decide_number(station: Station, source: str, line: bytes) -> Decision:
    if station.entry.policy and source == station.entry.policy.pin_keypad:  # a PIN: not to be written down
        return turn_away(source, "pin_unasked")
    code = parse(line)
    if isinstance(code, Digits):
        return counting.decide_number(station.count, source, code)
    return counting.refuse(source, "bad_quantity", clip(line))


def _decide_seen(station: Station, scanner: str) -> Decision:
    """The card takes both off the screen, the message and the refusals."""
    refusals = (RefusalsSeen(station.unseen, scanner),) if station.unseen else ()
    return Decision((MessageSeen(scanner), *refusals), (Answer(scanner, Verdict.NOTED),))


def _loaded(loaded: Loaded | str, caller: int) -> Decision:
    """A plan or roster that somebody brought by hand."""
    if isinstance(loaded, str):
        return Decision(effects=(Reply(caller, "", loaded),))
    return Decision((loaded.event,), (Reply(caller, loaded.text),), loaded.document)


def check_command(station: Station, received: CommandReceived) -> None:
    """Raise `commands.Refusal` where this state refuses the command, whatever its body."""
    is_trusted = trusted_ms(station, received.at) is not None
    commands.check(station.counters, received, received.at + station.offset_ms, is_trusted)


def _decide_command(station: Station, received: CommandReceived) -> Decision:
    held = Held(
        station.plan,
        station.roster,
        station.lockdown is not None,
        trusted_ms(station, received.at),
        station.entry.policy,
    )
    try:
        check_command(station, received)
        done = carry_out(received, held)
        if isinstance(done, str):
            raise commands.Refusal(Reason.BAD_BODY, done)
    except commands.Refusal as why:
        return commands.refuse(received, why)
    return commands.accept(received, done)


def _decide_own(station: Station, input: Input) -> Decision:
    match input:
        case SourceLost(source=source, reason=reason) if source not in station.lost:
            return Decision((SourceWentAway(source, _text(reason)),))
        case SourceFound(source=source) if source in station.lost:
            return Decision((SourceCameBack(source),))
        case LockFailed(at=at, reason=reason):
            return _decide_own(station, SourceLost(LOCK, at, reason))
        case LockWorks(at=at):
            return _decide_own(station, SourceFound(LOCK, at))
        case ClockStepped(offset_ms=offset_ms, quality=quality):
            return _decide_clock(station, offset_ms, quality)
        case StorageFailed(reason=reason, lasted_ms=lasted_ms):
            return Decision((StorageDidFail(reason, lasted_ms),))
        case KeyOffered(key=key, note=note, by=by, caller=caller):
            return Decision((KeyRotated(key, note, by),), (Reply(caller, f"the station's key is now {key}"),))
        case RetentionReached(below=below, snapshot=version):
            return _decide_pruning(station, below, version)
        case Started():
            return _decide_started(station, input)
        case StopRequested(reason=reason):
            return Decision((StationStopped(_text(reason)),), (Halt(),))
        case _:
            return NOTHING


def _decide_pruning(station: Station, below: int, snapshot: int) -> Decision:
    """Only between sessions, when a snapshot can be taken."""
    if station.count.phase is not Phase.IDLE:
        return NOTHING
    if below <= station.pruned_below:  # sworn to already; go on with what a failing disk left
        return Decision(effects=(Prune(station.pruned_below),))
    return Decision((JournalPruned(below, snapshot),), (Prune(below),))


def _text(reason: str) -> str:
    """A reason that is the system's own text: bounded, and without the lone surrogates that a path's bytes become."""
    return reason[:REASON_CHARS_MAX].encode("utf-8", "replace").decode()


def _decide_clock(station: Station, offset_ms: int, quality: str) -> Decision:
    by_ms = offset_ms - station.offset_ms
    if not by_ms and quality == station.quality:
        return NOTHING
    return Decision((ClockMoved(by_ms, offset_ms, quality),))


def _decide_started(station: Station, started: Started) -> Decision:
    events: list[Event] = []
    if started.epoch_reason:
        events.append(EpochBegan(started.epoch_reason, started.previous_epoch, started.previous_checkpoint))
    back_ms = station.wall_ms - (started.at + started.offset_ms)
    began = StationStarted(
        started.version,
        started.settings,
        station.is_stopped,
        started.offset_ms,
        started.quality,
        started.key,
        started.policy,
    )
    events.append(began)
    if back_ms > 0:
        events.append(ClockMoved(-back_ms, started.offset_ms, started.quality))
    if station.settings and station.settings != started.settings:
        events.append(SettingsChanged(station.settings, started.settings))
    return Decision(tuple(events))
