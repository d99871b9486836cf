"""The only place that names concrete parts: settings -> devices, relay, daemon."""

import contextlib
import functools
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from drivers import catalog
from drivers.control_socket import SimulatedControl
from drivers.simulated import SimulatedDisplay, SimulatedIndicator, SimulatedSource
from station import __version__, config, garbage, logs
from station.clock import ClockWatch, monotonic_ms
from station.config import Settings, kind_of
from station.config.devices import OledDisplay as OledOptions
from station.config.table import Kind
from station.daemon import Daemon, Devices
from station.domain import alerts, messages
from station.domain.conditions import Link
from station.domain.events import SCHEMA_VERSION
from station.domain.inputs import SourceFound, SourceLost
from station.errors import DeviceError, IntegrityError
from station.inbox import Acked, Cosigned, Inbox, LinkMoved, RolledBack
from station.journal.journal import Opened
from station.journal.reader import JournalCorrupt, Reader
from station.journal.sealer import origin_of
from station.loop import JournalLost
from station.machine import machine_health
from station.relay import acknowledging
from station.sealing.note import VerifierKey


def run(settings_path: str) -> None:
    """The daemon, until SIGTERM. Raise `StationError` with what to do where it cannot go on."""
    logs.configure()
    _share_one_processor()
    settings = config.load(settings_path)
    inbox = Inbox()
    devices = build_devices(settings, inbox)
    watching = _watched(settings, devices)
    source = f"/custody/{settings.station.site}/{settings.station.name}"
    daemon = Daemon(
        source,
        Path(settings.station.data_dir),
        devices,
        inbox,
        settings_hash=config.settings_hash(settings),
        make_relay=functools.partial(_relay, settings),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda which, _: daemon.request_stop(signal.Signals(which).name))
    garbage.settle()
    try:
        daemon.run()
    except (JournalLost, JournalCorrupt) as error:
        raise IntegrityError(str(error)) from error
    finally:
        if watching is not None:
            watching.close()


def _share_one_processor() -> None:
    """A scan crosses three threads that the interpreter lets run one at a time: keep their ways short."""
    sys.setswitchinterval(0.0005)  # the default of 5 ms is for throughput
    # Side by side they would only wait for each other, on processors that have to be woken, with cold caches. The
    # last one, because a Pi serves its devices on the first.
    with contextlib.suppress(OSError):  # the unit's filter forbids it, and has chosen: CPUAffinity=
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def build_devices(settings: Settings, inbox: Inbox) -> Devices:
    """Every device of the settings; raise `DeviceError` where a driver's library is missing."""
    scanners = [_build("scanner", options, now=monotonic_ms) for options in settings.scanners]
    keypads = [_build("keypad", options, now=monotonic_ms) for options in settings.keypads]
    return Devices(
        sources=[*scanners, *keypads, ClockWatch()],
        indicators=[_indicator(settings, inbox)],
        displays=[_display(settings, inbox)],
    )


def _build(role: str, options: Kind, **more: Any) -> Any:
    """One device: its driver's class, given the options of its settings by name."""
    given = {name: value for name, value in msgspec.to_builtins(options).items() if name != "kind"}
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


def _watched(settings: Settings, devices: Devices) -> SimulatedControl | None:
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


def _relay(settings: Settings, daemon: Daemon, opened: Opened) -> Any:
    """The relay to the settings' broker; None where they name none."""
    if settings.broker is None:
        return None
    from station.relay.mqtt import Relay
    from station.relay.options import DEFAULT_PAUSES_S, RelayOptions, TlsFiles

    broker, station = settings.broker, settings.station
    tls = TlsFiles(broker.tls.ca, broker.tls.cert, broker.tls.key) if broker.tls else None
    daemon.inbox.put(LinkMoved(Link.DOWN))
    started_at, info = time.monotonic(), _info(settings, opened, daemon.key.verifier)
    reader = Reader.at(daemon.journal_path)
    acks = _acknowledgements(settings, daemon, opened, reader)
    if acks is not None:
        daemon.inbox.put(Acked(acks.acked, 0))
    return Relay(
        RelayOptions(
            host=broker.host,
            port=broker.port,
            site=station.site,
            station=station.name,
            tls=tls,
            keepalive_s=broker.keepalive_s,
            window=broker.window,
            connect_pauses_s=tuple(min(pause_s, broker.reconnect_max_s) for pause_s in DEFAULT_PAUSES_S),
        ),
        reader,
        on_link=lambda is_up: daemon.inbox.put(LinkMoved(Link.UP if is_up else Link.DOWN)),
        on_acked=lambda seq, withheld: daemon.inbox.put(Acked(seq, withheld)),
        info=lambda: info,
        health=lambda: _health(daemon, started_at),
        alerts=lambda: alerts.alerts(daemon.loop.durable, daemon.loop.conditions),
        state=lambda: alerts.state_word(daemon.loop.durable, daemon.loop.conditions),
        sent=opened.acked,
        acks=acks,
        on_witness=lambda news: daemon.inbox.put(_of_a_witness(news)),
    )


def _acknowledgements(
    settings: Settings, daemon: Daemon, opened: Opened, reader: Reader
) -> "acknowledging.Acknowledgements | None":
    """What counts as acknowledged where the settings name witnesses; None where a PUBACK has to do."""
    if not settings.witnesses:
        return None
    witnesses = {witness.name: VerifierKey.parse(witness.key) for witness in settings.witnesses}
    known = {name: size for name, size, _ in reader.cosigned()}
    own = daemon.key.verifier
    return acknowledging.Acknowledgements(own, origin_of(own.name, opened.epoch), witnesses, reader, known)


def _of_a_witness(news: "acknowledging.Cosigned | acknowledging.RolledBack") -> Cosigned | RolledBack:
    if isinstance(news, acknowledging.Cosigned):
        return Cosigned(*news)
    return RolledBack(*news)


def _info(settings: Settings, opened: Opened, key: VerifierKey) -> dict[str, Any]:
    return messages.told(
        messages.Info(
            key=str(key),
            epoch=opened.epoch,
            version=__version__,
            python=sys.version.split()[0],
            settings=config.settings_hash(settings),
            duties=tuple(settings.station.duties),
            schema=SCHEMA_VERSION,
        )
    )


def _health(daemon: Daemon, started_at: float) -> dict[str, Any]:
    known = alerts.health(daemon.loop.durable, daemon.loop.conditions)
    machine = machine_health(daemon.journal_path.parent)
    return messages.told(messages.Health(**known, **machine, uptime_s=round(time.monotonic() - started_at)))
