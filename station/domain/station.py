"""The station as a whole: composes the deciders, and holds what belongs to none of them."""

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from station.domain import commands, count_state, entry_evolving, supervising
from station.domain import count as counting
from station.domain import entry as entering
from station.domain import entry_events as n
from station.domain import events as e
from station.domain import inputs as i
from station.domain.command_words import Reason
from station.domain.commands import Counters
from station.domain.count_state import Count, Phase
from station.domain.decider import NOTHING, Decision, Recorded
from station.domain.effects import Answer, Halt, Prune, Reply, Verdict
from station.domain.entry_facts import Facts
from station.domain.entry_pins import turn_away
from station.domain.entry_state import Entry
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
from station.domain.loading import Loaded, load_plan, load_roster
from station.domain.orders import Held, carry_out
from station.domain.plan import Plan
from station.domain.policy import Policy
from station.domain.roster import Roster

REASON_CHARS_MAX = 200
NO_POLICY = Policy()


class Station(msgspec.Struct, frozen=True):
    """Everything that the events so far came to.

    `seq`, `at`, `boot` are the newest event's; `offset_ms` and `quality` make wall time of monotonic time;
    `unseen` counts refusals that nobody has looked at; `newest` is the event that a screen speaks of: never one of a
    command, for whoever scans must not lose the answer to it. `newest_entry` is the newest of the door's, which came at
    `entry_at`; `proven_ms` the wall time of the newest event under a clock that could be trusted. Of the events below
    `pruned_below` only hashes are kept; `keys` are the verifier keys of the checkpoints, the present one last.
    """

    seq: int = -1
    at: int = 0
    wall_ms: int = 0
    boot: str = ""
    offset_ms: int = 0
    quality: str = "unsynced"
    settings: str = ""
    is_stopped: bool = True
    plan: Plan | None = None
    plan_document: str = ""
    count: Count = Count()
    unseen: int = 0
    lost: "HashTrieMap[str, str]" = HashTrieMap()
    newest: e.Event | None = None
    pruned_below: int = 0
    keys: tuple[str, ...] = ()
    counters: Counters = Counters()
    roster: Roster | None = None
    roster_document: str = ""
    message: e.MessageReceived | None = None
    lockdown: e.LockdownSet | None = None
    entry: Entry = Entry()
    proven_ms: int = 0
    newest_entry: n.EntryEvent | None = None
    entry_at: int = 0


INITIAL = Station()
_NOT_SHOWN_AS_NEWEST = (e.RemoteEvent, n.EntryEvent)


def due(station: Station) -> int | None:
    """The earliest moment (monotonic ms) at which something must be decided without an input."""
    counted, entered = counting.due(station.count), entering.due(station.entry, trusted_ms(station, 0))
    if counted is None or entered is None:
        return entered if counted is None else counted
    return min(counted, entered)


def decide(station: Station, input: i.Input) -> Decision:
    """What an input comes to. Pure; never raises for anything that a device or a person can send."""
    decision = _decide(station, input)
    if not entering.is_concerned(decision.events):
        return decision
    facts = _facts(station, input)
    if decision.document is not None and isinstance(decision.document.value, Roster):
        facts = replace(facts, roster=decision.document.value)
    followed = entering.followed(facts, decision.events)
    return replace(decision, events=followed.events, effects=followed.effects + decision.effects)


def _facts(station: Station, input: i.Input) -> Facts:
    """What the entry is decided upon. Where the clock proves nothing, time does not go back."""
    at, offset_ms = getattr(input, "at", 0), station.offset_ms
    if isinstance(input, i.Started):
        offset_ms = input.offset_ms
    else:
        at = max(at, station.at)
    wall_ms = at + offset_ms
    if (input.quality if isinstance(input, i.Started) else station.quality) == "unsynced":
        wall_ms = max(wall_ms, station.proven_ms)
    policy, is_locked_down = station.entry.policy, station.lockdown is not None
    return Facts(station.entry, policy or NO_POLICY, station.roster, is_locked_down, at, wall_ms, station.seq + 1)


def _decide(station: Station, input: i.Input) -> Decision:
    match input:
        case i.BarcodeScanned(source=scanner, line=line, at=at):
            return _decide_scan(station, input, scanner, line, at)
        case i.NumberKeyed(source=source, line=line):
            return _decide_number(station, source, line)
        case i.ScanSpoiled(source=scanner, reason=reason, line=line):
            return counting.refuse(scanner, reason, clip(line))
        case i.ScansOverflowed(source=scanner, times=times, reason=reason):
            return Decision((e.ScanRefused(scanner, reason, times=times),))
        case i.DeadlineReached(at=at):
            return _decide_deadline(station, input, at)
        case i.EntryInput():
            if station.entry.policy is None:
                return entering.decide_without_policy(station.entry, input)
            return entering.decide(_facts(station, input), input)
        case i.PlanOffered(plan=plan, raw=raw, by=by, caller=caller):
            return _loaded(load_plan(station.plan, plan, raw, by), caller)
        case i.RosterOffered(at=at, roster=roster, raw=raw, by=by, caller=caller):
            return _loaded(
                load_roster(station.roster, station.entry.policy, roster, raw, by, trusted_ms(station, at)), caller
            )
        case i.CommandReceived():
            return _decide_command(station, input)
        case i.CommandSpoiled():
            return commands.decide_spoiled(input)
        case _:
            return _decide_own(station, input)


def _decide_deadline(station: Station, input: i.Input, at: int) -> Decision:
    moment = due(station)
    if moment is None or at < moment:
        return NOTHING
    if moment == counting.due(station.count):
        return counting.decide_deadline(station.count)
    return entering.decide_deadline(_facts(station, input), trusted_ms(station, 0))


def _decide_scan(station: Station, input: i.Input, scanner: str, line: bytes, at: int) -> Decision:
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
    refusals = (e.RefusalsSeen(station.unseen, scanner),) if station.unseen else ()
    return Decision((e.MessageSeen(scanner), *refusals), (Answer(scanner, Verdict.NOTED),))


def trusted_ms(station: Station, at: int) -> int | None:
    """UTC milliseconds since 1970 at this monotonic moment; None where the clock is not to be trusted."""
    return None if station.quality == "unsynced" else at + station.offset_ms


def _loaded(loaded: Loaded | str, caller: int) -> Decision:
    """A plan or roster that somebody brought by hand."""
    if isinstance(loaded, str):
        return Decision(effects=(Reply(caller, "", loaded),))
    return Decision((loaded.event,), (Reply(caller, loaded.text),), loaded.document)


def check_command(station: Station, received: i.CommandReceived) -> None:
    """Raise `commands.Refusal` where this state refuses the command, whatever its body."""
    is_trusted = trusted_ms(station, received.at) is not None
    commands.check(station.counters, received, received.at + station.offset_ms, is_trusted)


def _decide_command(station: Station, received: i.CommandReceived) -> Decision:
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


def _decide_own(station: Station, input: i.Input) -> Decision:
    match input:
        case i.SourceLost(source=source, reason=reason) if source not in station.lost:
            return Decision((e.SourceWentAway(source, _text(reason)),))
        case i.SourceFound(source=source) if source in station.lost:
            return Decision((e.SourceCameBack(source),))
        case i.LockFailed(at=at, reason=reason):
            return _decide_own(station, i.SourceLost(i.LOCK, at, reason))
        case i.LockWorks(at=at):
            return _decide_own(station, i.SourceFound(i.LOCK, at))
        case i.ClockStepped(offset_ms=offset_ms, quality=quality):
            return _decide_clock(station, offset_ms, quality)
        case i.StorageFailed(reason=reason, lasted_ms=lasted_ms):
            return Decision((e.StorageDidFail(reason, lasted_ms),))
        case i.KeyOffered(key=key, note=note, by=by, caller=caller):
            return Decision((e.KeyRotated(key, note, by),), (Reply(caller, f"the station's key is now {key}"),))
        case i.RetentionReached(below=below, snapshot=version):
            return _decide_pruning(station, below, version)
        case i.Started():
            return _decide_started(station, input)
        case i.StopRequested(reason=reason):
            return Decision((e.StationStopped(_text(reason)),), (Halt(),))
        case _:
            return NOTHING


def _decide_pruning(station: Station, below: int, snapshot: int) -> Decision:
    """Only between sessions, when a snapshot can be taken."""
    if station.count.phase is not Phase.IDLE:
        return NOTHING
    if below <= station.pruned_below:  # sworn to already; go on with what a failing disk left
        return Decision(effects=(Prune(station.pruned_below),))
    return Decision((e.JournalPruned(below, snapshot),), (Prune(below),))


def _text(reason: str) -> str:
    """A reason that is the system's own text: bounded, and without the lone surrogates that a path's bytes become."""
    return reason[:REASON_CHARS_MAX].encode("utf-8", "replace").decode()


def _decide_clock(station: Station, offset_ms: int, quality: str) -> Decision:
    by_ms = offset_ms - station.offset_ms
    if not by_ms and quality == station.quality:
        return NOTHING
    return Decision((e.ClockMoved(by_ms, offset_ms, quality),))


def _decide_started(station: Station, started: i.Started) -> Decision:
    events: list[e.Event] = []
    if started.epoch_reason:
        events.append(e.EpochBegan(started.epoch_reason, started.previous_epoch, started.previous_checkpoint))
    back_ms = station.wall_ms - (started.at + started.offset_ms)
    began = e.StationStarted(
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
        events.append(e.ClockMoved(-back_ms, started.offset_ms, started.quality))
    if station.settings and station.settings != started.settings:
        events.append(e.SettingsChanged(station.settings, started.settings))
    return Decision(tuple(events))


def evolve(station: Station, recorded: Recorded) -> Station:
    """The state after an event. The only way in which a state changes; unknown events change only the position."""
    event = recorded.event
    count = count_state.evolve(station.count, recorded, station.plan)
    moved = replace(
        station,
        seq=recorded.seq,
        at=recorded.at,
        wall_ms=recorded.wall_ms,
        boot=recorded.boot,
        count=count,
        newest=station.newest if isinstance(event, _NOT_SHOWN_AS_NEWEST) else event,
        is_stopped=False,
        proven_ms=station.proven_ms if recorded.clock == "unsynced" else recorded.wall_ms,
    )
    if event.CONCERNS_ENTRY:
        moved = _evolve_entry(moved, recorded)
    match event:
        case e.CountScanned() | e.CountKeyed():
            return moved
        case e.ScanRefused(times=times):
            return replace(moved, unseen=station.unseen + times)
        case e.CountException(reason="unknown"):
            return replace(moved, unseen=station.unseen + 1)
        case e.RefusalsSeen():
            return replace(moved, unseen=0)
        case e.CountClosed() if _is_same(station.count.plan, station.plan):
            return replace(moved, plan=None, plan_document="")
        case _:
            return _evolve_own(moved, recorded)


def _evolve_entry(moved: Station, recorded: Recorded) -> Station:
    entry = entry_evolving.evolve(moved.entry, recorded)
    if not isinstance(recorded.event, n.EntryEvent):
        return replace(moved, entry=entry)
    return replace(moved, entry=entry, newest_entry=recorded.event, entry_at=recorded.at)


def _is_same(counted: Plan | None, loaded: Plan | None) -> bool:
    """Whether the plan that a count was opened with is still the one that is loaded."""
    if counted is None or loaded is None:
        return False
    return (counted.plan, counted.version) == (loaded.plan, loaded.version)


def _with_key(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The keys of this journal's checkpoints, the present one last."""
    return (*(each for each in keys if each != key), key) if key else keys


def _evolve_own(moved: Station, recorded: Recorded) -> Station:
    match recorded.event:
        case e.PlanLoaded(document=document):
            return replace(moved, plan=recorded.document, plan_document=document)
        case e.StationStarted() as started:
            return replace(
                moved,
                settings=started.settings,
                offset_ms=started.offset_ms,
                quality=started.quality,
                lost=HashTrieMap(),
                keys=_with_key(moved.keys, started.key),
            )
        case e.ClockMoved(offset_ms=offset_ms, quality=quality):
            return replace(moved, offset_ms=offset_ms, quality=quality)
        case e.SourceWentAway(source=source, reason=reason):
            return replace(moved, lost=moved.lost.insert(source, reason))
        case e.SourceCameBack(source=source):
            return replace(moved, lost=moved.lost.discard(source))
        case e.StationStopped():
            return replace(moved, is_stopped=True)
        case e.KeyRotated(key=key):
            return replace(moved, keys=_with_key(moved.keys, key))
        case e.JournalPruned(below=below):
            return replace(moved, pruned_below=below)
        case e.RemoteEvent() | e.RosterLoaded():
            return _evolve_remote(moved, recorded)
        case _:
            return moved


def _evolve_remote(moved: Station, recorded: Recorded) -> Station:
    match recorded.event:
        case e.CommandAccepted() as accepted:
            return replace(moved, counters=commands.evolve(moved.counters, accepted))
        case e.RosterLoaded(document=document):
            return replace(moved, roster=recorded.document, roster_document=document)
        case e.MessageReceived() as message:
            return replace(moved, message=message)
        case e.MessageSeen():
            return replace(moved, message=None)
        case e.LockdownSet() as lockdown:
            return replace(moved, lockdown=lockdown)
        case e.LockdownCleared():
            return replace(moved, lockdown=None)
        case _:
            return moved
