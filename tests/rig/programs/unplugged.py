"""Grab a keyboard (argv 1), wait until reading fails, print the error's name."""

import errno
import sys

import evdev

device = evdev.InputDevice(sys.argv[1])
device.grab()
open("/run/grabbed", "w").close()
try:
    for _ in device.read_loop():
        pass
except OSError as error:
    print(errno.errorcode[error.errno or 0])
