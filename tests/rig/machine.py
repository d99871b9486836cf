"""What kind of computer the guest is. Another architecture is another function like `x86_64`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KERNEL_OPTIONS = (
    "quiet panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check net.ifnames=0 "
    "systemd.unit=multi-user.target systemd.show_status=0"
)
# The first two would take the numbers of the display's bus and of the watchdog; the others only cost time.
BLACKLIST = (
    "i2c_i801 iTCO_wdt iTCO_vendor_support lpc_ich ahci libahci psmouse pcspkr serio_raw kvm kvm_amd "
    "kvm_intel powernow_k8 aesni_intel ghash_clmulni_intel crct10dif_pclmul crc32_pclmul sha512_ssse3 "
    "sha512_generic button joydev parport_pc floppy qemu_fw_cfg rapl"
)


@dataclass(frozen=True)
class Machine:
    """A computer for QEMU: its program, its own arguments, what it boots, and how root gets there."""

    qemu: str
    arguments: tuple[str, ...]
    kernel: Path
    initramfs: Path
    console: str
    shares: dict[str, Path]
    """9p tags, read-only, for the initramfs to mount; empty when the disk image holds the root."""
    blacklist: str = ""

    def command(self, disk: Path, run_dir: Path, ports: Mapping[int, int]) -> list[str]:
        """Return the whole QEMU command line; its sockets and its console log lie in `run_dir`.

        `ports` are those at 10.0.2.100 in the guest, and what each is on the host's loopback.
        """
        return [
            self.qemu,
            *self.arguments,
            *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-kernel", str(self.kernel), "-initrd", str(self.initramfs), "-append", self._append()),
            *("-chardev", f"file,id=console,path={run_dir}/console.log"),
            *("-serial", "chardev:console"),
            *self._shares(),
            *("-drive", f"file={disk},if=none,id=disk,format=raw,cache=writeback"),
            *("-device", "virtio-blk-pci,drive=disk"),
            *("-device", "virtio-serial-pci"),
            *("-chardev", f"socket,id=agent,path={run_dir}/agent,server=on,wait=off"),
            *("-device", "virtserialport,chardev=agent,name=agent"),
            *("-qmp", f"unix:{run_dir}/qmp,server=on,wait=off"),
            *("-device", "qemu-xhci,id=usb"),
            *_network(ports),
        ]

    def _append(self) -> str:
        without = f"module_blacklist={self.blacklist.replace(' ', ',')}" if self.blacklist else ""
        return " ".join([f"console={self.console}", KERNEL_OPTIONS, without])

    def _shares(self) -> list[str]:
        arguments = []
        for tag, path in self.shares.items():
            options = "security_model=none,readonly=on,multidevs=remap"
            arguments += ["-fsdev", f"local,id={tag},path={path},{options}"]
            arguments += ["-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
        return arguments


def _network(ports: Mapping[int, int]) -> list[str]:
    """Give the guest one network card that reaches nothing but the host's brokers, at 10.0.2.100."""
    # The -tcp: form of guestfwd keeps one connection for ever; a command is started for each.
    forwards = "".join(
        f",guestfwd=tcp:10.0.2.100:{port}-cmd:socat STDIO TCP4:127.0.0.1:{there}" for port, there in ports.items()
    )
    card = "virtio-net-pci,netdev=net,romfile=,id=nic"
    return ["-netdev", f"user,id=net,restrict=on{forwards}", "-device", card]


def x86_64(kernel: Path, initramfs: Path, shares: dict[str, Path]) -> Machine:
    """Return the PC whose root is the host's own, over 9p. `RIG_ACCEL=kvm` where that works."""
    accel = os.environ.get("RIG_ACCEL", "tcg,thread=multi")
    return Machine(
        qemu="qemu-system-x86_64",
        arguments=tuple(f"-M q35 -accel {accel} -cpu max -smp 2 -m 1500".split()),
        kernel=kernel,
        initramfs=initramfs,
        console="ttyS0",
        shares=shares,
        blacklist=BLACKLIST,
    )
