"""The rig's agent: runs in the guest, answers JSON lines on a virtio-serial port. Standard library only.

A request is `{"id", "op", ...}`, an answer `{"id", ...}` or `{"id", "error"}`; bytes travel as base64.
Requests run side by side, so a command may wait for what a later request causes.
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

PORT = "/dev/virtio-ports/agent"
READ_BYTES = 65536
GET_BYTES_MAX = 64 << 20
PORT_PAUSE_S = 0.05


def text_of(content: bytes) -> str:
    """Encode bytes for JSON."""
    return base64.b64encode(content).decode()


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run `argv` with `stdin`; past `timeout_s` kill its whole group and say so."""
    child = subprocess.Popen(
        request["argv"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **request["env"]},
        start_new_session=True,
    )
    late = False
    try:
        out, err = child.communicate(base64.b64decode(request["stdin"]), request["timeout_s"])
    except subprocess.TimeoutExpired:
        late = True
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
    return {"code": child.returncode, "stdout": text_of(out), "stderr": text_of(err), "late": late}


def put(request: dict[str, Any]) -> dict[str, Any]:
    """Write a whole file by replacing it, with its folders and mode."""
    path = Path(request["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(request["bytes"]))
    path.chmod(request["mode"])
    return {}


def get(request: dict[str, Any]) -> dict[str, Any]:
    """Read a file, or a device that says when it is empty."""
    with open(request["path"], "rb", buffering=0) as file:
        found = bytearray()
        while part := file.read(READ_BYTES):
            found += part
            if len(found) > GET_BYTES_MAX:
                raise OSError(f"{request['path']}: over {GET_BYTES_MAX} bytes")
    return {"bytes": text_of(bytes(found))}


def write(request: dict[str, Any]) -> dict[str, Any]:
    """Write each chunk by one write(2) to a device or a sysfs file, `pause_s` apart, never waiting past `timeout_s`."""
    give_up = time.monotonic() + request["timeout_s"]
    device = os.open(request["path"], os.O_WRONLY | os.O_NONBLOCK)
    try:
        for count, chunk in enumerate(request["chunks"]):
            write_chunk(device, base64.b64decode(chunk), give_up, f"{request['path']}: chunk {count}")
            time.sleep(request["pause_s"])
    finally:
        os.close(device)
    return {}


def write_chunk(device: int, chunk: bytes, give_up: float, where: str) -> None:
    """Write once when the device has room; nobody reading it is an error, not a hang."""
    while True:
        _, ready, _ = select.select([], [device], [], max(0.0, give_up - time.monotonic()))
        if not ready:
            raise TimeoutError(f"{where}: the device took nothing in time; is anybody reading it?")
        try:
            os.write(device, chunk)
            return
        except BlockingIOError:
            continue


OPS = {"run": run, "put": put, "get": get, "write": write}


class Agent:
    """Serves one port until it closes."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._turn = threading.Lock()

    def send(self, message: dict[str, Any]) -> None:
        """Send one line; answers of different threads never mix."""
        line = json.dumps(message).encode() + b"\n"
        with self._turn:
            while line:
                line = line[os.write(self._port, line) :]

    def answer(self, request: dict[str, Any]) -> None:
        """Do what a request asks and answer it, whatever becomes of it."""
        try:
            answer = OPS[request["op"]](request)
        except Exception as error:  # the host raises it where the request was made
            answer = {"error": f"{type(error).__name__}: {error}"}
        self.send({"id": request["id"], **answer})

    def serve(self) -> None:
        """Answer requests until the port is closed for good."""
        pending = b""
        while True:
            part = os.read(self._port, READ_BYTES)
            if not part:
                # The host's end is not open: a virtio port then reads as empty and does not block.
                time.sleep(PORT_PAUSE_S)
                continue
            *lines, pending = (pending + part).split(b"\n")
            for line in lines:
                threading.Thread(target=self.answer, args=(json.loads(line),), daemon=True).start()


def main() -> None:
    """Say which boot this is, then serve."""
    agent = Agent(os.open(sys.argv[1] if len(sys.argv) > 1 else PORT, os.O_RDWR))
    agent.send({"hello": Path("/proc/sys/kernel/random/boot_id").read_text().strip()})
    agent.serve()


if __name__ == "__main__":
    main()
