"""The count: open, locate, scan, key a quantity, undo, pause, resume, close, abandon.

A command card stands first in every row; what is refused is `scan.refused` with its reason, and blocks nothing.
"""

from decimal import Decimal

from station.domain.core.decider import Decision
from station.domain.core.effects import Answer, Verdict
from station.domain.core.event import Event
from station.domain.count.events import (
    CountAbandoned,
    CountClosed,
    CountException,
    CountKeyed,
    CountLocated,
    CountOpened,
    CountPaused,
    CountQuantity,
    CountResumed,
    CountScanned,
    CountUndoAsked,
    CountUndone,
)
from station.domain.count.plan import Plan
from station.domain.count.state import Count, Phase
from station.domain.identifiers import CommandCard, Digits, PackageTag, RetailUnit, Verb
from station.domain.session.events import RefusalsSeen, ScanRefused

IDLE_MS = 15 * 60_000
UNDO_WITHIN_MS = 10_000
KEYED_CHARS_MAX = 12
QUANTITY_MAX = Decimal(1_000_000)


def due(count: Count) -> int | None:
    """The moment at which an open count that nobody touches is paused (monotonic ms)."""
    return count.active_at + IDLE_MS if count.phase is Phase.OPEN else None


def decide_deadline(count: Count) -> Decision:
    """`due` has come."""
    return Decision((CountPaused(count.session, "idle"),))


def decide_seen(count: Count, scanner: str, code: PackageTag | RetailUnit, line: str) -> Decision:
    """A package's tag, or the code of one unit, was scanned; `line` is the scan as shown in a refusal."""
    if reason := _not_countable(count):
        return refuse(scanner, reason, line)
    unit_index = code.unit_index if isinstance(code, RetailUnit) else None
    about = (count.session, code.tag, scanner, count.location)
    if count.plan and code.tag not in count.plan.by_tag:
        return _answered(CountException(*about, "unknown", unit_index), scanner, Verdict.REFUSED)
    package = count.package(code.tag)
    if package.whole if unit_index is None else unit_index in package.units:
        return _answered(CountException(*about, "duplicate", unit_index), scanner, Verdict.ALREADY)
    return _answered(CountScanned(*about, unit_index), scanner, Verdict.COUNTED)


def decide_card(
    count: Count, plan: Plan | None, scanner: str, card: CommandCard, *, at: int, wall_ms: int | None, unseen: int
) -> Decision:
    """A command card was scanned; `plan` is what is loaded, `unseen` how many refusals are latched.

    `wall_ms` is None where the clock is not to be trusted: then no plan is called stale.
    """
    session = count.session
    match card.verb, count.phase:
        case Verb.TEST, _:
            return Decision(effects=(Answer(scanner, Verdict.NOTED),))
        case Verb.SEEN, _ if unseen:
            return _answered(RefusalsSeen(unseen, scanner), scanner)
        case Verb.SEEN, _:
            return Decision(effects=(Answer(scanner, Verdict.NOTED),))
        case ((Verb.NOTHING_MORE | Verb.SUBMIT | Verb.STATUS | Verb.LANGUAGE), _):
            return refuse(scanner, "not_served", card.verb)
        case Verb.START_COUNT, Phase.IDLE:
            return _start(count, plan, scanner, card.argument, wall_ms)
        case Verb.START_COUNT, _:
            return refuse(scanner, "already_open", card.verb)
        case _, Phase.IDLE:
            return refuse(scanner, "no_session", card.verb)
        case Verb.RESUME, Phase.PAUSED:
            return _answered(CountResumed(session), scanner)
        case Verb.ABANDON, _:
            return _answered(CountAbandoned(session, "card"), scanner)
        case _, Phase.PAUSED:
            return refuse(scanner, "paused", card.verb)
        case Verb.CLOSE, _:
            return refuse(scanner, "refusals_unseen", card.verb) if unseen else _close(count, scanner)
        case _:
            return _decide_open_card(count, scanner, card, at)


def _decide_open_card(count: Count, scanner: str, card: CommandCard, at: int) -> Decision:
    match card.verb:
        case Verb.LOCATION:
            return _answered(CountLocated(count.session, card.argument, scanner), scanner)
        case Verb.PAUSE:
            return _answered(CountPaused(count.session, "card"), scanner)
        case Verb.RESUME:
            return refuse(scanner, "already_open", card.verb)
        case Verb.UNDO:
            return _undo(count, scanner, at)
        case Verb.DIGIT:
            return _digit(count, scanner, card.argument)
        case Verb.ENTER:
            return _enter(count, scanner, scanner, count.keyed.get(scanner) or "")
        case Verb.CLEAR:
            return _answered(CountKeyed(count.session, scanner, ""), scanner)
        case _:
            return refuse(scanner, "not_served", card.verb)


def decide_number(count: Count, source: str, code: Digits) -> Decision:
    """A number was keyed whole on a keypad: it is for the package that was scanned last, by whichever scanner."""
    if reason := _not_countable(count):
        return refuse(source, reason, code.text)
    return _enter(count, count.newest_scanner, source, code.text)


def refuse(scanner: str, reason: str, text: str) -> Decision:
    """Refuse a scan aloud, and record that it was."""
    return _answered(ScanRefused(scanner, reason, text), scanner, Verdict.REFUSED)


def _answered(event: Event, scanner: str, verdict: Verdict = Verdict.NOTED) -> Decision:
    return Decision((event,), (Answer(scanner, verdict),))


def _not_countable(count: Count) -> str:
    if count.phase is Phase.IDLE:
        return "no_session"
    if count.phase is Phase.PAUSED:
        return "paused"
    return "" if count.location else "no_location"


def _start(count: Count, plan: Plan | None, scanner: str, argument: str, wall_ms: int | None) -> Decision:
    """A card without an argument opens what there is; `free`, `guided` or a plan's name that and nothing else."""
    if argument == "free":
        return _open(count, None, scanner)
    if argument and (plan is None or argument not in ("guided", plan.plan)):
        return refuse(scanner, "no_plan", argument)
    if plan and wall_ms is not None and plan.is_stale(wall_ms):
        return refuse(scanner, "plan_stale", plan.plan)
    return _open(count, plan, scanner)


def _open(count: Count, plan: Plan | None, scanner: str) -> Decision:
    session = f"C{count.number + 1:06d}"
    if plan is None:
        return _answered(CountOpened(session, "free"), scanner)
    opened = CountOpened(session, plan.kind, plan.plan, plan.version, len(plan.packages))
    return _answered(opened, scanner)


def _close(count: Count, scanner: str) -> Decision:
    closed = CountClosed(count.session, len(count.packages), count.units, count.planned, count.refused)
    return _answered(closed, scanner)


def _undo(count: Count, scanner: str, at: int) -> Decision:
    line = count.newest_line(scanner)
    if line is None:
        return refuse(scanner, "nothing_to_undo", Verb.UNDO)
    asked = count.undo_asked.get(scanner)
    about = (count.session, line.tag, scanner, line.seq, line.unit_index)
    if asked and asked.seq == line.seq and at - asked.at <= UNDO_WITHIN_MS:
        return _answered(CountUndone(*about), scanner)
    return _answered(CountUndoAsked(*about), scanner)


def _digit(count: Count, scanner: str, digit: str) -> Decision:
    text = (count.keyed.get(scanner) or "") + digit
    if len(text) > KEYED_CHARS_MAX or text.count(".") > 1:
        return refuse(scanner, "bad_quantity", text)
    return _answered(CountKeyed(count.session, scanner, text), scanner)


def _enter(count: Count, scanner: str, source: str, text: str) -> Decision:
    line = count.newest_line(scanner)
    if line is None or not count.package(line.tag).is_seen:
        return refuse(source, "no_package", text)
    quantity = _quantity(text)
    if quantity is None:
        return refuse(source, "bad_quantity", text)
    planned = count.plan.by_tag.get(line.tag) if count.plan else None
    unit = planned.unit if planned else ""
    return _answered(CountQuantity(count.session, line.tag, scanner, quantity, unit, source), source)


def _quantity(text: str) -> str | None:
    """The exact decimal, plainly written; None where it is none or beyond a million."""
    if not text.strip("."):
        return None
    quantity = Decimal(text)
    return f"{quantity:f}" if quantity <= QUANTITY_MAX else None
