"""A daemon that dies badly: drives pin 23 high, as a released lock, tells systemd so, and waits for its end."""

import os
import signal
import socket

from gpiozero import DigitalOutputDevice

bolt = DigitalOutputDevice(23)
bolt.on()
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
    line.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"].replace("@", "\0", 1))
signal.pause()
