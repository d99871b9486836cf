"""What hangs on USB: keyboards that type (scanners, badge readers) and a serial scanner."""

from __future__ import annotations

import itertools
import shlex
import socket
import threading
import time
from typing import ClassVar

from tests.rig.channel import connect
from tests.rig.devices.hid import KEYBOARD_DESCRIPTOR, reports_of
from tests.rig.guest import Guest

PLUG_S_MAX = 60
GADGETS = "/sys/kernel/config/usb_gadget"
SOCKETS = 4
"""As many as the hardware script makes, and as the kernel has HID gadgets."""
FIRST_BUS = 3
# One line a keyboard's event device, found by what udev knows it by.
FIND_EVENT = """
for event in /sys/class/input/event*; do
    read -r uniq <$event/device/uniq && read -r vendor <$event/device/id/vendor || continue
    read -r product <$event/device/id/product && [ -c /dev/input/${event##*/} ] || continue
    [ "$uniq $vendor $product" = "$1 $2 $3" ] && echo /dev/input/${event##*/}
done 2>/dev/null
true
"""
MAKE_GADGET = """
set -e
mkdir -p {gadget}/strings/0x409 {gadget}/configs/c.1 {gadget}/functions/hid.{serial}
cd {gadget}
echo 0x{vendor} >idVendor
echo 0x{product} >idProduct
printf %s {serial} >strings/0x409/serialnumber
printf %s {maker} >strings/0x409/manufacturer
printf %s {name} >strings/0x409/product
cd functions/hid.{serial}
echo 1 >protocol
echo 1 >subclass
echo 8 >report_length
cat >report_desc
cd ../..
ln -s functions/hid.{serial} configs/c.1/
"""


class HidKeyboard:
    """A USB keyboard with any identity, made of a gadget in the guest's own kernel.

    There are four USB sockets, `socket` 0..3; a keyboard without one takes the first that is free. It types as fast as
    the kernel takes its reports, or `pause_s` apart: the kernel keeps ten keys for a reader that is late.
    """

    def __init__(
        self,
        guest: Guest,
        vendor: str,
        product: str,
        serial: str,
        name: str,
        *,
        socket: int | None = None,
        pause_s: float = 0,
    ) -> None:
        self._pause_s = pause_s
        self.vendor, self.product, self.serial, self.name = vendor, product, serial, name
        self._guest = guest
        self._gadget = f"{GADGETS}/{serial}"
        self._sockets = range(SOCKETS) if socket is None else [socket]
        self._plugged = True
        guest.attached.append(self)
        self.attach()

    def attach(self) -> None:
        """Make the gadget in a freshly booted guest."""
        names = {
            "vendor": self.vendor,
            "product": self.product,
            "serial": shlex.quote(self.serial),
            "name": shlex.quote(self.name),
            "maker": shlex.quote("Rig"),
            "gadget": shlex.quote(self._gadget),
        }
        self._guest.check(MAKE_GADGET.format_map(names), stdin=KEYBOARD_DESCRIPTOR)
        if self._plugged:
            self.plug()

    def plug(self) -> str:
        """Put the cable in; wait for the kernel and udev; return the path of its event device."""
        tries = " ".join(f"dummy_udc.{number}" for number in self._sockets)
        bind = f"for udc in {tries}; do echo $udc >{self.cable} && exit 0; done 2>/dev/null; exit 1"
        self._guest.check(bind)
        self._plugged = True
        return str(self._guest.wait_for(self.event_path, PLUG_S_MAX, f"{self.serial} at /dev/input"))

    def unplug(self) -> None:
        """Pull the cable out; return when its event device is gone."""
        self._guest.check(f"echo >{self.cable}")
        self._plugged = False
        self._guest.wait_for(lambda: self.event_path() is None, PLUG_S_MAX, f"{self.serial} is gone")

    def event_path(self) -> str | None:
        """Return its device, such as `/dev/input/event2`, or None while it is not there."""
        found = self._guest.check(["/bin/sh", "-c", FIND_EVENT, "find", self.serial, self.vendor, self.product]).split()
        return found[0] if found else None

    def type(self, text: str, timeout: float = 20) -> None:
        """Type ASCII text on a US layout; unless its event device is grabbed, the console gets it too."""
        self._guest.write(self.gadget_path(), reports_of(text), timeout, self._pause_s)

    def gadget_path(self) -> str:
        """Return where its reports are written, such as `/dev/hidg0`."""
        number = self._guest.check(f"cat {self._gadget}/functions/hid.{self.serial}/dev").strip().split(":")[1]
        return f"/dev/hidg{number}"

    @property
    def cable(self) -> str:
        """The file whose text is the socket that it is plugged into, such as `dummy_udc.0`, or empty."""
        return f"{self._gadget}/UDC"

    def remove(self) -> None:
        """Take the gadget apart, so that its USB socket is free again."""
        if self._plugged:
            self.unplug()
        function = f"functions/hid.{self.serial}"
        self._guest.check(
            f"cd {self._gadget} && rm configs/c.1/hid.{self.serial} && rmdir configs/c.1 {function} "
            f"strings/0x409 && cd / && rmdir {self._gadget}"
        )
        self._guest.attached.remove(self)


class UsbSerial:
    """An FTDI serial adapter of QEMU, /dev/ttyUSB* in the guest; the host is what hangs on its line."""

    _numbers: ClassVar[itertools.count[int]] = itertools.count()

    def __init__(self, guest: Guest, serial: str) -> None:
        self.serial = serial
        self._guest = guest
        self._id = f"serial{next(self._numbers)}"
        self._received = bytearray()
        self._turn = threading.Lock()
        self._line: socket.socket | None = None
        self._plugged = True
        guest.attached.append(self)
        self.attach()

    def attach(self) -> None:
        """Give a freshly started QEMU the line, and the guest the adapter."""
        path = self._guest.run_dir / self._id
        path.unlink(missing_ok=True)
        address = {"type": "unix", "data": {"path": str(path)}}
        backend = {"type": "socket", "data": {"addr": address, "server": True, "wait": False}}
        self._guest.qmp.execute("chardev-add", id=self._id, backend=backend)
        self._line = connect(path)
        threading.Thread(target=self._read, args=(self._line,), name=self._id, daemon=True).start()
        if self._plugged:
            self.plug()

    def plug(self) -> str:
        """Put the cable in; wait for udev; return the path of its tty."""
        device = {"driver": "usb-serial", "bus": "usb.0", "chardev": self._id, "serial": self.serial}
        self._guest.qmp.execute("device_add", id=f"{self._id}-usb", always_plugged=True, **device)
        self._plugged = True
        self._guest.wait_for(f"test -c {self.path}", PLUG_S_MAX, f"{self.serial} at {self.path}")
        return self.path

    @property
    def path(self) -> str:
        """A name that does not depend on the order of plugging."""
        return f"/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_{self.serial}-if00-port0"

    def unplug(self) -> None:
        """Pull the cable out; return when the tty is gone. Bytes on their way are lost."""
        self._guest.qmp.execute("device_del", id=f"{self._id}-usb")
        self._guest.qmp.wait_event("DEVICE_DELETED", PLUG_S_MAX, device=f"{self._id}-usb")
        self._plugged = False
        self._guest.wait_for(f"! test -e {self.path}", PLUG_S_MAX, f"{self.path} is gone")

    def send(self, content: bytes) -> None:
        """Put bytes on the line, as the scanner does; nothing reads them before the guest opens the tty."""
        assert self._line is not None
        self._line.sendall(content)

    def received(self) -> bytes:
        """Return all that the guest has written since the last call of `clear`."""
        with self._turn:
            return bytes(self._received)

    def clear(self) -> None:
        """Forget what was received."""
        with self._turn:
            self._received.clear()

    def wait_received(self, expected: bytes, timeout: float = 30) -> bytes:
        """Wait until `expected` was received; return all that was."""
        self._guest.wait_for(lambda: expected in self.received(), timeout, f"{expected!r} on {self.serial}")
        return self.received()

    def remove(self) -> None:
        """Unplug it for good."""
        if self._plugged:
            self.unplug()
        self._guest.attached.remove(self)
        if self._line is not None:
            self._line.close()
        # QEMU refuses to drop a line that has not yet seen its other end close.
        for _ in range(50):
            try:
                self._guest.qmp.execute("chardev-remove", id=self._id)
                return
            except RuntimeError:
                time.sleep(0.02)

    def _read(self, line: socket.socket) -> None:
        try:
            while part := line.recv(4096):
                with self._turn:
                    self._received += part
        except OSError:
            return
