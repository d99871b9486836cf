"""The bytes that the kernel is given, held to its own header; the kernel itself is in the rig."""

import os
import shutil
import subprocess
from errno import EBUSY, ENOTTY
from pathlib import Path
from typing import Any

import pytest

from drivers import gpio_safe

HEADER = Path("/usr/include/linux/gpio.h")
PROGRAM = r"""
#include <linux/gpio.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
int main(void) {
    struct gpio_v2_line_request request;
    memset(&request, 0, sizeof request);
    if (fread(&request, sizeof request, 1, stdin) != 1 || getchar() != EOF) return 1;
    printf("%lu %lu %lu %zu %zu ", (unsigned long)GPIO_V2_GET_LINE_IOCTL, (unsigned long)GPIO_V2_LINE_SET_CONFIG_IOCTL,
           (unsigned long)GPIO_GET_CHIPINFO_IOCTL, sizeof request.config, offsetof(struct gpio_v2_line_request, fd));
    printf("%u %u %d %d %u %s", request.offsets[0], request.num_lines, request.config.flags == GPIO_V2_LINE_FLAG_OUTPUT,
           (int)request.config.num_attrs, request.offsets[1], request.consumer);
    if (request.config.num_attrs)
        printf(" %d %llu %llu", request.config.attrs[0].attr.id == GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES,
               request.config.attrs[0].attr.values, request.config.attrs[0].mask);
    return 0;
}
"""


class Kernel:
    """What an ioctl would do; the line's descriptor is that of a file."""

    def __init__(self, folder: Path, labels: dict[int, bytes]) -> None:
        self.folder, self.labels = folder, labels
        self.asked: list[tuple[int, bytes]] = []
        self.fault: dict[int, OSError] = {}
        self.open: dict[int, str] = {}
        for number in labels:
            (folder / f"gpiochip{number}").write_bytes(b"")
        (folder / "line").write_bytes(b"")
        self.line = -1

    def ioctl(self, descriptor: int, request: int, argument: Any) -> int:
        self.asked.append((request, bytes(argument)))
        if request in self.fault:
            raise self.fault[request]
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if request == gpio_safe._GET_CHIPINFO:
            label = self.labels[int(path.rpartition("gpiochip")[2])]
            argument[:] = gpio_safe._CHIPINFO.pack(b"gpiochip", label, 58)
        if request == gpio_safe._GET_LINE:
            assert path.endswith("gpiochip4")
            self.line = os.open(self.folder / "line", os.O_RDONLY)
            argument[588:592] = self.line.to_bytes(4, "little")
        return 0

    def drive(self, pin: int = 23, level: int = 0) -> None:
        gpio_safe.drive_and_let_go(4, pin, level, str(self.folder), self.ioctl)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path, {0: b"pinctrl-other", 4: b"pinctrl-rp1"})


def test_a_line_is_driven_low_then_left_an_input_that_is_pulled_down(kernel: Kernel) -> None:
    before = descriptors()
    kernel.drive()

    assert [request for request, _ in kernel.asked] == [gpio_safe._GET_LINE, gpio_safe._SET_CONFIG]
    assert int.from_bytes(kernel.asked[1][1][:8], "little") == (1 << 2 | 1 << 9)
    assert len(kernel.asked[1][1]) == 272
    assert descriptors() == before


def test_a_line_whose_safe_level_is_high_is_let_go_as_it_is(kernel: Kernel) -> None:
    kernel.drive(25, 1)

    assert [request for request, _ in kernel.asked] == [gpio_safe._GET_LINE]


def test_a_chip_without_pulls_was_driven_all_the_same(kernel: Kernel) -> None:
    kernel.fault[gpio_safe._SET_CONFIG] = OSError(ENOTTY, "no pulls")
    before = descriptors()
    kernel.drive()

    assert descriptors() == before


def test_a_line_that_another_holds_is_an_error_and_nothing_stays_open(kernel: Kernel) -> None:
    kernel.fault[gpio_safe._GET_LINE] = OSError(EBUSY, "Device or resource busy")
    before = descriptors()
    with pytest.raises(OSError, match="busy"):
        kernel.drive()

    assert descriptors() == before


@pytest.mark.parametrize(
    ("labels", "chip"),
    [
        ({0: b"pinctrl-bcm2711", 1: b"raspberrypi-exp-gpio"}, 0),
        ({0: b"brcmvirt-gpio", 4: b"pinctrl-rp1"}, 4),
        ({0: b"gpio-sim"}, 0),
        ({}, 0),
    ],
)
def test_the_chip_of_the_header_is_told_by_its_label(tmp_path: Path, labels: dict[int, bytes], chip: int) -> None:
    before = descriptors()
    assert gpio_safe.header_chip(str(tmp_path), Kernel(tmp_path, labels).ioctl) == chip
    assert descriptors() == before


def test_chips_that_answer_nothing_are_passed_over(kernel: Kernel) -> None:
    kernel.fault[gpio_safe._GET_CHIPINFO] = OSError(ENOTTY, "no GPIO chip")
    assert gpio_safe.header_chip(str(kernel.folder), kernel.ioctl) == 0


@pytest.mark.skipif(not HEADER.exists() or shutil.which("cc") is None, reason="needs a C compiler and linux/gpio.h")
@pytest.mark.parametrize(("level", "attributes"), [(0, ""), (1, " 1 1 1")])
def test_the_request_is_what_the_kernels_own_header_reads(tmp_path: Path, level: int, attributes: str) -> None:
    (tmp_path / "read.c").write_text(PROGRAM)
    subprocess.run(["cc", "-o", tmp_path / "read", tmp_path / "read.c"], check=True, timeout=120)
    done = subprocess.run(
        [tmp_path / "read"], input=gpio_safe._line_request(23, level), capture_output=True, check=True, timeout=60
    )
    numbers = f"{gpio_safe._GET_LINE} {gpio_safe._SET_CONFIG} {gpio_safe._GET_CHIPINFO} 272 588"

    assert done.stdout.decode() == f"{numbers} 23 1 1 {level} 0 station lock-safe{attributes}"
