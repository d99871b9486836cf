"""A small daemon: lights pin 22, tells systemd so, pets its watchdog until it is told to stop."""

import os
import signal
import socket
import threading

from gpiozero import LED


def notify(state: bytes) -> None:
    """Tell systemd (sd_notify(3))."""
    address = os.environ["NOTIFY_SOCKET"].replace("@", "\0", 1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(state, address)


stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
led = LED(22)
led.on()
notify(b"READY=1")
while not stop.wait(1):
    notify(b"WATCHDOG=1")
led.off()
