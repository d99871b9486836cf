"""The relay: one thread that carries leaves from the journal to the broker, for as long as the station runs."""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog

from station.domain.core.effects import RemoteReply
from station.relay.cursor import Cursor
from station.relay.limits import ResendRequests
from station.relay.link import BrokerConnection, LinkError
from station.relay.listening import NO_LISTENERS, Listeners, MessageRouter, Witnessing
from station.relay.options import RelayOptions
from station.relay.outgoing import JSON_TYPE, LeafReader, Outgoing, OutgoingKind, packet_bytes, reply_payload
from station.relay.publications import LOST, STOPPED, Publications
from station.relay.sender import REFUSED_FROM, Sender
from station.relay.topics import Topics

FAREWELL_S = 1.0
"""How long `state` = stopped and the goodbye may take, after the drain."""

log = structlog.get_logger("relay")

Payload = dict[str, Any]


class Relay(threading.Thread):
    """Sends every durable leaf once or more, and keeps state, info, alerts and health told.

    `sent` is where to go on: the highest seq that needs no sending. Where `listeners` have witnesses it is theirs: what
    they have not cosigned is sent again at each connection, and after a time without news. All callbacks run in this
    thread, must not block, and may raise without harm. One relay serves one epoch of the journal.
    """

    def __init__(
        self,
        options: RelayOptions,
        journal: LeafReader,
        *,
        on_link: Callable[[bool], None],
        on_acked: Callable[[int, int], None],
        info: Callable[[], Payload],
        health: Callable[[], Payload],
        alerts: Callable[[], dict[str, Payload]],
        state: Callable[[], str],
        sent: int = -1,
        listeners: Listeners = NO_LISTENERS,
    ) -> None:
        super().__init__(name="relay", daemon=True)
        self._options = options
        self._on_link, self._on_acked = on_link, on_acked
        self._info, self._health, self._alerts, self._state = info, health, alerts, state
        self._topics = Topics(options.site, options.station)
        self._cursor = Cursor(listeners.acks.acked if listeners.acks else sent, is_witnessed=listeners.acks is not None)
        self._sender = Sender(self._topics, journal, self._cursor, time.monotonic, options.stall_pauses_s)
        self._publications = Publications(self._topics)
        self._witnessing = Witnessing(listeners, self._cursor, self._sender, options.ack_pauses_s)
        resends = ResendRequests(journal.epoch(), time.monotonic)
        self._router = MessageRouter(
            self._topics, self._witnessing, resends, self._sender, self._publications, listeners
        )
        self._wake_rx, self._wake_tx = socket.socketpair()
        self._wake_rx.setblocking(False)
        self._wake_tx.setblocking(False)
        self._is_woken, self._must_look = False, True
        self._drain_until: float | None = None
        self._reported = (self._cursor.acked, 0)
        self._awaited: dict[int, Outgoing | tuple[str, bytes]] = {}
        self._answered_at = 0.0
        self._levels_due_at = self._health_due_at = self._journal_due_at = 0.0
        self._tries = 0
        self.is_up = False
        self.reason = "not connected yet"
        """Why the link is down, for people; empty while it is up."""

    @property
    def sent(self) -> int:
        """The highest seq up to which every leaf was delivered or withheld."""
        return self._cursor.sent

    @property
    def waiting(self) -> int:
        """How many leaves lie above `sent`, as far as the relay has looked into the journal."""
        return self._cursor.waiting

    def wake(self) -> None:
        """Say that something was committed; callable from any thread, never blocks."""
        if not self._is_woken:
            self._is_woken = True
            with contextlib.suppress(OSError):  # full: it will wake anyway; closed: it is over
                self._wake_tx.send(b"\0")

    def reply(self, reply: RemoteReply) -> None:
        """Answer the sender of a command; callable from any thread, never blocks."""
        self._router.replies.append(reply)
        self.wake()

    def stop(self, drain_s: float) -> bool:
        """Send what is there for at most `drain_s`, say `stopped`, end; return whether the thread has ended.

        Waits at most drain_s + 3 connect timeouts + 3 s. A link that is down is tried once more.
        """
        self._drain_until = time.monotonic() + drain_s
        self._is_woken = False
        self.wake()
        if self.is_alive():
            self.join(drain_s + 3 * self._options.connect_timeout_s + 3 * FAREWELL_S)
        return not self.is_alive()

    def run(self) -> None:
        """Connect, serve, pause, for ever; only `stop` ends it."""
        while True:
            is_last = self._drain_until is not None
            if self._is_served() or is_last:
                break
            self._pause_before_retry()
        self._wake_rx.close()
        self._wake_tx.close()

    def _is_served(self) -> bool:
        """Live through one connection; return whether the station said goodbye on it."""
        began = time.monotonic()
        try:
            return self._serve_connection(
                BrokerConnection(self._options, self._topics.identity, self._topics.state, LOST)
            )
        except Exception:  # whatever it is, a relay that is dead sends nothing for ever
            log.exception("relay stumbled")
            return False
        finally:
            if time.monotonic() - began >= self._options.steady_s:
                self._tries = 0

    def _serve_connection(self, link: BrokerConnection) -> bool:
        try:
            self._connect(link)
            while not link.is_over:
                if self._do_round(link):
                    self._say_goodbye(link)
                    return True
        except LinkError as error:
            link.end(str(error))
        except Exception as error:  # whatever it is: the link says why it ended, and it is raised on
            link.end(link.explain_error(error))
            raise
        finally:
            self._close_link(link)
        return False

    def _connect(self, link: BrokerConnection) -> None:
        timeout_s = self._options.connect_timeout_s
        if self._drain_until is not None:
            timeout_s = min(timeout_s, max(0.5, self._drain_until - time.monotonic()))
        link.open(timeout_s)
        deadline = time.monotonic() + timeout_s
        while not link.is_up and not link.is_over:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise LinkError(link.explain_error(TimeoutError(f"no CONNACK within {timeout_s:g} s")))
            link.step(self._wake_rx, left_s)
            self._drain_wakes()
        if link.is_over:
            raise LinkError(link.reason)
        link.subscribe(self._router.subscriptions)
        self._begin_connection()
        self._sender.begin_connection(link.packet_bytes_max)

    def _begin_connection(self) -> None:
        self._publications.tell_all_again()
        self._awaited.clear()
        self._must_look = True
        self._levels_due_at = self._health_due_at = self._journal_due_at = 0.0
        self._answered_at = time.monotonic()
        self._witnessing.begin_connection(self._answered_at)
        self.is_up, self.reason = True, ""
        log.info("link up", host=self._options.host, port=self._options.port)
        self._call_safely(self._on_link, True)

    def _close_link(self, link: BrokerConnection) -> None:
        self._take_answers(link)
        levels_open = any(not isinstance(each, Outgoing) for each in self._awaited.values())
        self._sender.end_connection(link.is_fault and not levels_open)  # else a level may have been the cause
        link.abort()
        self._awaited.clear()
        self.reason = link.reason or "stopped"
        log.info("link down", reason=self.reason)
        if self.is_up:
            self.is_up = False
            self._call_safely(self._on_link, False)
        self._report_progress()

    def _do_round(self, link: BrokerConnection) -> bool:
        """Do one round of the loop; return whether it is time to say goodbye."""
        self._must_look |= self._drain_wakes() or self._drain_until is not None
        self._take_answers(link)
        for message in link.take_messages():
            self._call_safely(self._router.route_message, message)
        self._tell_replies(link)
        self._tell_levels(link)
        self._tell_health(link)
        self._witnessing.rewind_when_silent(time.monotonic())
        is_idle = self._fill_window(link)
        link.flush()
        self._report_progress()
        self._check_answers(link)
        if self._drain_until is not None and (is_idle or time.monotonic() >= self._drain_until):
            return True
        link.step(self._wake_rx, self._wait_s())
        return False

    def _wait_s(self) -> float:
        now, wait_s = time.monotonic(), self._options.levels_every_s
        if self._drain_until is not None:
            wait_s = max(0.0, min(wait_s, self._drain_until - now))
        if now < self._journal_due_at:
            return min(wait_s, self._journal_due_at - now)
        return self._sender.wait_s(wait_s)

    def _take_answers(self, link: BrokerConnection) -> None:
        for mid, reason in link.take_answers():
            self._answered_at = time.monotonic()
            match self._awaited.pop(mid, None):
                case Outgoing() as sent:
                    follower = self._sender.note_answer(sent, reason)
                    if follower is not None:
                        self._send_outgoing(link, follower)
                case (topic, payload):
                    self._publications.mark_confirmed(topic, payload)
                    if reason >= REFUSED_FROM:
                        log.warning("broker refused a publication", topic=topic, reason=reason)

    def _fill_window(self, link: BrokerConnection) -> bool:
        """Fill the window; return whether there is nothing on its way and nothing that may go now."""
        now = time.monotonic()
        if now < self._journal_due_at:
            return False
        try:
            if self._must_look:
                self._sender.look_at_journal()
                self._must_look = False
            for outgoing in self._sender.take_outgoing(self._window_room(link)):
                self._send_outgoing(link, outgoing)
        except Exception as error:  # the journal raises what its disk does; alerts and health must still go out
            log.warning("journal cannot be read", error=str(error))
            self._journal_due_at = now + self._options.journal_pause_s
        return self._sender.in_flight == 0

    def _window_room(self, link: BrokerConnection) -> int:
        return min(self._options.window, link.receive_max) - len(self._awaited)

    def _send_outgoing(self, link: BrokerConnection, outgoing: Outgoing) -> None:
        is_retained = outgoing.kind is OutgoingKind.CHECKPOINT
        mid = link.publish(outgoing.topic, outgoing.payload, outgoing.content_type, retain=is_retained)
        self._awaited[mid] = outgoing

    def _tell_replies(self, link: BrokerConnection) -> None:
        while self._window_room(link) > 0 and (reply := self._router.take_reply()) is not None:
            payload = reply_payload(reply)
            if packet_bytes(reply.topic, payload, JSON_TYPE) + len(reply.correlation or b"") > link.packet_bytes_max:
                log.warning("reply is larger than the broker takes", topic=reply.topic, payload_bytes=len(payload))
                continue
            mid = link.publish(reply.topic, payload, JSON_TYPE, correlation=reply.correlation)
            self._awaited[mid] = (reply.topic, payload)

    def _tell_levels(self, link: BrokerConnection) -> None:
        if time.monotonic() >= self._levels_due_at:
            self._levels_due_at = time.monotonic() + self._options.levels_every_s
            self._call_safely(self._look_at_levels)
            self._call_safely(self._router.offer_inputs_due)
        for topic, payload in self._publications.changed_publications():
            if self._window_room(link) <= 0:
                break
            self._publications.mark_told(topic, payload)
            if packet_bytes(topic, payload, JSON_TYPE) > link.packet_bytes_max:
                log.warning("publication is larger than the broker takes", topic=topic, payload_bytes=len(payload))
                continue
            mid = link.publish(topic, payload, JSON_TYPE if payload else "", retain=True)
            self._awaited[mid] = (topic, payload)

    def _look_at_levels(self) -> None:
        """Ask the station for its levels; the relay's own alerts stand among the others."""
        self._publications.want_state(self._state())
        self._publications.want_info(self._info())
        own = {**self._sender.refusals.withheld_alerts(), **self._witnessing.refusal_alerts()}
        left_out = self._publications.want_alerts({**own, **self._alerts()})
        if left_out:
            log.warning("alerts left out", keys=left_out[:10], count=len(left_out))

    def _tell_health(self, link: BrokerConnection) -> None:
        if time.monotonic() < self._health_due_at:
            return
        self._health_due_at = time.monotonic() + self._options.health_every_s
        self._call_safely(lambda: self._publish_health(link, self._health()))

    def _publish_health(self, link: BrokerConnection, health: Mapping[str, Any]) -> None:
        payload = msgspec.json.encode(health)
        if packet_bytes(self._topics.health, payload, JSON_TYPE) <= link.packet_bytes_max:
            link.publish(self._topics.health, payload, JSON_TYPE, qos=0)

    def _check_answers(self, link: BrokerConnection) -> None:
        """Give up a broker that still answers pings but no publishes."""
        silent_s = 2 * self._options.keepalive_s
        if not self._awaited:
            self._answered_at = time.monotonic()
        elif time.monotonic() - self._answered_at > silent_s:
            link.end(link.explain_error(TimeoutError(f"no PUBACK within {silent_s} s")))

    def _report_progress(self) -> None:
        news = (self._cursor.acked, self._cursor.withheld)
        if news != self._reported:
            self._reported = news
            self._call_safely(self._on_acked, *news)

    def _say_goodbye(self, link: BrokerConnection) -> None:
        mid = link.publish(self._topics.state, STOPPED, JSON_TYPE, retain=True)
        self._awaited[mid] = (self._topics.state, STOPPED)
        deadline = time.monotonic() + FAREWELL_S
        while not link.is_over and mid in self._awaited and time.monotonic() < deadline:
            link.step(self._wake_rx, 0.05)
            self._drain_wakes()
            self._take_answers(link)
        link.disconnect()
        while not link.is_over and time.monotonic() < deadline + FAREWELL_S:
            link.step(self._wake_rx, 0.05)
            self._drain_wakes()

    def _pause_before_retry(self) -> None:
        """Pause before the next try; `stop` ends it early, commits do not."""
        pauses_s = self._options.connect_pauses_s
        until = time.monotonic() + pauses_s[min(self._tries, len(pauses_s) - 1)]
        self._tries += 1
        while self._drain_until is None and (left_s := until - time.monotonic()) > 0:
            select.select([self._wake_rx], [], [], left_s)
            self._drain_wakes()

    def _drain_wakes(self) -> bool:
        """Empty the pipe first, then lower the flag: a commit in between is seen by the look that follows."""
        is_woken = False
        with contextlib.suppress(BlockingIOError):
            is_woken = bool(self._wake_rx.recv(4096))
        self._is_woken = False
        return is_woken

    def _call_safely(self, function: Callable[..., object], *arguments: object) -> None:
        """Run a piece of the station; whatever it raises is logged and never ends the relay."""
        try:
            function(*arguments)
        except Exception:  # not ours to know what it may raise
            log.exception("a callback of the relay failed")
