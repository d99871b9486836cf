"""A real mosquitto on a loopback port, a subscriber that keeps what arrives, and a TCP proxy that cuts and freezes."""

import contextlib
import os
import select
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

WAIT_S = 40.0
"""How long a condition may take on a busy machine before the test fails."""


LIMITS = "max_inflight_messages 200\nmax_queued_messages 100000"
"""By default mosquitto acknowledges, and drops, what is more than 1,000 messages ahead of a slow subscriber.

Never 0 (unlimited): then version 2.0.11 breaks the connection after every publish that an ACL refuses.
"""


def mosquitto_path() -> str:
    """Return the broker's program; skip loudly where it is missing, fail in CI."""
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        text = "mosquitto is not installed: NOTHING OF THE RELAY IS TESTED against a broker (apt install mosquitto)"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    return found


def free_port() -> int:
    """Return a loopback TCP port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def until(condition: Callable[[], object], what: str, wait_s: float = WAIT_S) -> None:
    """Wait until the condition holds; fail with `what` if it never does."""
    deadline = time.monotonic() + wait_s
    while not condition():
        assert time.monotonic() < deadline, f"never came true within {wait_s} s: {what}"
        time.sleep(0.005)


class Broker:
    """mosquitto with `settings` (lines of its configuration, without a listener unless `has_listener`)."""

    def __init__(
        self, folder: Path, settings: str = "allow_anonymous true", port: int = 0, has_listener: bool = False
    ) -> None:
        self.host = "127.0.0.1"
        self.port = port or free_port()
        self._log = folder / f"mosquitto-{self.port}.log"
        self._conf = folder / f"mosquitto-{self.port}.conf"
        listener = "" if has_listener else f"listener {self.port} {self.host}\n{LIMITS}\n"
        user = "user root\n" if os.geteuid() == 0 else ""
        self._conf.write_text(f"{user}{listener}{settings}\n")
        self._program = mosquitto_path()
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What the broker wrote."""
        return self._log.read_text()

    def start(self) -> "Broker":
        """Start and wait until it accepts connections."""
        with self._log.open("ab") as log:
            self._running = subprocess.Popen([self._program, "-c", self._conf], stdout=log, stderr=log)
        until(self._is_listening, "mosquitto listens")
        return self

    def kill(self) -> None:
        """SIGKILL."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def stop(self) -> None:
        """SIGTERM: what it was told to keep is written first."""
        if self._running is not None:
            self._running.terminate()
            self._running.wait()
            self._running = None

    def _is_listening(self) -> bool:
        assert self._running is not None
        assert self._running.poll() is None, f"mosquitto ended: {self.log}"
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1):
            return True
        return False


class Message(NamedTuple):
    """One message as it arrived."""

    topic: str
    payload: bytes
    is_retained: bool
    content_type: str


class Subscriber:
    """An MQTT 5 client that keeps everything below `topic`, in the order of arrival."""

    def __init__(
        self,
        broker: Any,
        topic: str = "custody/v1/#",
        client_id: str = "back-office",
        tls: ssl.SSLContext | None = None,
        session_s: int = 0,
    ) -> None:
        self.messages: list[Message] = []
        self._topic = topic
        self._is_ready = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe(self._topic, qos=1)
        self._client.on_subscribe = lambda *_: self._is_ready.set()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        if tls is not None:
            self._client.tls_set_context(tls)
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        session.SessionExpiryInterval = session_s
        self._client.connect(broker.host, broker.port, clean_start=session_s == 0, properties=session)
        self._client.loop_start()
        assert self._is_ready.wait(WAIT_S), "no SUBACK"

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def on(self, part: str) -> list[Message]:
        """Return the messages whose topic contains `part`."""
        return [each for each in list(self.messages) if part in each.topic]

    def newest(self, part: str) -> bytes | None:
        """Return the payload of the newest message whose topic contains `part`."""
        found = self.on(part)
        return found[-1].payload if found else None

    def await_renewal(self) -> None:
        """Wait until it has subscribed again after a broken connection."""
        assert self._is_ready.wait(WAIT_S)

    def expect_renewal(self) -> None:
        """The next subscription is the one that `await_renewal` waits for."""
        self._is_ready.clear()

    def _on_message(self, _client: Client, _: object, message: MQTTMessage) -> None:
        content_type = getattr(message.properties, "ContentType", "")
        self.messages.append(Message(message.topic, bytes(message.payload), message.retain, content_type))


class Proxy:
    """A TCP proxy before a broker: `cut` breaks all connections, `freeze` lets nothing through and closes nothing."""

    def __init__(self, port: int, own_port: int = 0) -> None:
        self.host = "127.0.0.1"
        self._target = port
        self._server = socket.create_server((self.host, own_port))
        self.port = int(self._server.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._is_open = threading.Event()
        self._is_open.set()
        self.bytes_up = 0
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def freeze(self) -> None:
        """Hold everything back."""
        self._is_open.clear()

    def thaw(self) -> None:
        """Let everything through again."""
        self._is_open.set()

    def cut(self) -> None:
        """Break every connection without a goodbye."""
        for pair in self._pairs:
            for sock in pair:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def close(self) -> None:
        """Accept no more, and cut."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._is_open.set()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self.connections += 1
                try:
                    broker = socket.create_connection((self.host, self._target))
                except OSError:
                    client.close()
                    continue
                self._pairs.append((client, broker))
                threading.Thread(target=self._pump, args=(client, broker), daemon=True).start()

    def _pump(self, client: socket.socket, broker: socket.socket) -> None:
        with contextlib.suppress(OSError), client, broker:
            while True:
                for source in select.select([client, broker], [], [])[0]:
                    chunk = source.recv(65536)
                    if not chunk:
                        return
                    self._is_open.wait()
                    if source is client:
                        self.bytes_up += len(chunk)
                        broker.sendall(chunk)
                    else:
                        client.sendall(chunk)
