"""Who decides an input: the room that the table names for its type, or whoever has the floor for a scan."""

from station.domain.commands.decide import check_command as check
from station.domain.commands.decide import decide_command, see_message
from station.domain.commands.inputs import CommandReceived
from station.domain.core.decider import NOTHING, Decision, Loaded
from station.domain.core.duty import Duty, SessionRules
from station.domain.core.effects import Reply
from station.domain.core.facts import Facts
from station.domain.core.inputs import BarcodeScanned, DeadlineReached, DocumentOffered, Input, NumberKeyed
from station.domain.identifiers import (
    CommandCard,
    Digits,
    OtherCode,
    PackageTag,
    Refused,
    RetailUnit,
    clip,
    parse,
)
from station.domain.lifecycle.inputs import Started
from station.domain.people.inputs import BadgePresented
from station.domain.session.cards import Card
from station.domain.session.duty import SESSION, WITHOUT_SESSION
from station.domain.session.refusing import refuse
from station.domain.session.state import Phase
from station.domain.station.bodies import SERVED
from station.domain.station.deadlines import decide_deadline
from station.domain.station.duties import CARDS, DOCUMENTS, ROWS, SESSIONS, is_served
from station.domain.station.state import Station, facts_at

_DECIDES = {input: (row, decide) for row in ROWS for input, decide in row.decides.items()}
_INTERCEPTS = {
    input: [(row, row.intercepts[input]) for row in ROWS if input in row.intercepts]
    for input in {input for row in ROWS for input in row.intercepts}
}
_RULES = {row.name: (row, row.session) for row in SESSIONS if row.session is not None}
_PACKAGE = (PackageTag, RetailUnit)


def facts_for(station: Station, input: Input) -> Facts:
    """What an input is decided upon: at its own moment, which never goes back within a boot."""
    at = getattr(input, "at", 0)
    if isinstance(input, Started):
        return facts_at(station, at, input.offset_ms, input.quality)
    return facts_at(station, max(at, station.at), station.offset_ms, station.quality)


def dispatch(station: Station, facts: Facts, input: Input) -> Decision:
    """Have the input decided by whose it is."""
    match input:
        case BarcodeScanned(source=scanner, line=line):
            return _decide_scan(station, facts, scanner, line)
        case DeadlineReached():
            return decide_deadline(station, facts, input)
        case NumberKeyed():
            return _intercepted(station, facts, input) or _decide_number(station, facts, input)
        case BadgePresented(side="desk"):
            return _for_session(station, facts, input) or _decide_by_type(station, facts, input)
        case DocumentOffered():
            return _decide_document(station, facts, input)
        case CommandReceived():
            return _decide_command(station, facts, input)
        case _:
            return _decide_by_type(station, facts, input)


def _decide_by_type(station: Station, facts: Facts, input: Input) -> Decision:
    row, decide = _DECIDES.get(type(input), (None, None))
    if row is None or decide is None:
        return NOTHING
    return decide(getattr(station, row.name), facts, input)


def _intercepted(station: Station, facts: Facts, input: Input) -> Decision | None:
    for row, intercept in _INTERCEPTS.get(type(input), ()):
        if decided := intercept(getattr(station, row.name), facts, input):
            return decided
    return None


# Scans


def session_of(station: Station, facts: Facts) -> tuple[Duty, SessionRules] | None:
    """Whose session a scan is for: the one that has the floor, else the one that was paused last."""
    if facts.floor:  # nearly every scan
        return _RULES[facts.floor]
    return next(iter(_sessions(station, facts)), None)


def _sessions(station: Station, facts: Facts) -> list[tuple[Duty, SessionRules]]:
    """The session that has the floor, alone; where none has, those that are paused, the last one first."""
    if facts.floor:
        return [_RULES[facts.floor]]
    paused = [name for name in _RULES if getattr(station, name).phase is Phase.PAUSED]
    return [_RULES[name] for name in sorted(paused, key=lambda name: getattr(station, name).paused_seq, reverse=True)]


def _decide_scan(station: Station, facts: Facts, scanner: str, line: bytes) -> Decision:
    code = parse(line)
    if isinstance(code, _PACKAGE):
        session = session_of(station, facts)
        if session is None:
            return refuse(scanner, "no_session", code.tag)
        row, rules = session
        return rules.decide_code(getattr(station, row.name), facts, scanner, code)
    match code:
        case CommandCard():
            return _decide_card(station, facts, scanner, code, line)
        case Refused(reason=reason, text=text):
            return refuse(scanner, reason, text)
        case Digits(text=text):
            return refuse(scanner, "not_a_code", text)
        case OtherCode(text=text):
            return refuse(scanner, "foreign_code", text)


def _decide_card(station: Station, facts: Facts, scanner: str, card: CommandCard, line: bytes) -> Decision:
    if card.verb not in CARDS:
        return refuse(scanner, "unknown_command", clip(line))
    row, kind = CARDS[card.verb]
    if not kind.takes(card.argument):
        return refuse(scanner, "bad_card", clip(line))
    if not is_served(row, facts.duties):
        return refuse(scanner, "not_my_duty", card.verb)
    if card.verb == Card.SEEN and station.commands.message:
        return see_message(facts, scanner)
    if row is SESSION and card.verb not in WITHOUT_SESSION:
        return _decide_session_card(station, facts, scanner, card)
    assert row.decide_card is not None, f"{row.name} has cards and does not decide them"
    return row.decide_card(getattr(station, row.name), facts, scanner, card)


def _decide_session_card(station: Station, facts: Facts, scanner: str, card: CommandCard) -> Decision:
    """A card that all sessions share; *resume* may name the duty whose session it resumes."""
    if card.verb == Card.RESUME and card.argument:
        named = next((row for row in SESSIONS if row.name == card.argument), None)
        if named is None or named.session is None:
            return refuse(scanner, "bad_card", card.argument)
        return named.session.decide_card(getattr(station, named.name), facts, scanner, card)
    session = session_of(station, facts)
    if session is None:
        return refuse(scanner, "no_session", card.verb)
    row, rules = session
    return rules.decide_card(getattr(station, row.name), facts, scanner, card)


def _decide_number(station: Station, facts: Facts, keyed: NumberKeyed) -> Decision:
    code = parse(keyed.line)
    if not isinstance(code, Digits):
        return refuse(keyed.source, "bad_quantity", clip(keyed.line))
    session = session_of(station, facts)
    if session is None:
        return refuse(keyed.source, "no_session", code.text)
    row, rules = session
    return rules.decide_number(getattr(station, row.name), facts, keyed.source, code)


def _for_session(station: Station, facts: Facts, shown: BadgePresented) -> Decision | None:
    """A badge at the desk goes to the session that has the floor; where none has, to the one that was paused last of
    those that have a use for it."""
    for row, rules in _sessions(station, facts):
        if decided := rules.decide_badge(getattr(station, row.name), facts, shown):
            return decided
    return None


# Documents and commands


def _decide_document(station: Station, facts: Facts, offered: DocumentOffered) -> Decision:
    """A document that somebody brought by hand."""
    row, kind = DOCUMENTS[offered.kind]
    loaded = kind.take(getattr(station, row.name), facts, offered.value, offered.raw, offered.by)
    if isinstance(loaded, str):
        return Decision(effects=(Reply(offered.caller, "", loaded),))
    return Decision((loaded.event,), (Reply(offered.caller, loaded.text),), loaded.document)


def _decide_command(station: Station, facts: Facts, received: CommandReceived) -> Decision:
    named = DOCUMENTS.get(received.verb)
    if named is None:
        return decide_command(station.commands, facts, received, SERVED, None)
    row, kind = named

    def take(command: CommandReceived) -> Loaded | str:
        return kind.take(getattr(station, row.name), facts, command.content, command.raw, command.signer)

    return decide_command(station.commands, facts, received, SERVED, take)


def check_command(station: Station, received: CommandReceived) -> None:
    """Raise `checking.Refusal` where this state refuses the command, whatever its body."""
    check(station.commands, facts_for(station, received), received, SERVED)
