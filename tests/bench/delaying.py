"""A TCP proxy that lets everything arrive later, however much of it there is; a program of its own.

    python -m tests.bench.delaying PORT DELAY_MS

Prints its own port. Each way takes DELAY_MS, so a round trip takes twice that.
"""

import contextlib
import queue
import socket
import sys
import threading
import time

Later = queue.SimpleQueue[tuple[float, bytes]]


def main() -> None:
    port, delay_s = int(sys.argv[1]), int(sys.argv[2]) / 1000
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    while True:
        near, _ = server.accept()
        far = socket.create_connection(("127.0.0.1", port))
        for sock in (near, far):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, sink in ((near, far), (far, near)):
            later: Later = queue.SimpleQueue()
            threading.Thread(target=take, args=(source, later, delay_s), daemon=True).start()
            threading.Thread(target=give, args=(later, sink), daemon=True).start()


def take(source: socket.socket, later: Later, delay_s: float) -> None:
    """Note down when each piece is due."""
    chunk = b"."
    while chunk:
        try:
            chunk = source.recv(1 << 16)
        except OSError:
            chunk = b""
        later.put((time.monotonic() + delay_s, chunk))


def give(later: Later, sink: socket.socket) -> None:
    """Let each piece arrive when it is due; after the last one, the end."""
    with contextlib.suppress(OSError):
        while True:
            due_at, chunk = later.get()
            time.sleep(max(0.0, due_at - time.monotonic()))
            if not chunk:
                sink.shutdown(socket.SHUT_WR)
                return
            sink.sendall(chunk)


if __name__ == "__main__":
    main()
