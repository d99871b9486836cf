"""The catalogue of drivers."""

import importlib.util
import re
import subprocess
import sys

import pytest

from drivers.catalog import CATALOG, kinds_of, load_driver
from drivers.serial_source import SerialSource
from drivers.simulated import SimulatedSource


def test_a_driver_is_loaded_by_role_and_kind() -> None:
    assert load_driver("scanner", "simulated") is SimulatedSource
    assert load_driver("scanner", "serial") is SerialSource


@pytest.mark.parametrize(("role", "kind"), CATALOG)
def test_every_entry_names_a_class_that_is_there(role: str, kind: str) -> None:
    module = CATALOG[role, kind].partition(":")[0]
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not there yet")

    assert load_driver(role, kind).__name__ == CATALOG[role, kind].partition(":")[2]


def test_an_unknown_kind_lists_the_allowed() -> None:
    text = '[display] kind = "usb": has no driver; allowed are oled, simulated, none; choose one of these'
    with pytest.raises(ValueError, match=re.escape(text)):
        load_driver("display", "usb")


def test_an_unknown_role_says_so() -> None:
    with pytest.raises(ValueError, match="this role has no drivers yet"):
        load_driver("teleporter", "gpio")


def test_kinds_are_those_of_one_role() -> None:
    assert kinds_of("display") == ["oled", "simulated", "none"]


def test_loading_one_driver_loads_no_other_hardware() -> None:
    script = (
        "import sys; from drivers.catalog import load_driver; load_driver('scanner', 'simulated')\n"
        "print({'serial', 'evdev', 'pyudev', 'gpiozero', 'luma'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "set()\n"
