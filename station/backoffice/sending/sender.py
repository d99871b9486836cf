"""Sending one command: ask the station's `info`, sign, send, give it the chunks that it misses, wait for the reply.

Sent again while no answer comes: a counter is taken once, so that a station which carried it out already says
`replayed` with the counter that it took, and that is a success whose first reply was lost.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from station.backoffice.sending.packing import Packed, pack_command
from station.backoffice.sending.postbox import Postbox, PostedMessage
from station.domain.commands.verbs import EVERY_STATION, Command, Reason
from station.errors import NetworkError
from station.relay.topics import Mailbox, check_level, check_name
from station.sealing.note import SigningKey

INFO_S = 5.0
"""How long a station's retained `info` may take."""
INFO_ALL_S = 2.0
"""For how long the `info` of all stations is gathered."""
AGAIN_S = 5.0
"""A command is sent again after so long without any answer or acknowledgement."""


class StationReply(NamedTuple):
    """What a station came to: `code` is empty where it carried the command out."""

    station: str
    code: str
    text: str
    values: dict[str, Any]


class _Error(msgspec.Struct):
    code: str
    text: str = ""


class _Payload(msgspec.Struct):
    status: str
    error: _Error | None = None
    data: dict[str, Any] = {}


class Order(NamedTuple):
    """What is to be sent, to one station or to `all`; valid for `valid_s`."""

    site: str
    station: str
    verb: str
    body: bytes
    valid_s: int


def reply_subscriptions(site: str, station: str, caller: str) -> list[str]:
    """Return the topics that the postbox must hear: `info` and replies of the station, or of every one."""
    answering = Mailbox(check_name("[backoffice] site", site), check_name("STATION", station)).answering
    return [f"{answering}/info", f"{answering}/reply/{check_level('caller', caller)}"]


class CommandSender:
    """Carries out one order over an open postbox.

    `counter` gives (site, station, epoch, wall ms) its counter, which is on the disk then.
    """

    def __init__(
        self, postbox: Postbox, caller: str, key: SigningKey, counter: Callable[[str, str, str, int], int]
    ) -> None:
        self._postbox, self._caller, self._key, self._counter = postbox, caller, key, counter
        self._infos: dict[str, dict[str, Any]] = {}
        self._correlation = secrets.token_bytes(16)

    def send(self, order: Order, wait_s: float) -> Iterator[StationReply]:
        """Yield each station's reply as it comes. Raise `NetworkError` where one is silent for `wait_s`.

        The time counts anew with every chunk that is on its way.
        """
        self._gather_info(order)
        command = self._build_command(order)
        packed = pack_command(command, order.body, self._key)
        silent = set(self._infos) if order.station == EVERY_STATION else {order.station}
        self._publish_command(order, packed)
        began = published = time.monotonic()
        while silent:
            # Chunks only: the command itself, sent again and again, must not keep a sender waiting for ever.
            if any("/chunk/" in topic for topic in self._postbox.on_its_way):
                began = published = time.monotonic()
            arrived = self._postbox.next_message(0.2)
            reply = self._read_reply(arrived, command, packed, order) if arrived else None
            if reply is not None and reply.station in silent:
                silent.discard(reply.station)
                yield reply
            if time.monotonic() - began > wait_s:
                raise NetworkError(_describe_silence(silent, order, wait_s))
            if silent and time.monotonic() - published > AGAIN_S:
                published = time.monotonic()
                self._publish_command(order, packed)

    def _gather_info(self, order: Order) -> None:
        """Gather the retained `info` of the stations that are meant."""
        is_to_all = order.station == EVERY_STATION
        deadline = time.monotonic() + (INFO_ALL_S if is_to_all else INFO_S)
        while (left_s := deadline - time.monotonic()) > 0 and (is_to_all or not self._infos):
            arrived = self._postbox.next_message(left_s)
            if arrived and arrived.topic.endswith("/info"):
                self._infos[arrived.topic.split("/")[-2]] = _read_info(arrived.payload)
        if not self._infos:
            who = "no station" if is_to_all else order.station
            raise NetworkError(f"{who}: nothing of it stands at the broker; it must have connected once; look at it")

    def _build_command(self, order: Order) -> Command:
        is_to_all = order.station == EVERY_STATION
        epoch = "" if is_to_all else str(self._infos[order.station].get("epoch", ""))
        wall_ms = time.time_ns() // 1_000_000
        challenges = (str(info.get("challenge", ""))[:64] for info in self._infos.values())
        return Command(
            verb=order.verb,
            site=order.site,
            station=order.station,
            counter=self._counter(order.site, order.station, epoch, wall_ms),
            not_after=(datetime.now(UTC) + timedelta(seconds=order.valid_s)).isoformat(timespec="seconds"),
            epoch=epoch,
            challenges=tuple(word for word in challenges if word)[:500],
        )

    def _publish_command(self, order: Order, packed: Packed) -> None:
        box = Mailbox(order.site, order.station)
        self._postbox.publish(
            box.command_topic(order.verb),
            packed.note,
            MessageExpiryInterval=order.valid_s,
            ResponseTopic=box.reply_topic(self._caller),
            CorrelationData=self._correlation,
        )

    def _read_reply(
        self, arrived: PostedMessage, command: Command, packed: Packed, order: Order
    ) -> StationReply | None:
        """The final reply in a message; None where it is another's, or asks for chunks."""
        if arrived.correlation != self._correlation:
            return None
        station = arrived.topic.split("/")[-3]
        try:
            found = msgspec.json.decode(arrived.payload, type=_Payload)
        except msgspec.MsgspecError as error:
            return StationReply(station, "bad_reply", str(error), {})
        if isinstance(missing := found.data.get("missing"), list):
            self._send_chunks(station, missing, packed, order)
            return None
        code, text = (found.error.code, found.error.text) if found.error else ("", "")
        if code == Reason.REPLAYED and found.data.get("counter") == command.counter:
            return StationReply(station, "", "carried out before; its first reply was lost", found.data)
        return StationReply(station, code, text, found.data)

    def _send_chunks(self, station: str, missing: list[Any], packed: Packed, order: Order) -> None:
        """Send the chunks that a station misses and that are not on their way to it."""
        box, on_its_way = Mailbox(order.site, station), self._postbox.on_its_way
        for sha256, piece in dict(
            packed.chunks[index] for index in missing if type(index) is int and 0 <= index < len(packed.chunks)
        ).items():
            topic = box.chunk_topic(sha256)
            if topic not in on_its_way:
                self._postbox.publish(topic, piece, MessageExpiryInterval=order.valid_s)


def _read_info(payload: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(payload, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def _describe_silence(silent: set[str], order: Order, wait_s: float) -> str:
    return (
        f"{', '.join(sorted(silent))}: no reply within {wait_s:g} s; the broker keeps the command for "
        f"{order.valid_s} s; look at the station, or at its events of type command.accepted"
    )
