"""The count: what a scan, a card, a number come to while it has the floor. What all sessions share is `session`'s.

What is refused is `scan.refused` with its reason, and blocks nothing.
"""

from station.domain.core.decider import Decision
from station.domain.core.effects import Verdict
from station.domain.core.facts import Facts
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
from station.domain.count.state import Count
from station.domain.identifiers import CommandCard, Digits, PackageTag, RetailUnit
from station.domain.session import deciding
from station.domain.session.cards import Card
from station.domain.session.keying import quantity_of
from station.domain.session.refusing import answered, refuse

START = "start-count"
NAMES = deciding.Names(CountLocated, CountKeyed, CountUndoAsked, CountUndone, CountPaused, CountResumed, CountAbandoned)


def decide_deadline(count: Count, facts: Facts, reached: object) -> Decision:
    """`due` has come."""
    del facts, reached
    return deciding.decide_idle(count, NAMES)


def decide_code(count: Count, facts: Facts, scanner: str, code: PackageTag | RetailUnit) -> Decision:
    """A package's tag, or the code of one unit, was scanned."""
    del facts
    if reason := deciding.not_workable(count):
        return refuse(scanner, reason, code.tag)
    unit_index = code.unit_index if isinstance(code, RetailUnit) else None
    about = (count.session, code.tag, scanner, count.location)
    if count.plan and code.tag not in count.plan.by_tag:
        return answered(CountException(*about, "unknown", unit_index), scanner, Verdict.REFUSED)
    package = count.package(code.tag)
    if package.whole if unit_index is None else unit_index in package.units:
        return answered(CountException(*about, "duplicate", unit_index), scanner, Verdict.ALREADY)
    return answered(CountScanned(*about, unit_index), scanner, Verdict.COUNTED)


def decide_start(count: Count, facts: Facts, scanner: str, card: CommandCard) -> Decision:
    """The card *start-count*.

    Without an argument it opens what there is; `free`, `guided` or a plan's name that and nothing else. Where the clock
    is not to be trusted no plan is called stale.
    """
    if refused := deciding.decide_start(count, facts, scanner, card.verb):
        return refused
    plan, argument = count.loaded, card.argument
    if argument == "free":
        return _open(count, None, scanner)
    if argument and (plan is None or argument not in ("guided", plan.plan)):
        return refuse(scanner, "no_plan", argument)
    if plan and facts.trusted_ms is not None and plan.is_stale(facts.trusted_ms):
        return refuse(scanner, "plan_stale", plan.plan)
    return _open(count, plan, scanner)


def _open(count: Count, plan: Plan | None, scanner: str) -> Decision:
    session = deciding.next_id(count, "C")
    if plan is None:
        return answered(CountOpened(session, "free"), scanner)
    opened = CountOpened(session, plan.kind, plan.plan, plan.version, len(plan.packages))
    return answered(opened, scanner)


def decide_card(count: Count, facts: Facts, scanner: str, card: CommandCard) -> Decision:
    """A card that all sessions share."""
    decided = deciding.decide_card(count, NAMES, facts, scanner, card)
    if decided is not None:
        return decided
    match card.verb:
        case Card.LOCATION:
            return deciding.locate(count, NAMES, scanner, card.argument)
        case Card.ENTER:
            return _enter(count, scanner, scanner, count.keyed.get(scanner) or "")
        case Card.CLOSE:
            return deciding.walk_through(facts, scanner, card.verb) or _close(count, scanner)
        case _:
            return refuse(scanner, "not_served", card.verb)


def decide_number(count: Count, facts: Facts, source: str, code: Digits) -> Decision:
    """A number was keyed whole on a keypad: it is for the package that was scanned last, by whichever scanner."""
    del facts
    if reason := deciding.not_workable(count):
        return refuse(source, reason, code.text)
    return _enter(count, count.newest_scanner, source, code.text)


def decide_badge(count: Count, facts: Facts, shown: object) -> Decision | None:
    """A count has no use for badges yet: one at the desk is entry's."""
    del count, facts, shown
    return None


def _close(count: Count, scanner: str) -> Decision:
    closed = CountClosed(count.session, len(count.packages), count.units, count.planned, count.refused)
    return answered(closed, scanner)


def _enter(count: Count, scanner: str, source: str, text: str) -> Decision:
    line = count.newest_line(scanner)
    if line is None or not count.package(line.tag).is_seen:
        return refuse(source, "no_package", text)
    quantity = quantity_of(text)
    if quantity is None:
        return refuse(source, "bad_quantity", text)
    planned = count.plan.by_tag.get(line.tag) if count.plan else None
    unit = planned.unit if planned else ""
    return answered(CountQuantity(count.session, line.tag, scanner, quantity, unit, source), source)
