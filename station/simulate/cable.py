"""The network between station and broker: a small TCP relay on the loopback that can be cut."""

import contextlib
import socket
import struct
import threading

CONNECTIONS_MAX = 8
CONNECT_S = 5.0
CHUNK_BYTES = 65536
_RESET = struct.pack("ii", 1, 0)  # linger for 0 s: close sends a reset


class Cable(threading.Thread):
    """Connections to 127.0.0.1:`port` are carried to the broker; while cut, all are reset at once."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(name="cable", daemon=True)
        self._broker = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.is_cut = False

    def cut(self) -> None:
        """Break every connection, and every one that is tried, until `restore`."""
        with self._lock:
            self.is_cut = True
            ends, self._ends = self._ends, set()
        for end in ends:
            _reset_end(end)

    def restore(self) -> None:
        """Carry new connections again."""
        self.is_cut = False

    def close(self) -> None:
        """Break every connection and end."""
        self.cut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def run(self) -> None:
        while True:
            try:
                station, _ = self._listener.accept()
            except OSError:
                return  # closed
            self._join_ends(station)

    def _join_ends(self, station: socket.socket) -> None:
        if self.is_cut:
            _reset_end(station)
            return
        try:
            broker = socket.create_connection(self._broker, CONNECT_S)
        except OSError:
            _reset_end(station)
            return
        broker.settimeout(None)
        with self._lock:
            is_carried = not self.is_cut and len(self._ends) < 2 * CONNECTIONS_MAX
            if is_carried:
                self._ends |= {station, broker}
        if not is_carried:
            _reset_end(station)
            broker.close()
            return
        for near, far in ((station, broker), (broker, station)):
            threading.Thread(target=self._carry_bytes, args=(near, far), name="cable", daemon=True).start()

    def _carry_bytes(self, near: socket.socket, far: socket.socket) -> None:
        """One direction, until `near` ends; then `far` is told so."""
        with contextlib.suppress(OSError):
            while chunk := near.recv(CHUNK_BYTES):
                far.sendall(chunk)
            far.shutdown(socket.SHUT_WR)
            near.shutdown(socket.SHUT_RD)
        with self._lock:
            self._ends.discard(near)
            is_over = far not in self._ends
        if is_over:
            _end_sending(near)
            _end_sending(far)


def _reset_end(end: socket.socket) -> None:
    """End it so that the other side is told of a reset."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    _end_sending(end)


def _end_sending(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)  # closed alone it would stay open for the thread that is reading it
    end.close()
