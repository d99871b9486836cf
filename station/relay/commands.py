"""What comes on the topics of commands and chunks -> inputs for the loop, and replies that need no decision.

Whatever bytes come, nothing is raised and nothing is believed: the signature is checked before anything is read.
What the durable state refuses already is refused here, so that its refusals can be counted instead of recorded.
"""

from collections.abc import Callable

import structlog
from msgspec.structs import replace

from station.domain.commands import checking as commands
from station.domain.commands.bodies import BodyFaults
from station.domain.commands.checking import Refusal
from station.domain.commands.inputs import CommandReceived, CommandSpoiled
from station.domain.commands.verbs import TEXT_BYTES_MAX, Here, Reason, ReplyTo
from station.domain.core.effects import RemoteReply
from station.domain.core.inputs import Input
from station.domain.identifiers import clip
from station.domain.station.bodies import read_body
from station.domain.station.dispatch import check_command
from station.domain.station.state import Station
from station.relay.chunks import Chunks, ChunksRefused
from station.relay.limits import Challenges, Flood
from station.relay.pending import PendingCommands, WaitingForChunks, WholeCommand
from station.relay.topics import NameRefused, Topics
from station.sealing.note import NoteRefused, VerifierKey, open_note

CORRELATION_BYTES_MAX = 1024
HANDED_MAX = 1_000
"""Counters that are remembered as handed to the loop: one that the loop refused is still good, and may come again."""

log = structlog.get_logger("relay")


class CommandIntake:
    """Takes in the commands of one epoch. `station` gives the durable state, `now` monotonic milliseconds.

    Used by the relay's thread alone; only the challenge may be read by others.
    """

    def __init__(
        self,
        topics: Topics,
        here: Here,
        key: VerifierKey,
        chunks: Chunks,
        *,
        station: Callable[[], Station],
        now: Callable[[], int],
    ) -> None:
        self._topics, self._here, self._key = topics, here, key
        self._station, self._now = station, now
        self._pendings = PendingCommands(chunks)
        self._flood = Flood()
        self._challenges = Challenges(now)
        self._replies: list[RemoteReply] = []
        self._handed: dict[tuple[bool, int], None] = {}

    @property
    def subscriptions(self) -> list[str]:
        """The filters of the topics that `inputs_of_message` takes."""
        return [f"{self._topics.base}/command/+", f"{self._topics.every}/command/+", f"{self._topics.base}/chunk/+"]

    @property
    def challenge(self) -> str:
        """What `info` shows for whoever makes a command."""
        return self._challenges.newest_word

    def is_ours(self, topic: str) -> bool:
        """Whether `inputs_of_message` takes this topic."""
        return any(topic.startswith(each.removesuffix("+")) for each in self.subscriptions)

    def inputs_of_message(
        self, topic: str, payload: bytes, response_topic: str, correlation: bytes | None
    ) -> list[Input]:
        """Return the inputs that a message on one of `subscriptions` comes to. Never raises, whatever the message."""
        name = topic.rpartition("/")[2]
        if topic.startswith(f"{self._topics.base}/chunk/"):
            return self._take_chunk(name, payload)
        verb, is_to_all = clip(name.encode()), topic.startswith(self._topics.every)
        reply: ReplyTo | None = None
        try:
            reply = self._reply_to(response_topic, correlation, is_to_all)
            received = self._open_command(verb, is_to_all, payload, reply)
            check_command(self._station(), received)
            return self._with_body(received) if self._is_worth_it(received) else []
        except Refusal as why:
            return self._refusal_inputs(verb, why, reply, payload)

    def inputs_due(self) -> list[Input]:
        """Return the refusals that were only counted, once their minute is over, and drop commands that are over.

        Call it about every second.
        """
        try:
            self._pendings.end_commands(self._is_over)
        except OSError as error:
            log.warning("chunks cannot be deleted", error=str(error))
        return self._counted_refusals()

    def take_replies(self) -> list[RemoteReply]:
        """Return the replies since the last call that need no commit."""
        replies, self._replies = self._replies, []
        return replies

    def _open_command(self, verb: str, is_to_all: bool, payload: bytes, reply: ReplyTo | None) -> CommandReceived:
        if len(payload) > TEXT_BYTES_MAX:
            raise Refusal(Reason.TOO_LARGE, f"command: {len(payload)} bytes; at most {TEXT_BYTES_MAX}; send chunks")
        try:
            opened = open_note(payload, [self._key])
        except NoteRefused as error:
            raise Refusal(Reason.BAD_SIGNATURE, str(error)) from None
        command = commands.parse(opened.text)
        is_fresh = self._challenges.is_fresh(command.challenges)
        return CommandReceived(
            self._now(), self._here, verb, is_to_all, command, opened.signed_by[0].name, is_fresh, reply
        )

    def _reply_to(self, topic: str, correlation: bytes | None, is_to_all: bool) -> ReplyTo | None:
        """Where to answer; one that asks every station is answered by each below its own `reply/`."""
        if not topic:
            return None
        base, _, caller = topic.rpartition("/")
        wanted = self._topics.every if is_to_all else self._topics.base
        try:
            if base == f"{wanted}/reply" and len(correlation or b"") <= CORRELATION_BYTES_MAX:
                return ReplyTo(self._topics.reply_topic(caller), correlation)
        except NameRefused:
            pass
        raise Refusal(
            Reason.BAD_REPLY_TOPIC,
            f"response topic: must be {wanted}/reply/<caller>, with at most {CORRELATION_BYTES_MAX} bytes to correlate",
        )

    def _with_body(self, received: CommandReceived) -> list[Input]:
        command = received.command
        if command.chunked is None:
            return [self._hand_to_loop(received, bytes(command.body))]
        try:
            return self._inputs_of_body(self._pendings.begin_command(received, command.chunked))
        except ChunksRefused as error:
            raise Refusal(Reason.BAD_BODY, str(error)) from None
        except OSError as error:
            log.warning("chunks cannot be kept", error=str(error))
            return []  # the sender asks again

    def _take_chunk(self, name: str, chunk: bytes) -> list[Input]:
        try:
            return [input for each in self._pendings.take_chunk(name, chunk) for input in self._inputs_of_body(each)]
        except ChunksRefused as error:
            log.warning("chunks refused", error=str(error))
        except OSError as error:
            log.warning("chunk cannot be kept", error=str(error))
        return []

    def _inputs_of_body(self, found: WaitingForChunks | WholeCommand) -> list[Input]:
        if isinstance(found, WholeCommand):
            return [self._hand_to_loop(found.received, found.document)]
        if reply := found.received.reply:
            self._replies.append(RemoteReply(reply.topic, reply.correlation, values={"missing": found.missing}))
        return []

    def _is_worth_it(self, received: CommandReceived) -> bool:
        """Whether to read and decide it: one that was decided before counts as a refusal of the flood's minute."""
        is_new = _counter_of(received) not in self._handed
        return is_new or self._flood.is_told(received.verb, Reason.REPLAYED, self._now())

    def _hand_to_loop(self, received: CommandReceived, raw: bytes) -> CommandReceived:
        """The command with its body, for the loop to decide."""
        self._handed[_counter_of(received)] = None
        if len(self._handed) > HANDED_MAX:
            del self._handed[next(iter(self._handed))]
        try:
            return replace(received, raw=raw, content=read_body(received.command.verb, raw))
        except BodyFaults as faults:
            return replace(received, fault=str(faults)[: commands.TOLD_CHARS_MAX])

    def _is_over(self, received: CommandReceived) -> bool:
        try:
            check_command(self._station(), replace(received, at=self._now()))
        except Refusal:
            return True
        return False

    def _refusal_inputs(self, verb: str, why: Refusal, reply: ReplyTo | None, payload: bytes) -> list[Input]:
        now, counted = self._now(), self._counted_refusals()
        if not self._flood.is_told(verb, why.reason, now):
            return counted
        is_opened = why.reason not in {Reason.TOO_LARGE, Reason.BAD_REPLY_TOPIC, Reason.BAD_SIGNATURE}
        text = clip(why.text.encode(), commands.TEXT_CHARS_MAX) if is_opened else clip(payload)
        return [*counted, CommandSpoiled(now, verb, why.reason, text, 1, reply, why.text, why.highest)]

    def _counted_refusals(self) -> list[Input]:
        now = self._now()
        return [
            CommandSpoiled(now, verb, reason, times=times) for verb, reason, times in self._flood.counted_when_over(now)
        ]


def _counter_of(received: CommandReceived) -> tuple[bool, int]:
    return received.is_to_all, received.command.counter
