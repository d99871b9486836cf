"""What commands leave: how far their counters have come, a message on the screen, a lockdown."""

import msgspec
from msgspec.structs import replace

from station.domain.commands.events import (
    CommandAccepted,
    LockdownCleared,
    LockdownSet,
    MessageReceived,
    MessageSeen,
)
from station.domain.core.decider import Recorded


class Counters(msgspec.Struct, frozen=True):
    """The highest counters of accepted commands: of this station's own series in this epoch, and of `all`."""

    own: int = 0
    every: int = 0


class Commanded(msgspec.Struct, frozen=True):
    """The counters; the message that nobody has seen yet; the lockdown in force. None where there is none."""

    counters: Counters = Counters()
    message: MessageReceived | None = None
    lockdown: LockdownSet | None = None


def evolve(commanded: Commanded, recorded: Recorded) -> Commanded:
    """The state after an event."""
    match recorded.event:
        case CommandAccepted() as accepted:
            return replace(commanded, counters=_counted(commanded.counters, accepted))
        case MessageReceived() as message:
            return replace(commanded, message=message)
        case MessageSeen():
            return replace(commanded, message=None)
        case LockdownSet() as lockdown:
            return replace(commanded, lockdown=lockdown)
        case LockdownCleared():
            return replace(commanded, lockdown=None)
        case _:
            return commanded


def _counted(counters: Counters, accepted: CommandAccepted) -> Counters:
    if accepted.series == "all":
        return Counters(counters.own, max(counters.every, accepted.counter))
    return Counters(max(counters.own, accepted.counter), counters.every)
