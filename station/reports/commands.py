"""What the reading commands print."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from station.domain.station.leaf import Leaf
from station.domain.station.state import quality_now
from station.errors import IntegrityError, UsageError
from station.evidence import account
from station.evidence import verify as evidence
from station.evidence.bundle import make_bundle, newest_sealed
from station.evidence.exports import HeldJournal, Selection, json_lines, write_whole
from station.evidence.trust import Trust
from station.journal.journal import FILE_NAME
from station.journal.reader import READ_FAULTS, Reader
from station.journal.replay import replay
from station.reports import roster as roster_list
from station.reports.access import page, reading, table, text
from station.reports.access.span import Span
from station.spine import lockfile

FORMATS = ("jsonl", "bundle")


@contextmanager
def _opened_journal(directory: Path) -> Iterator[Reader]:
    """The station's journal to read; raise `IntegrityError` where it is not as it was written."""
    reader = Reader.open_at(directory / FILE_NAME)
    try:
        yield reader
    except (*READ_FAULTS, msgspec.MsgspecError) as fault:
        raise IntegrityError(f"{directory}: {fault}; must be as written; run: station verify") from None
    finally:
        reader.close()


def print_status(directory: Path, as_json: bool) -> None:
    """One line a fact: where the journal stands and what the station does."""
    with _opened_journal(directory) as reader:
        station, acked, epoch = replay(reader), reader.acked(), reader.epoch()
    count = station.count
    found: dict[str, Any] = {
        "running": lockfile.is_held(directory),
        "epoch": epoch,
        "head": station.seq,
        "acked": acked,
        "waiting": station.seq - acked,
        "clock": quality_now(station),
        "count": count.phase.value,
        "session": count.session,
        "counted": len(count.packages),
        "planned": count.planned,
        "plan": count.loaded.plan if count.loaded else "",
        "refusals_unseen": station.session.unseen,
        "lost": dict(station.lifecycle.lost.items()),
    }
    _print_fields(found, as_json)


def print_events(directory: Path, as_json: bool, since: int, event_type: str | None, subject: str | None) -> None:
    """The leaves that match, as they are or as one line each."""
    with _opened_journal(directory) as reader:
        for _, leaf, _ in reader.stored_events(since):
            found = msgspec.json.decode(leaf, type=Leaf)
            if event_type in (None, found.type) and subject in (None, found.subject):
                click.echo(leaf if as_json else _event_line(found))


def print_verified(path: Path, trust: Trust, as_json: bool) -> int:
    """Check a journal, an export or a bundle; 0, or 6 where anything is wrong."""
    verified = evidence.verify(path, trust)
    if as_json:
        _print_fields(msgspec.to_builtins(verified), as_json)
    else:
        click.echo("\n".join(account.account_lines(verified)))
    return IntegrityError.exit_code if verified.fault else 0


def export_events(directory: Path, selection: Selection, trust: Trust, form: str, output: Path) -> None:
    """Write events of a journal that holds to a file; raise `StationError`."""
    if form not in FORMATS:
        raise UsageError(f"--format {form}: must be one of {', '.join(FORMATS)}; csv, html and epcis come later")
    with _opened_journal(directory) as reader:
        held = HeldJournal(directory, trust, reader)
        if form == "bundle":
            content, seqs = make_bundle(held, selection)
        else:
            events = held.selected_events(selection)
            content, seqs = json_lines(events), [seq for seq, _ in events]
        write_whole(output, content)
    click.echo(f"{output}: {len(seqs)} events, from {seqs[0]} to {seqs[-1]}")


def print_checkpoint(directory: Path, trust: Trust, as_json: bool) -> None:
    """The newest checkpoint, as a sheet for two people to sign."""
    with _opened_journal(directory) as reader:
        sealed = newest_sealed(HeldJournal(directory, trust, reader))
    if as_json:
        _print_fields(account.signing_sheet_json(sealed), as_json)
    else:
        click.echo(account.signing_sheet(sealed), nl=False)


def print_roster(directory: Path, as_json: bool) -> None:
    """Who may enter, by the roster that is loaded."""
    with _opened_journal(directory) as reader:
        loaded = replay(reader).people.roster
    found = roster_list.shown_roster(loaded, time.time_ns() // 1_000_000) if loaded else None
    click.echo(msgspec.json.encode(found).decode() if as_json else "\n".join(roster_list.roster_lines(found)))


def write_access(directory: Path, span: Span, form: str, output: Path | None, *, is_now: bool) -> None:
    """Who was in, as `form` (text, json, csv, html); with `is_now` only who is inside."""
    with _opened_journal(directory) as reader:
        log = reading.read_log(reader, replay(reader), span, time.time_ns() // 1_000_000)
    written = {
        "text": lambda: "\n".join(text.inside_lines(log) if is_now else text.log_lines(log)) + "\n",
        "json": lambda: msgspec.json.encode(log.inside if is_now else log).decode() + "\n",
        "csv": lambda: table.csv_table(log),
        "html": lambda: page.access_page(log),
    }[form]()
    if output is None:
        click.echo(written, nl=False)
    else:
        write_whole(output, written.encode())


def _event_line(leaf: Leaf) -> str:
    fields = " ".join(f"{name}={value}" for name, value in leaf.data.items())
    return f"{int(leaf.sequence):>7} {leaf.time} {leaf.type:<18} {fields}"


def _print_fields(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        for name, value in found.items():
            click.echo(f"{name:<16} {value}")
