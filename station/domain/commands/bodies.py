"""What each served verb's body may be, and what carrying it out comes to."""

from typing import Any

import msgspec

from station.domain.commands.checking import Done
from station.domain.commands.events import LockdownCleared, LockdownSet, MessageReceived
from station.domain.commands.inputs import CommandReceived
from station.domain.commands.verbs import LockdownBody, MessageBody, Verb
from station.domain.count import plan as plans
from station.domain.count.plan import Plan, load_plan
from station.domain.documents.faults import DocumentFaults
from station.domain.documents.kinds import Loaded
from station.domain.documents.values import is_moment
from station.domain.people import roster as rosters
from station.domain.people.policy import Policy
from station.domain.people.roster import Roster
from station.domain.people.rules import load_roster

MESSAGE_CHARS_MAX = 120
REASON_CHARS_MAX = 80


class BodyFaults(ValueError):
    """Every fault of a body, one a line."""


class Held(msgspec.Struct, frozen=True):
    """What of the station's state a command may build upon; `wall_ms` is None where the clock proves nothing."""

    plan: Plan | None
    roster: Roster | None
    is_locked_down: bool
    wall_ms: int | None
    policy: Policy | None


def read(verb: str, raw: bytes) -> Any:
    """The body of a served verb; raise `BodyFaults` with every fault. Never raises anything else."""
    try:
        match verb:
            case Verb.PLAN:
                return plans.parse(raw)
            case Verb.ROSTER:
                return rosters.parse(raw)
            case Verb.MESSAGE:
                return _message(msgspec.json.decode(raw, type=MessageBody))
            case Verb.LOCKDOWN:
                return _lockdown(msgspec.json.decode(raw, type=LockdownBody))
            case _:
                return None
    except (DocumentFaults, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BodyFaults(f"{verb}: {error}") from None


def _message(body: MessageBody) -> MessageBody:
    if not (1 <= len(body.text) <= MESSAGE_CHARS_MAX and body.text.isprintable() and body.text.strip()):
        raise BodyFaults(f"message: text: must be 1 to {MESSAGE_CHARS_MAX} printable characters")
    if not is_moment(body.not_after):
        raise BodyFaults("message: not_after: must be a moment such as 2026-11-23T14:00:00Z")
    return body


def _lockdown(body: LockdownBody) -> LockdownBody:
    if len(body.reason) > REASON_CHARS_MAX or not body.reason.isprintable():
        raise BodyFaults(f"lockdown: reason: must be at most {REASON_CHARS_MAX} printable characters")
    return body


def carry_out(received: CommandReceived, held: Held) -> Done | str:
    """What the command comes to, or why its body cannot be taken."""
    if received.fault:
        return received.fault
    match received.content:
        case Plan() as plan:
            return _done(load_plan(held.plan, plan, received.raw, received.signer))
        case Roster() as roster:
            return _done(load_roster(held.roster, held.policy, roster, received.raw, received.signer, held.wall_ms))
        case MessageBody(text=text, not_after=not_after):
            return Done((MessageReceived(text, not_after or received.command.not_after, received.signer),))
        case LockdownBody(set=True, reason=reason):
            return Done((LockdownSet(received.signer, reason),), {"lockdown": True})
        case LockdownBody(reason=reason):
            events = (LockdownCleared(received.signer, reason),) if held.is_locked_down else ()
            return Done(events, {"lockdown": False})
        case None if received.verb == Verb.PING:
            return Done()
        case _:
            return f"{received.verb}: has no body that this release knows"


def _done(loaded: Loaded | str) -> Done | str:
    if isinstance(loaded, str):
        return loaded
    return Done((loaded.event,), {"text": loaded.text, "document": loaded.document.sha256}, loaded.document)
