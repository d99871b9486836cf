"""A subscriber that costs as little as it can (MQTT 5, QoS 0, no library): a program of its own.

    python -m tests.bench.listening PORT TOPIC

Says `{}` when it has subscribed. At a line `N` on its input, once N different leaves have come or 10 s later: one JSON
object, `seqs`, how many did, and `live`, the moment (ns) at which each of today's did, by seq; then it begins anew.
"""

import json
import select
import socket
import sys
import time

from tests.bench.outboxes import LIVE

MARK = b'"%s"' % LIVE.encode()
SEQUENCE = b'"sequence":"'
DIGITS = 12
PUBLISH = 0x30
LATE_S = 10.0


class Ear:
    """One connection's bytes, as packets."""

    def __init__(self, port: int, topic: str) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port))
        self._rest = b""
        self.forget()
        self._sock.sendall(_packet(0x10, b"\x00\x04MQTT\x05\x02\x00\x00\x00" + _text("listener")))
        self._sock.sendall(_packet(0x82, b"\x00\x01\x00" + _text(topic) + b"\x00"))
        while not any(kind & 0xF0 == 0x90 for kind, _ in self._packets()):
            pass

    def fileno(self) -> int:
        return self._sock.fileno()

    def forget(self) -> None:
        """Begin anew."""
        self.seqs: set[int] = set()
        self.live: dict[int, int] = {}

    def hear(self) -> None:
        """Take what is there."""
        for kind, body in self._packets():
            if kind & 0xF0 == PUBLISH and (at := body.find(SEQUENCE)) >= 0:
                at += len(SEQUENCE)
                seq = int(body[at : at + DIGITS])
                self.seqs.add(seq)
                if MARK in body:
                    self.live.setdefault(seq, time.monotonic_ns())

    def _packets(self) -> list[tuple[int, bytes]]:
        """Read once; (first byte, body) of each packet that is whole."""
        received = self._sock.recv(1 << 18)
        if not received:
            raise SystemExit("the broker closed the connection")
        self._rest += received
        packets, at, found = [], 0, _length(self._rest, 1)
        while found is not None and found[0] + found[1] <= len(self._rest):
            length, begin = found
            packets.append((self._rest[at], self._rest[begin : begin + length]))
            at = begin + length
            found = _length(self._rest, at + 1)
        self._rest = self._rest[at:]
        return packets


def _length(raw: bytes, at: int) -> tuple[int, int] | None:
    """A remaining length (MQTT 5, 1.5.5) and where its packet's body begins; None where it is cut."""
    length, shift = 0, 0
    while at < len(raw):
        length |= (raw[at] & 0x7F) << shift
        if raw[at] < 0x80:
            return length, at + 1
        at, shift = at + 1, shift + 7
    return None


def _packet(kind: int, body: bytes) -> bytes:
    assert len(body) < 128, "one byte of remaining length"
    return bytes([kind, len(body)]) + body


def _text(text: str) -> bytes:
    return len(text).to_bytes(2, "big") + text.encode()


def answer(ear: Ear, expected: int) -> None:
    """A PUBACK may be there before its leaf has come through to us."""
    until = time.monotonic() + LATE_S
    while len(ear.seqs) < expected and time.monotonic() < until:
        if select.select([ear], [], [], 0.1)[0]:
            ear.hear()
    print(json.dumps({"seqs": len(ear.seqs), "live": ear.live}), flush=True)
    ear.forget()


def main() -> None:
    ear = Ear(int(sys.argv[1]), sys.argv[2])
    print("{}", flush=True)
    while True:
        readable, _, _ = select.select([ear, sys.stdin], [], [])
        if ear in readable:
            ear.hear()
        elif line := sys.stdin.readline():
            answer(ear, int(line))
        else:
            return


if __name__ == "__main__":
    main()
