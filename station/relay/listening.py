"""What comes from the broker, brought to whom it is for: witnesses, receivers that miss leaves, commands, alerts."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import structlog

from station.domain.core.effects import RemoteReply
from station.domain.core.inputs import Input
from station.relay.acknowledging import Acknowledgements, WitnessContradicts, WitnessCosigned
from station.relay.commands import CommandIntake
from station.relay.cursor import Cursor
from station.relay.limits import ResendRequests
from station.relay.link import Message
from station.relay.publications import Publications
from station.relay.sender import Sender
from station.relay.topics import Topics

REPLIES_MAX = 100
"""Replies that wait for the link; the oldest gives way, for its caller has gone."""

log = structlog.get_logger("relay")


def _tell_nobody(_: object) -> None:
    return None


class Listeners(NamedTuple):
    """Who listens to the broker through a relay, and whom they tell.

    Without `acks` a PUBACK has to do; without `commands` none is heard. Nothing told may block.
    """

    acks: Acknowledgements | None = None
    commands: CommandIntake | None = None
    on_witness: Callable[[WitnessCosigned | WitnessContradicts], None] = _tell_nobody
    on_input: Callable[[Input], None] = _tell_nobody


NO_LISTENERS = Listeners()


class Witnessing:
    """Moves the relay's cursor with what witnesses cosign, and sends again where they stay silent.

    Without `listeners.acks` PUBACKs have to do, and nothing is done here.
    """

    def __init__(
        self,
        listeners: Listeners,
        cursor: Cursor,
        sender: Sender,
        pauses_s: Sequence[float],
    ) -> None:
        self._acks, self._on_witness = listeners.acks, listeners.on_witness
        self._cursor, self._sender, self._pauses_s = cursor, sender, pauses_s
        self._news_at = 0.0
        self._rewinds = 0

    def take_cosignature(self, witness: str, note: bytes, now_s: float) -> None:
        """Take in a note from this witness's topic: move the cursor, or say that the journal was rolled back."""
        news = self._acks.read_acknowledgement(witness, note) if self._acks else None
        if self._acks is None or news is None:
            return
        if isinstance(news, WitnessCosigned):
            self._news_at, self._rewinds = now_s, 0
            self._cursor.note_cosigned(self._acks.acked)
        else:
            log.error("the journal was rolled back", found=news.text)
        self._on_witness(news)

    def begin_connection(self, now_s: float) -> None:
        """Wait for news of the witnesses from `now_s` on; the cursor itself begins at `acked` with each connection."""
        self._news_at = now_s

    def rewind_when_silent(self, now_s: float) -> None:
        """Send again what nobody has cosigned for too long, each time after a longer pause."""
        cursor = self._cursor
        if cursor.acked >= cursor.sent:
            self._news_at = now_s
        elif now_s - self._news_at > self._pauses_s[min(self._rewinds, len(self._pauses_s) - 1)]:
            self._news_at, self._rewinds = now_s, self._rewinds + 1
            log.warning("no witness has cosigned; sending again", acked=cursor.acked, sent=cursor.sent)
            self._sender.rewind()

    def refusal_alerts(self) -> dict[str, dict[str, Any]]:
        """Return `code/instance` -> payload of the alerts about witnesses whose notes were refused."""
        return self._acks.refusal_alerts() if self._acks else {}


class MessageRouter:
    """Brings each message to whom it is for; runs in the relay's thread, but for `replies`, which any may fill."""

    def __init__(  # noqa: PLR0917
        self,
        topics: Topics,
        witnessing: Witnessing,
        resends: ResendRequests,
        sender: Sender,
        publications: Publications,
        listeners: Listeners,
    ) -> None:
        self._topics, self._witnessing, self._resends = topics, witnessing, resends
        self._sender, self._publications = sender, publications
        self._commands, self._on_input = listeners.commands, listeners.on_input
        self.replies: deque[RemoteReply] = deque(maxlen=REPLIES_MAX)

    @property
    def subscriptions(self) -> list[str]:
        """The filters of all topics that are listened to."""
        topics = self._topics
        own = [topics.acks, topics.resend, topics.alerts]
        return [*own, *self._commands.subscriptions] if self._commands else own

    def route_message(self, message: Message) -> None:
        """Bring one message to whom it is for, by its topic; what nobody waits for is dropped."""
        witness = self._topics.witness_of(message.topic)
        if witness is not None:
            self._witnessing.take_cosignature(witness, message.payload, time.monotonic())
        elif message.topic == self._topics.resend:
            if asked := self._resends.read_request(message.payload):
                self._sender.queue_resend(*asked)
        elif self._topics.is_alert(message.topic):
            if message.is_retained:
                self._publications.note_standing_alert(message.topic)
        elif self._commands is not None and self._commands.is_ours(message.topic):
            self._offer_inputs(
                self._commands.inputs_of_message(
                    message.topic, message.payload, message.response_topic, message.correlation
                )
            )

    def offer_inputs_due(self) -> None:
        """Offer the loop the inputs that time brings; call it about every second."""
        if self._commands is not None:
            self._offer_inputs(self._commands.inputs_due())

    def take_reply(self) -> RemoteReply | None:
        """Take out the oldest reply that waits; None where none does."""
        if self._commands is not None:
            self.replies.extend(self._commands.take_replies())
        return self.replies.popleft() if self.replies else None

    def _offer_inputs(self, inputs: list[Input]) -> None:
        for input in inputs:
            self._on_input(input)
