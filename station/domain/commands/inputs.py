"""What the relay reports of commands."""

from typing import Any

from station.domain.commands.verbs import Command, Here, ReplyTo
from station.domain.core.inputs import Input


class CommandReceived(Input, frozen=True):
    """A command whose signature by `signer` was good; whether it is for this station and now is still to be decided.

    `verb` is its topic's; `is_to_all` whether the topic was that of every station; `is_fresh` whether it holds a
    challenge that this station showed lately. `content` is its body, read, and `raw` the body's bytes; where the body
    could not be read, `fault` says why.
    """

    at: int
    here: Here
    verb: str
    is_to_all: bool
    command: Command
    signer: str
    is_fresh: bool = False
    reply: ReplyTo | None = None
    content: Any = None
    raw: bytes = b""
    fault: str = ""


class CommandSpoiled(Input, frozen=True):
    """So many commands were refused before they were decided, for `reason`; `text` is clipped and escaped.

    `told` is what a caller is told, where there is one to answer.
    """

    at: int
    verb: str
    reason: str
    text: str = ""
    times: int = 1
    reply: ReplyTo | None = None
    told: str = ""
    highest: int = 0
