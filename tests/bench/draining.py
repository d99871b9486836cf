"""Drains a journal to a broker; a program of its own.

    python -m tests.bench.draining relay|live|paho DIRECTORY PORT

`relay` is the station's own, `live` the same with an event recorded every 0.2 s meanwhile, `paho` the baseline: paho's
threaded loop with the same window, over rows read by nothing but sqlite3. Says `{}` when it is ready, begins at a line
on its input, and ends with one JSON object: `seconds` from the connection's begin to the last PUBACK, `events`,
`rss_before` and `rss_peak` (bytes), and the moments (ns) at which `live` events were durable, by seq.
"""

import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from station.journal.journal import FILE_NAME, Journal
from station.journal.reader import Reader
from station.relay.mqtt import Relay
from station.relay.options import RelayOptions
from station.relay.outgoing import LEAF_TYPE
from station.spine import logs
from tests.bench.outboxes import KEY, NAME, SITE, live
from tests.bench.stations import rss_bytes
from tests.journal.rows import WALL_MS, rows

WINDOW = 100
LOOK_EVERY_S = 0.02
LIVE_EVERY_S = 0.2


class Weighed:
    """How much memory the program has taken since it was ready."""

    def __init__(self) -> None:
        self.before = self.peak = rss_bytes(os.getpid())

    def look(self) -> None:
        self.peak = max(self.peak, rss_bytes(os.getpid()))


def main() -> None:
    logs.configure_logs()  # to stderr; what is said here stands on stdout
    kind, directory, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    drain = {"relay": relay, "live": relay_with_live_events, "paho": paho_threaded}[kind]
    print(json.dumps(drain(directory, port)), flush=True)


def ready() -> Weighed:
    """Say so, and wait for the word."""
    print("{}", flush=True)
    sys.stdin.readline()
    return Weighed()


def relay(directory: Path, port: int) -> dict[str, Any]:
    """The station's relay, alone."""
    return _relay(directory, port, lambda _relay: {})


def relay_with_live_events(directory: Path, port: int) -> dict[str, Any]:
    """With the journal's writing side in the same program, as in a station."""
    journal = Journal(directory, key=KEY)
    opened = journal.open(WALL_MS)
    seq, due_at, durable = opened.station.seq, float("inf"), dict[int, int]()

    def record(relay: Relay) -> dict[int, int]:
        nonlocal seq, due_at
        if relay.is_up and due_at == float("inf"):  # what was recorded before the link was up is backlog
            due_at = time.monotonic() + LIVE_EVERY_S
        if time.monotonic() >= due_at:
            due_at, seq = time.monotonic() + LIVE_EVERY_S, seq + 1
            journal.append(rows(seq, [live(seq)], opened.epoch))
            durable[seq] = time.monotonic_ns()
            relay.wake()
        return durable

    return _relay(directory, port, record)


def _relay(directory: Path, port: int, each_look: Callable[[Relay], dict[int, int]]) -> dict[str, Any]:
    reader = Reader.open_at(directory / FILE_NAME)
    looking = Reader.open_at(directory / FILE_NAME)
    last, durable = looking.head(), dict[int, int]()
    options = RelayOptions(host="127.0.0.1", port=port, site=SITE, station=NAME, window=WINDOW)
    drained = Relay(
        options,
        reader,
        on_link=lambda _: None,
        on_acked=lambda *_: None,
        info=dict,
        health=dict,
        alerts=dict,
        state=lambda: "ready",
    )
    weighed = ready()
    began = time.monotonic()
    drained.start()
    while drained.sent < last:
        time.sleep(LOOK_EVERY_S)
        weighed.look()
        durable = each_look(drained)
    took_s = time.monotonic() - began
    drained.stop(5)
    return _said(took_s, last + 1, weighed, durable)


def paho_threaded(directory: Path, port: int) -> dict[str, Any]:
    """The usual outbox: publish as long as fewer than `WINDOW` wait for their PUBACK, which `on_publish` counts."""
    weighed, room, is_up = ready(), threading.Semaphore(WINDOW), threading.Event()
    began, events = time.monotonic(), 0
    client = Client(CallbackAPIVersion.VERSION2, client_id=f"{SITE}/{NAME}", protocol=MQTTv5)
    client.max_inflight_messages_set(WINDOW)
    client.on_connect = lambda *_: is_up.set()
    client.on_publish = lambda *_: room.release()
    client.connect("127.0.0.1", port)
    client.loop_start()
    is_up.wait()
    properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = LEAF_TYPE
    topic = f"custody/v1/{SITE}/{NAME}/event/count.scanned"
    with closing(sqlite3.connect(directory / FILE_NAME)) as connection:
        sql = "SELECT seq, leaf FROM event WHERE seq >= ? ORDER BY seq LIMIT 100"
        while batch := connection.execute(sql, (events,)).fetchall():
            for _, leaf in batch:
                room.acquire()
                client.publish(topic, leaf, qos=1, properties=properties)
            events += len(batch)
            weighed.look()
    for _ in range(WINDOW):
        room.acquire()
    took_s = time.monotonic() - began
    client.disconnect()
    client.loop_stop()
    return _said(took_s, events, weighed, {})


def _said(took_s: float, events: int, weighed: Weighed, durable: dict[int, int]) -> dict[str, Any]:
    return {
        "seconds": took_s,
        "events": events,
        "rss_before": weighed.before,
        "rss_peak": weighed.peak,
        "live": durable,
    }


if __name__ == "__main__":
    main()
