"""Commands: which are carried out, which are refused and why, and the counters that make a replay one.

A command is refused unless it is certain that it is meant for this station, now, for the first time. Where the
clock is not to be trusted, `not_after` proves nothing: then a command must hold a challenge that the station showed
within the last minutes, and is refused without.
"""

import msgspec

from station.domain.commands.events import CommandAccepted, CommandRefused
from station.domain.commands.inputs import CommandReceived, CommandSpoiled
from station.domain.commands.state import Counters
from station.domain.commands.verbs import EVERY_STATION, NO_BODY, VERBS, Command, Reason
from station.domain.core.decider import Decision, Document
from station.domain.core.effects import RemoteReply
from station.domain.core.event import Event
from station.domain.documents.json_files import DEPTH_MAX, is_deeper
from station.domain.documents.values import is_moment, moment_ms
from station.domain.identifiers import clip

TO_ALL_WITHIN_MS = 24 * 3600 * 1000
"""A new journal knows no counter: what was sent to all stations must not outlive the day."""
TEXT_CHARS_MAX = 200
TOLD_CHARS_MAX = 2_000
_decoder = msgspec.json.Decoder(Command)


class Refusal(Exception):
    """Why a command is refused: a reason and a text for whoever sent it."""

    def __init__(self, reason: Reason, text: str, highest: int = 0) -> None:
        super().__init__(f"{reason}: {text}")
        self.reason, self.text, self.highest = reason, text, highest


class Done(msgspec.Struct, frozen=True):
    """What carrying a command out comes to; `values` go into the reply."""

    events: tuple[Event, ...] = ()
    values: dict[str, object] = {}
    document: Document | None = None


def parse(text: bytes) -> Command:
    """Read the text of a note whose signature was good; raise `Refusal`."""
    if is_deeper(text, DEPTH_MAX):
        raise Refusal(Reason.TOO_DEEP, f"brackets stand in brackets; at most {DEPTH_MAX} deep")
    try:
        command = _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Refusal(Reason.BAD_BODY, f"command: {error}"[:TEXT_CHARS_MAX]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(Reason.NOT_JSON, f"command: {error}"[:TEXT_CHARS_MAX]) from None
    if not command.not_after or not is_moment(command.not_after):
        raise Refusal(Reason.BAD_BODY, "not_after: must be a moment such as 2026-11-23T14:00:00Z")
    if (command.body == NO_BODY) == (command.chunked is None):
        raise Refusal(Reason.BAD_BODY, "command: must have either body or chunked")
    return command


def check(
    counters: Counters, received: CommandReceived, wall_ms: int, is_trusted: bool, served: frozenset[str]
) -> None:
    """Raise `Refusal` unless the command is for this station, now, for the first time, and can be carried out.

    `wall_ms` is UTC milliseconds since 1970, by a clock that `is_trusted` or not; `served` are the verbs acted on.
    """
    _check_address(received)
    _check_counter(counters, received)
    _check_time(received, wall_ms, is_trusted)
    command = received.command
    if command.verb not in VERBS | served:
        known = ", ".join(sorted(VERBS | served))
        raise Refusal(Reason.UNKNOWN_VERB, f"verb = {command.verb!r}: must be one of {known}")
    if command.verb not in served:
        raise Refusal(Reason.NOT_SERVED, f"verb = {command.verb!r}: nothing of this release acts on it")


def _check_address(received: CommandReceived) -> None:
    command, here = received.command, received.here
    station, epoch = (EVERY_STATION, "") if received.is_to_all else (here.station, here.epoch)
    if (command.site, command.station) != (here.site, station):
        raise Refusal(Reason.OTHER_STATION, f"is for {command.site}/{command.station}; this is {here.site}/{station}")
    if command.epoch != epoch:
        raise Refusal(Reason.OTHER_EPOCH, f"epoch = {command.epoch!r}: must be {epoch!r}; send it again")
    if command.verb != received.verb:
        raise Refusal(Reason.WRONG_TOPIC, f"verb = {command.verb!r}: came on the topic of {received.verb!r}")


def _check_counter(counters: Counters, received: CommandReceived) -> None:
    highest = counters.every if received.is_to_all else counters.own
    counter = received.command.counter
    if counter <= highest:
        raise Refusal(Reason.REPLAYED, f"counter = {counter}: must be above {highest}; make a new command", highest)


def _check_time(received: CommandReceived, wall_ms: int, is_trusted: bool) -> None:
    not_after = received.command.not_after
    # Even a clock that proves nothing may say that it is too late.
    if moment_ms(not_after) <= wall_ms:
        raise Refusal(Reason.EXPIRED, f"not_after = {not_after}: has passed; make a new command")
    if not is_trusted and not received.is_fresh:
        text = "the station's clock is not synchronised, and no challenge of its info was in it; send it again now"
        raise Refusal(Reason.CLOCK_UNSYNCED, text)
    if received.is_to_all and moment_ms(not_after) > wall_ms + TO_ALL_WITHIN_MS:
        raise Refusal(Reason.BAD_BODY, f"not_after = {not_after}: to all stations it must lie within a day")


def accept(received: CommandReceived, done: Done) -> Decision:
    """What a command came to that was carried out; the counter goes up in the same commit."""
    command, reply = received.command, received.reply
    series = "all" if received.is_to_all else "own"
    caller = reply.caller if reply else ""
    accepted = CommandAccepted(command.verb, command.counter, series, received.signer, caller)
    events = (accepted, *done.events)
    if reply is None:
        return Decision(events, (), done.document)
    values = {"counter": command.counter, **done.values}
    return Decision(events, (RemoteReply(reply.topic, reply.correlation, values=values),), done.document)


def refuse(received: CommandReceived, why: Refusal) -> Decision:
    """What a command came to that is refused: an event, and a reply where one is wanted."""
    text = clip(why.text.encode(), TEXT_CHARS_MAX)
    return decide_spoiled(
        CommandSpoiled(received.at, received.verb, why.reason, text, 1, received.reply, why.text, why.highest)
    )


def decide_spoiled(spoiled: CommandSpoiled) -> Decision:
    """The event and the reply of a refused command."""
    event = CommandRefused(spoiled.verb, spoiled.reason, spoiled.text, spoiled.times)
    if spoiled.reply is None:
        return Decision((event,))
    values = {"counter": spoiled.highest} if spoiled.reason == Reason.REPLAYED else {}
    told = (spoiled.told or spoiled.text)[:TOLD_CHARS_MAX]
    reply = RemoteReply(spoiled.reply.topic, spoiled.reply.correlation, spoiled.reason, told, values)
    return Decision((event,), (reply,))
