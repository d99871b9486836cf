"""Which class drives a device: (role, kind) as the settings name them, loaded when one is needed."""

import importlib

CATALOG = {
    ("scanner", "evdev"): "drivers.evdev_source:EvdevSource",
    ("scanner", "serial"): "drivers.serial_source:SerialSource",
    ("scanner", "simulated"): "drivers.simulated:SimulatedSource",
    ("keypad", "evdev"): "drivers.evdev_source:EvdevKeypad",
    ("keypad", "simulated"): "drivers.simulated:SimulatedKeypad",
    ("badge_reader", "evdev"): "drivers.evdev_badges:EvdevBadgeReader",
    ("badge_reader", "serial"): "drivers.serial_badges:SerialBadgeReader",
    ("badge_reader", "simulated"): "drivers.simulated:SimulatedBadgeReader",
    ("door", "gpio"): "drivers.gpio_door:GpioDoor",
    ("door", "simulated"): "drivers.simulated_door:SimulatedDoor",
    ("lock", "gpio"): "drivers.gpio_lock:GpioLock",
    ("lock", "simulated"): "drivers.simulated_door:SimulatedLock",
    ("lock", "none"): "drivers.absent:NoLock",
    ("display", "oled"): "drivers.oled_display:OledDisplay",
    ("display", "simulated"): "drivers.simulated:SimulatedDisplay",
    ("display", "none"): "drivers.absent:NoDisplay",
    ("indicator", "gpio"): "drivers.gpio_indicator:GpioIndicator",
    ("indicator", "simulated"): "drivers.simulated:SimulatedIndicator",
    ("indicator", "none"): "drivers.absent:NoIndicator",
}


def kinds_of(role: str) -> list[str]:
    """The kinds that a role has a driver for."""
    return [kind for of, kind in CATALOG if of == role]


def load_driver(role: str, kind: str) -> type:
    """The class of a driver; ValueError where there is none, ImportError where its library is missing."""
    if (role, kind) not in CATALOG:
        allowed = ", ".join(kinds_of(role)) or "none: this role has no drivers yet"
        raise ValueError(f'[{role}] kind = "{kind}": has no driver; allowed are {allowed}; choose one of these')
    module, _, name = CATALOG[role, kind].partition(":")
    loaded = getattr(importlib.import_module(module), name)
    assert isinstance(loaded, type), f"{CATALOG[role, kind]} is no class"
    return loaded
