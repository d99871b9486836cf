"""The only place that names concrete parts: settings -> devices, relay, daemon."""

import contextlib
import functools
import os
import signal
import sys
from pathlib import Path

from station import config
from station.errors import IntegrityError
from station.journal.reader import JournalCorrupt
from station.spine import garbage, logs, memory
from station.spine.daemon import Daemon
from station.spine.inbox import Inbox
from station.spine.journal_lost import JournalLost
from station.spine.starting import sworn_of
from station.wiring.devices import build_devices, remember_pins, watch_simulated
from station.wiring.relaying import make_relay


def run_station(settings_path: str) -> None:
    """Run the daemon until SIGTERM. Raise `StationError` with what to do where it cannot go on."""
    logs.configure_logs()
    share_one_processor()
    memory.share_one_arena()
    settings = config.load(settings_path)
    inbox = Inbox()
    devices = build_devices(settings, inbox, lambda: daemon.loop.durable)
    remember_pins(settings, devices)
    watching = watch_simulated(settings, devices)
    source = f"/custody/{settings.station.site}/{settings.station.name}"
    daemon = Daemon(
        source,
        Path(settings.station.data_dir),
        devices,
        inbox,
        sworn=sworn_of(settings),
        make_relay=functools.partial(make_relay, settings),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda which, _: daemon.request_stop(signal.Signals(which).name))
    garbage.freeze_loaded()
    try:
        daemon.run()
    except (JournalLost, JournalCorrupt) as error:
        raise IntegrityError(str(error)) from error
    finally:
        if watching is not None:
            watching.close()


def share_one_processor() -> None:
    """A scan crosses three threads that the interpreter lets run one at a time: keep their ways short."""
    sys.setswitchinterval(0.0005)  # the default of 5 ms is for throughput
    # Side by side they would only wait for each other, on processors that have to be woken, with cold caches. The
    # last one, because a Pi serves its devices on the first.
    with contextlib.suppress(OSError):  # the unit's filter forbids it, and has chosen: CPUAffinity=
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
