"""A station behind its relay's `CommandIntake`, without a broker: messages in, events and replies out."""

from pathlib import Path
from typing import Any

from station.domain.core.effects import RemoteReply
from station.domain.core.event import Event
from station.domain.core.inputs import Input
from station.domain.lifecycle.inputs import Started
from station.relay.chunks import Chunks
from station.relay.commands import CommandIntake
from station.relay.topics import Topics
from tests.domain.play import OFFSET_MS
from tests.domain.stamping import Stamping
from tests.remote.office import BASE, EVERY, HERE, KEY, REPLY, command, note


class World:
    """`now` is the monotonic clock in milliseconds; a test moves it."""

    def __init__(self, directory: Path, quality: str = "synced") -> None:
        self.directory = directory
        self.now = 1_000
        self.stamping = Stamping()
        self.stamping.put(Started(self.now, "boot-1", OFFSET_MS, quality, "1.0", "1"))
        self.replies: list[RemoteReply] = []
        self.restart()

    def restart(self) -> None:
        """The relay begins anew; the station's state and its files stay."""
        self.commands = CommandIntake(
            Topics(HERE.site, HERE.station),
            HERE,
            KEY.verifier,
            Chunks(self.directory / "chunks"),
            station=lambda: self.stamping.station,
            now=lambda: self.now,
        )

    def hear(
        self, payload: bytes, verb: str = "ping", base: str = BASE, reply: str = REPLY.topic, correlation: Any = b"7"
    ) -> list[Event]:
        """A message on the topic of a command; the events that it comes to."""
        return self._put(self.commands.inputs_of_message(f"{base}/command/{verb}", payload, reply, correlation))

    def chunk(self, name: str, payload: bytes) -> list[Event]:
        """A message on the topic of a chunk."""
        return self._put(self.commands.inputs_of_message(f"{BASE}/chunk/{name}", payload, "", None))

    def tick(self, later_ms: int = 0) -> list[Event]:
        """So much later, the relay looks after its commands."""
        self.now += later_ms
        return self._put(self.commands.inputs_due())

    def send(self, verb: str = "ping", counter: int = 1, *, to_all: bool = False, **changed: Any) -> list[Event]:
        """A command as the back office makes it, unless changed."""
        base = BASE
        if to_all:
            base, changed = EVERY, {"station": "all", "epoch": ""} | changed
        made = command(verb, counter, self.now + OFFSET_MS, **changed)
        return self.hear(note(made), verb, base, f"{base}/reply/office")

    def told(self) -> list[str]:
        """The codes of the replies since the last call; `ok` where there is none, `missing` where chunks are."""
        replies, self.replies = self.replies, []
        return [reply.code or ("missing" if "missing" in reply.values else "ok") for reply in replies]

    def _put(self, inputs: list[Input]) -> list[Event]:
        events: list[Event] = []
        for input in inputs:
            came, effects = self.stamping.put(input)
            events += came
            self.replies += [effect for effect in effects if isinstance(effect, RemoteReply)]
        self.replies += self.commands.take_replies()
        return events


def types(events: list[Event]) -> list[str]:
    """The names of the events, and why commands were refused."""
    return [" ".join([event.TYPE, *filter(None, [getattr(event, "reason", "")])]) for event in events]
