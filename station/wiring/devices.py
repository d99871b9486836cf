"""Settings -> the devices that hang on this station."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog

from drivers import catalog
from drivers.control_socket import SimulatedControl
from drivers.simulated import SimulatedDisplay, SimulatedIndicator, SimulatedSource
from drivers.simulated_door import SimulatedLock
from station.config import Settings, kind_of, site_key
from station.config.devices import OledDisplay as OledOptions
from station.config.door import GpioDoor as GpioDoorOptions
from station.domain.core.inputs import SourceFound, SourceLost
from station.domain.documents.fields import Kind
from station.domain.entry.inputs import LockFailed, LockWorks
from station.domain.station.state import Station
from station.door import lock_pins
from station.errors import DeviceError
from station.journal import durably
from station.journal.journal import FILE_NAME
from station.spine.clock import ClockWatch, monotonic_ms
from station.spine.daemon import Devices
from station.spine.inbox import Inbox
from station.spine.retention import RetentionWatch
from station.wiring.keypads import driven_device, keypad_where_it_hangs

log = structlog.get_logger()


def build_devices(settings: Settings, inbox: Inbox, station: Callable[[], Station]) -> Devices:
    """Every device of the settings, the lock first. Raise `DeviceError`: a library or the site's key is missing."""
    lock = _make_lock(settings, inbox)
    scanners = [_build_device("scanner", options, now=monotonic_ms) for options in settings.scanners]
    journal = Path(settings.station.data_dir) / FILE_NAME
    keypads = [
        keypad_where_it_hangs(options, _build_device("keypad", options, now=monotonic_ms), station)
        for options in settings.keypads
    ]
    return Devices(
        sources=[
            *scanners,
            *keypads,
            *_badge_readers(settings),
            *_door_sources(settings),
            ClockWatch(),
            RetentionWatch(journal, settings.retention.days),
        ],
        indicators=[_make_indicator(settings, inbox)],
        displays=[_make_display(settings, inbox)],
        lock=lock,
    )


def _build_device(role: str, options: Kind, **more: Any) -> Any:
    """One device: its driver's class, given the options of its settings by name."""
    not_given = {"kind", "side"} if role == "keypad" else {"kind"}  # a keypad does not know where it hangs
    given = {name: value for name, value in msgspec.to_builtins(options).items() if name not in not_given}
    return _make_device(role, kind_of(options), **given, **more)


def _make_device(role: str, kind: str, **options: Any) -> Any:
    try:
        return catalog.load_driver(role, kind)(**options)
    except ImportError as error:
        raise DeviceError(f"[{role}] kind = {kind!r}: {error}; install the extra: custody-station[pi]") from error
    except ValueError as error:
        raise DeviceError(str(error)) from error


def _badge_readers(settings: Settings) -> list[Any]:
    """The site's key is read only where a badge can be."""
    if not settings.badge_readers:
        return []
    key = site_key.read(Path(settings.station.site_key_file))
    return [
        _build_device("badge_reader", options, now=monotonic_ms, site_key=key) for options in settings.badge_readers
    ]


def _door_sources(settings: Settings) -> list[Any]:
    door = settings.door
    if isinstance(door, GpioDoorOptions):
        return [_make_device("door", kind_of(door), **door.sensing(), now=monotonic_ms, pins=settings.station.pins)]
    if kind_of(door) == "none":
        return []
    control = settings.simulated.control if settings.simulated else None
    return [_make_device("door", kind_of(door), now=monotonic_ms, kept=Path(f"{control}.door") if control else None)]


def _make_lock(settings: Settings, inbox: Inbox) -> Any:
    """Secured from here on, whatever else of the devices is missing."""
    door, wired = settings.door, {}
    if kind_of(door) != "none":
        wired = {
            "now": monotonic_ms,
            "on_failed": lambda reason: inbox.put(LockFailed(monotonic_ms(), reason)),
            "on_works": lambda: inbox.put(LockWorks(monotonic_ms())),
        }
    if isinstance(door, GpioDoorOptions):
        return _make_device("lock", kind_of(door), **door.locking(), pins=settings.station.pins, **wired)
    return _make_device("lock", kind_of(door), **wired)


def remember_pins(settings: Settings, devices: Devices) -> None:
    """Keep the lock's pins for `station lock-safe`, for a day on which the settings cannot be read."""
    lines = lock_pins.lock_lines(msgspec.to_builtins(settings.door), getattr(devices.lock, "chip", None))
    if lines and settings.station.pins == "real":
        try:
            durably.write_durably(Path(settings.station.data_dir) / lock_pins.NAME, lock_pins.encode_lines(lines))
        except OSError as error:  # what was kept before stands
            log.warning("lock pins not kept", error=str(error))


def _make_indicator(settings: Settings, inbox: Inbox) -> Any:
    if kind_of(settings.indicator) == "gpio":
        lost, found = _loss_inputs("indicator", inbox)
        return _build_device("indicator", settings.indicator, pins=settings.station.pins, on_lost=lost, on_found=found)
    return _build_device("indicator", settings.indicator)


def _loss_inputs(name: str, inbox: Inbox) -> tuple[Callable[[str], None], Callable[[], None]]:
    """What an output calls when it is lost and found: then it is an input like any source's."""
    return (
        lambda reason: inbox.put(SourceLost(name, monotonic_ms(), reason)),
        lambda: inbox.put(SourceFound(name, monotonic_ms())),
    )


def _make_display(settings: Settings, inbox: Inbox) -> Any:
    options = settings.display
    if not isinstance(options, OledOptions):
        return _build_device("display", options)
    from drivers.oled_controllers import CONTROLLERS, glass_opener
    from drivers.oled_panel import Care, OledPanel
    from station.screens import render_view

    lost, found = _loss_inputs("display", inbox)
    controller = CONTROLLERS[options.controller]
    panel = OledPanel(
        glass_opener(controller, options.i2c_port, options.address),
        controller,
        render=functools.partial(render_view, language=settings.station.language, timezone=settings.station.timezone),
        now=monotonic_ms,
        on_lost=lost,
        on_found=found,
        care=Care(options.shift_s * 1000, options.dim_after_s * 1000, options.contrast, options.dim_contrast),
        is_turned=options.rotate_degrees == 180,
    )
    return catalog.load_driver("display", kind_of(options))(panel, monotonic_ms)


def watch_simulated(settings: Settings, devices: Devices) -> SimulatedControl | None:
    """The socket that drives and watches simulated devices, where the settings name one."""
    if settings.simulated is None or settings.simulated.control is None:
        return None
    simulated = [source for source in map(driven_device, devices.sources) if isinstance(source, SimulatedSource)]
    control = SimulatedControl(settings.simulated.control, simulated)
    for indicator in devices.indicators:
        if isinstance(indicator, SimulatedIndicator):
            control.watch_indicator(indicator)
    for display in devices.displays:
        if isinstance(display, SimulatedDisplay):
            control.watch_display(display)
    if isinstance(devices.lock, SimulatedLock):
        control.watch_lock(devices.lock)
    return control
