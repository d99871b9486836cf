"""Grab a keyboard (argv 1) and print the names of the keys pressed, up to Enter."""

import sys

import evdev

device = evdev.InputDevice(sys.argv[1])
device.grab()
open("/run/grabbed", "w").close()
for event in device.read_loop():
    if event.type == evdev.ecodes.EV_KEY and event.value == 1:
        print(evdev.ecodes.KEY[event.code])
        if event.code == evdev.ecodes.KEY_ENTER:
            break
