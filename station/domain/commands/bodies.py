"""The bodies of the commands that are no documents: a message, a lockdown, a ping. What each may be and comes to."""

from typing import Any

import msgspec

from station.domain.commands.checking import Done
from station.domain.commands.events import LockdownCleared, LockdownSet, MessageReceived
from station.domain.commands.inputs import CommandReceived
from station.domain.commands.state import Commanded
from station.domain.commands.verbs import LockdownBody, MessageBody, Verb
from station.domain.documents.values import is_moment

MESSAGE_CHARS_MAX = 120
REASON_CHARS_MAX = 80
SERVED = frozenset({Verb.PING, Verb.MESSAGE, Verb.LOCKDOWN})
"""The verbs that this room acts on; those of documents are the duties'."""


class BodyFaults(ValueError):
    """Every fault of a body, one a line."""


def read(verb: str, raw: bytes) -> Any:
    """The body of one of `SERVED`; raise `BodyFaults` with every fault. Never raises anything else."""
    try:
        match verb:
            case Verb.MESSAGE:
                return _message(msgspec.json.decode(raw, type=MessageBody))
            case Verb.LOCKDOWN:
                return _lockdown(msgspec.json.decode(raw, type=LockdownBody))
            case _:
                return None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
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


def carry_out(commanded: Commanded, received: CommandReceived) -> Done | str:
    """What the command comes to, or why its body cannot be taken."""
    match received.content:
        case MessageBody(text=text, not_after=not_after):
            return Done((MessageReceived(text, not_after or received.command.not_after, received.signer),))
        case LockdownBody(set=True, reason=reason):
            return Done((LockdownSet(received.signer, reason),), {"lockdown": True})
        case LockdownBody(reason=reason):
            events = (LockdownCleared(received.signer, reason),) if commanded.lockdown else ()
            return Done(events, {"lockdown": False})
        case None if received.verb == Verb.PING:
            return Done()
        case _:
            return f"{received.verb}: has no body that this release knows"
