"""What comes from the broker, brought to whom it is for: witnesses, receivers that miss leaves, commands, alerts."""

import time
from collections import deque

from station.domain.core.effects import RemoteReply
from station.domain.core.inputs import Input
from station.relay.ears import Ears
from station.relay.link import Message
from station.relay.publications import Publications
from station.relay.resending import Resends
from station.relay.sender import Sender
from station.relay.topics import Topics
from station.relay.witnessing import Witnessing

REPLIES_MAX = 100
"""Replies that wait for the link; the oldest gives way, for its caller has gone."""


class Hearing:
    """Runs in the relay's thread, but for `reply`."""

    def __init__(  # noqa: PLR0917
        self,
        topics: Topics,
        witnessing: Witnessing,
        resends: Resends,
        sender: Sender,
        publications: Publications,
        ears: Ears,
    ) -> None:
        self._topics, self._witnessing, self._resends = topics, witnessing, resends
        self._sender, self._publications = sender, publications
        self._commands, self._on_input = ears.commands, ears.on_input
        self.replies: deque[RemoteReply] = deque(maxlen=REPLIES_MAX)

    @property
    def subscriptions(self) -> list[str]:
        """The filters of all topics that are listened to."""
        topics = self._topics
        own = [topics.acks, topics.resend, topics.alerts]
        return [*own, *self._commands.subscriptions] if self._commands else own

    def hear(self, message: Message) -> None:
        """Do what a message asks for."""
        witness = self._topics.witness_of(message.topic)
        if witness is not None:
            self._witnessing.received(witness, message.payload, time.monotonic())
        elif message.topic == self._topics.resend:
            if asked := self._resends.received(message.payload):
                self._sender.ask(*asked)
        elif self._topics.is_alert(message.topic):
            if message.is_retained:
                self._publications.found(message.topic)
        elif self._commands is not None and self._commands.is_ours(message.topic):
            self._offer(
                self._commands.received(message.topic, message.payload, message.response_topic, message.correlation)
            )

    def tick(self) -> None:
        """What time brings; about every second."""
        if self._commands is not None:
            self._offer(self._commands.tick())

    def take_reply(self) -> RemoteReply | None:
        """The oldest reply that waits, or None."""
        if self._commands is not None:
            self.replies.extend(self._commands.take_replies())
        return self.replies.popleft() if self.replies else None

    def _offer(self, inputs: list[Input]) -> None:
        for input in inputs:
            self._on_input(input)
