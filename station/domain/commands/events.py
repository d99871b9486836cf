"""Events of commands, and of what they leave: messages and the lockdown."""

from typing import ClassVar

from station.domain.core.event import Event


class CommandAccepted(Event, frozen=True):
    """A signed command was carried out; what it came to follows. `series` is `own`, or `all` for a whole site's.

    `signer` is the name of the key that it opened with, `caller` where the reply went, if anywhere.
    """

    TYPE: ClassVar[str] = "command.accepted"
    verb: str
    counter: int
    series: str
    signer: str
    caller: str = ""

    def subject(self) -> str:
        return self.verb


class CommandRefused(Event, frozen=True):
    """A command that did nothing; `verb` is its topic's and `text` shows it or says why, both clipped and escaped."""

    TYPE: ClassVar[str] = "command.refused"
    verb: str
    reason: str
    text: str = ""
    times: int = 1

    def subject(self) -> str:
        return self.verb


class MessageReceived(Event, frozen=True):
    """A text for whoever stands before the station, until it was seen or until `not_after`."""

    TYPE: ClassVar[str] = "message.received"
    text: str
    not_after: str
    by: str


class MessageSeen(Event, frozen=True):
    """Somebody took the message off the screen."""

    TYPE: ClassVar[str] = "message.seen"
    scanner: str


class LockdownSet(Event, frozen=True):
    """Nobody enters until it is cleared; leaving stays free."""

    TYPE: ClassVar[str] = "lockdown.set"
    SEALED_AT_ONCE: ClassVar[bool] = True
    by: str
    reason: str = ""


class LockdownCleared(Event, frozen=True):
    """The usual rules hold again."""

    TYPE: ClassVar[str] = "lockdown.cleared"
    SEALED_AT_ONCE: ClassVar[bool] = True
    by: str
    reason: str = ""
