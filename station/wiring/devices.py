"""Settings -> the devices that hang on this station."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from drivers import catalog
from drivers.control_socket import SimulatedControl
from drivers.simulated import SimulatedDisplay, SimulatedIndicator, SimulatedSource
from station.clock import ClockWatch, monotonic_ms
from station.config import Settings, kind_of
from station.config.devices import OledDisplay as OledOptions
from station.config.table import Kind
from station.daemon import Devices
from station.domain.inputs import SourceFound, SourceLost
from station.errors import DeviceError
from station.inbox import Inbox
from station.journal.journal import FILE_NAME
from station.retention import Retention


def build_devices(settings: Settings, inbox: Inbox) -> Devices:
    """Every device of the settings; raise `DeviceError` where a driver's library is missing."""
    scanners = [_build("scanner", options, now=monotonic_ms) for options in settings.scanners]
    journal = Path(settings.station.data_dir) / FILE_NAME
    keypads = [_build("keypad", options, now=monotonic_ms) for options in settings.keypads]
    return Devices(
        sources=[*scanners, *keypads, ClockWatch(), Retention(journal, settings.retention.days)],
        indicators=[_indicator(settings, inbox)],
        displays=[_display(settings, inbox)],
    )


def _build(role: str, options: Kind, **more: Any) -> Any:
    """One device: its driver's class, given the options of its settings by name."""
    not_given = {"kind", "side"} if role == "keypad" else {"kind"}  # a keypad does not know where it hangs
    given = {name: value for name, value in msgspec.to_builtins(options).items() if name not in not_given}
    try:
        return catalog.load(role, kind_of(options))(**given, **more)
    except ImportError as error:
        raise DeviceError(
            f"[{role}] kind = {kind_of(options)!r}: {error}; install the extra: custody-station[pi]"
        ) from error
    except ValueError as error:
        raise DeviceError(str(error)) from error


def _indicator(settings: Settings, inbox: Inbox) -> Any:
    if kind_of(settings.indicator) == "gpio":
        lost, found = _edges("indicator", inbox)
        return _build("indicator", settings.indicator, pins=settings.station.pins, on_lost=lost, on_found=found)
    return _build("indicator", settings.indicator)


def _edges(name: str, inbox: Inbox) -> tuple[Callable[[str], None], Callable[[], None]]:
    """What an output calls when it is lost and found: then it is an input like any source's."""
    return (
        lambda reason: inbox.put(SourceLost(name, monotonic_ms(), reason)),
        lambda: inbox.put(SourceFound(name, monotonic_ms())),
    )


def _display(settings: Settings, inbox: Inbox) -> Any:
    options = settings.display
    if not isinstance(options, OledOptions):
        return _build("display", options)
    from drivers.oled_controllers import CONTROLLERS, opener
    from drivers.oled_panel import Care, OledPanel
    from station.screens import render

    lost, found = _edges("display", inbox)
    controller = CONTROLLERS[options.controller]
    panel = OledPanel(
        opener(controller, options.i2c_port, options.address),
        controller,
        render=functools.partial(render, language=settings.station.language, timezone=settings.station.timezone),
        now=monotonic_ms,
        on_lost=lost,
        on_found=found,
        care=Care(options.shift_s * 1000, options.dim_after_s * 1000, options.contrast, options.dim_contrast),
        is_turned=options.rotate_degrees == 180,
    )
    return catalog.load("display", kind_of(options))(panel, monotonic_ms)


def watched(settings: Settings, devices: Devices) -> SimulatedControl | None:
    """The socket that drives and watches simulated devices, where the settings name one."""
    if settings.simulated is None or settings.simulated.control is None:
        return None
    simulated = [source for source in devices.sources if isinstance(source, SimulatedSource)]
    control = SimulatedControl(settings.simulated.control, simulated)
    for indicator in devices.indicators:
        if isinstance(indicator, SimulatedIndicator):
            control.watch_indicator(indicator)
    for display in devices.displays:
        if isinstance(display, SimulatedDisplay):
            control.watch_display(display)
    return control
