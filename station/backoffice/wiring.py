"""`backoffice run`: puts settings, keys, store, receiver and connection together."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from station.backoffice import settings
from station.backoffice.receiving.mqtt import CURE, DISK_TROUBLES, FAILURES_TOLD, PAUSES_S, ReceiverLink
from station.backoffice.receiving.receiver import Receiver
from station.backoffice.receiving.telling import Publication
from station.backoffice.store.schema import DatabaseRefused
from station.backoffice.store.store import Store
from station.backoffice.trust import approvals, keyfiles
from station.errors import IntegrityError, StationError, UsageError
from station.sealing.note import COSIGNATURE, VerifierKey
from station.spine import logs

LOCK = "receiver.lock"

log = structlog.get_logger("backoffice")


def run(settings_path: str) -> None:
    """Receive until SIGTERM. Raise `StationError` where it cannot go on."""
    _on_stop(lambda: sys.exit(0))
    logs.configure_logs()
    os.umask(0o077)
    found = settings.load_settings(settings_path)
    office = found.backoffice
    key = keyfiles.read_key("[backoffice] witness_key", office.witness_key, COSIGNATURE)
    lock = _hold_lock(Path(office.data_dir))
    store = open_store(office.database_path)
    receiver = Receiver(store, office.site, key, needs_marker=True)
    link = ReceiverLink(
        found.broker,
        office.site,
        key.name,
        receiver,
        each_turn=lambda: [*take_approvals(office, receiver), *take_decisions(office, receiver)],
    )
    _on_stop(link.stop)
    try:
        link.run()
    finally:
        store.close()
        os.close(lock)


def open_store(path: Path) -> Store:
    """Open the database for writing; where it is locked or its disk full, say so and try again, for ever.

    Raise `IntegrityError` for one that is another release's.
    """
    failures = 0
    while True:
        try:
            return Store.open_for_writing(path)
        except DatabaseRefused as error:
            raise IntegrityError(str(error)) from None
        except DISK_TROUBLES as error:
            if failures % FAILURES_TOLD == 0:
                log.error("the database cannot be opened; waiting", error=str(error), times=failures + 1, cure=CURE)
            time.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
            failures += 1


def _on_stop(do: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: do())


def take_approvals(office: settings.BackOffice, receiver: Receiver) -> list[Publication]:
    """Take what people approved; a file that says nothing of use is told and removed."""
    publications: list[Publication] = []
    for path, approval in approvals.waiting_approvals(office.approvals_dir):
        try:
            if approval is None:
                raise ValueError("is no approval")
            publications += receiver.approve_key(approval.station, VerifierKey.parse(approval.key))
            log.info("approved", station=approval.station)
        except ValueError as error:
            log.error("approval refused", file=str(path), error=str(error))
        path.unlink(missing_ok=True)
    return publications


def take_decisions(office: settings.BackOffice, receiver: Receiver) -> list[Publication]:
    """Do what people decided about epochs; a file that says nothing of use is told and removed."""
    publications: list[Publication] = []
    for path, decision in approvals.waiting_decisions(office.approvals_dir):
        try:
            if decision is None:
                raise ValueError("is no decision")
            publications += receiver.take_decision(decision)
            log.warning("a person decided", **msgspec.structs.asdict(decision))
        except ValueError as error:
            log.error("decision refused", file=str(path), error=str(error))
        path.unlink(missing_ok=True)
    return publications


def _hold_lock(directory: Path) -> int:
    """Only one receiver writes a database; return the descriptor that keeps the lock."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StationError(f"{directory}: {error.strerror}; must be a folder that the receiver may write") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError(f"{directory}: a running receiver holds {LOCK}; must be one at a time") from None
    return descriptor
