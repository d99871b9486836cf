"""Open a serial port (argv 1), read a line up to CR, answer it."""

import sys

import serial

with serial.Serial(sys.argv[1], 9600, timeout=30) as port:
    open("/run/listening", "w").close()
    line = port.read_until(b"\r")
    port.write(b"got " + line)
    port.flush()
print(line)
