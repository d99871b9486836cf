"""What the threads alone cost: reader, loop and journal as in the station, the same commits, and nothing decided.

    python -m tests.bench.hops SETTINGS TIMES

It takes and answers as `tests.bench.timed` does: what is not a tag is refused, of cards nothing is said.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from station import wiring
from station.journal.handoff import Handoff
from tests.bench.raw import commit, connect, row

ANSWERS: list[int] = []
READS: list[tuple[int, int]] = []
READ_BYTES = 4096


def main() -> None:
    settings, times = (Path(argument) for argument in sys.argv[1:])
    found = tomllib.loads(settings.read_text())
    wiring.share_one_processor()
    inbox: Handoff[bytes] = Handoff()
    groups: Handoff[bytes] = Handoff()
    port = os.open(found["scanner"][0]["port"], os.O_RDWR | os.O_NOCTTY)
    threading.Thread(target=_read, args=(port, inbox), daemon=True).start()
    threading.Thread(target=_journal, args=(Path(found["station"]["data_dir"]), groups, inbox), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: inbox.put(b"stop"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
    _loop(port, inbox, groups)
    times.write_text(json.dumps({"gun0": {"answers": ANSWERS, "reads": READS}}))


def _read(port: int, inbox: Handoff[bytes]) -> None:
    rest = b""
    while True:
        chunk = os.read(port, READ_BYTES)
        READS.append((time.monotonic_ns(), len(chunk)))
        *lines, rest = (rest + chunk).split(b"\r")
        for line in lines:
            inbox.put(line)


def _loop(port: int, inbox: Handoff[bytes], groups: Handoff[bytes]) -> None:
    for said in _taken(inbox):
        if said == b"stop":
            return
        if said == b"durable":
            ANSWERS.append(time.monotonic_ns())
            os.write(port, b"\x07")
        elif said.startswith(b"1A4"):
            groups.put(said)
        elif said == b"?":
            os.write(port, b"\x15")


def _journal(directory: Path, groups: Handoff[bytes], inbox: Handoff[bytes]) -> None:
    connection = connect(directory)
    for seq, _ in enumerate(_taken(groups)):
        commit(connection, [row(seq)])
        inbox.put(b"durable")


def _taken(handoff: Handoff[bytes]) -> Iterator[bytes]:
    while True:
        if handoff.wait(1.0):
            yield handoff.take()


if __name__ == "__main__":
    main()
