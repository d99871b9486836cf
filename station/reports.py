"""What the reading commands print."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from station import lockfile
from station.domain.leaf import Leaf
from station.errors import IntegrityError
from station.evidence.verify import Verified, verify_journal
from station.journal.journal import FILE_NAME
from station.journal.reader import READ_FAULTS, Reader
from station.journal.replay import replay


@contextmanager
def _journal(directory: Path) -> Iterator[Reader]:
    """The station's journal to read; raise `IntegrityError` where it is not as it was written."""
    reader = Reader.at(directory / FILE_NAME)
    try:
        yield reader
    except (*READ_FAULTS, msgspec.MsgspecError) as fault:
        raise IntegrityError(f"{directory}: {fault}; must be as written; run: station verify") from None
    finally:
        reader.close()


def status(directory: Path, as_json: bool) -> None:
    """One line a fact: where the journal stands and what the station does."""
    with _journal(directory) as reader:
        station, acked, epoch = replay(reader), reader.acked(), reader.epoch()
    count = station.count
    found: dict[str, Any] = {
        "running": lockfile.is_held(directory),
        "epoch": epoch,
        "head": station.seq,
        "sent": acked,
        "waiting": station.seq - acked,
        "clock": station.quality,
        "count": count.phase.value,
        "session": count.session,
        "counted": len(count.packages),
        "planned": count.planned,
        "plan": station.plan.plan if station.plan else "",
        "refusals_unseen": station.unseen,
        "lost": dict(station.lost.items()),
    }
    _print(found, as_json)


def events(directory: Path, as_json: bool, since: int, event_type: str | None, subject: str | None) -> None:
    """The leaves that match, as they are or as one line each."""
    with _journal(directory) as reader:
        for _, leaf, _ in reader.rows(since):
            found = msgspec.json.decode(leaf, type=Leaf)
            if event_type in (None, found.type) and subject in (None, found.subject):
                click.echo(leaf if as_json else _line(found))


def verify(path: Path, as_json: bool) -> int:
    """Check a journal (its file, or its data directory); 0, or 6 where anything is wrong."""
    verified = verify_journal(path / FILE_NAME if path.is_dir() else path)
    if as_json:
        _print(msgspec.to_builtins(verified), as_json)
    else:
        click.echo(_verdict(verified))
    return IntegrityError.exit_code if verified.fault else 0


def _verdict(verified: Verified) -> str:
    if verified.fault:
        return f"epoch {verified.epoch}: {verified.events} events hold, then {verified.fault}"
    return f"epoch {verified.epoch}: {verified.events} events, chain verified"


def _line(leaf: Leaf) -> str:
    fields = " ".join(f"{name}={value}" for name, value in leaf.data.items())
    return f"{int(leaf.sequence):>7} {leaf.time} {leaf.type:<18} {fields}"


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        for name, value in found.items():
            click.echo(f"{name:<16} {value}")
