"""A memory card that can stall: a file system on a device-mapper device of its own."""

from __future__ import annotations

from tests.rig.guest import Guest

NAME = "card"
# Without waiting for udev, which may know nothing of device-mapper here and makes its names late or never.
INSERT = f"""
set -e
modprobe -a loop dm-mod
truncate -s 256M /root/{NAME}.img
mkfs.ext4 -q -F /root/{NAME}.img
losetup /dev/loop0 /root/{NAME}.img
dmsetup create --noudevsync {NAME} --table "0 $(blockdev --getsz /dev/loop0) linear /dev/loop0 0"
mkdir -p {{place}}
mount /dev/dm-0 {{place}}
"""
STALL = f"dmsetup suspend --noudevsync --nolockfs --noflush {NAME}"
"""From now on each read and write waits, as with a card that is busy with itself; what is cached is read."""
GO_ON = f"dmsetup resume --noudevsync {NAME}"


class Card:
    """Mounted at a folder until it is taken out."""

    def __init__(self, guest: Guest, place: str) -> None:
        self._guest, self._place = guest, place
        guest.check(INSERT.format(place=place))

    def go_on(self) -> None:
        """End a stall, if there is one."""
        self._guest.check(GO_ON)

    def remove(self) -> None:
        """Take it out; what stood on it is gone."""
        self._guest.check(f"umount {self._place} && dmsetup remove --noudevsync {NAME} && losetup -d /dev/loop0")
        self._guest.check(f"rm /root/{NAME}.img")
