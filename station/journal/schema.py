"""The tables of one epoch's journal, its pragmas, and how a connection is opened.

Migrations in `migrations/` hold frozen copies of the tables; these models are what today's queries use.
"""

from pathlib import Path
from typing import Any

from peewee import BlobField, IntegerField, Model, SqliteDatabase, TextField

PRAGMAS: dict[str, tuple[str | int, str | int]] = {
    # name: (as set, as read back)
    "journal_mode": ("wal", "wal"),
    "synchronous": ("full", 2),
    "wal_autocheckpoint": (1000, 1000),
    "busy_timeout": (5000, 5000),
    "foreign_keys": ("on", 1),
    "recursive_triggers": ("on", 1),
    "mmap_size": (0, 0),
    "journal_size_limit": (4 * 1024 * 1024, 4 * 1024 * 1024),
}
MIGRATIONS = Path(__file__).parent / "migrations"


class PragmaRefused(RuntimeError):
    """SQLite does not keep a setting that durability hangs on."""


class Epoch(Model):
    """One row: the name of this journal's epoch."""

    name = TextField(primary_key=True)

    class Meta:
        table_name = "epoch"


class EventRow(Model):
    """One event: its leaf, the leaf's hash, and how far a receiver had it when the event was written."""

    seq = IntegerField(primary_key=True)
    leaf = BlobField()
    hash = BlobField()
    acked = IntegerField()

    class Meta:
        table_name = "event"


class DocumentRow(Model):
    """A document that an event names by its SHA-256 (hexadecimal)."""

    sha256 = TextField(primary_key=True)
    content = BlobField()

    class Meta:
        table_name = "document"


class SnapshotRow(Model):
    """The state after event `seq`, in the form `version`; only ever a shortcut for the replay."""

    seq = IntegerField(primary_key=True)
    version = IntegerField()
    state = BlobField()

    class Meta:
        table_name = "snapshot"


class CheckpointRow(Model):
    """A checkpoint over the first `size` events: the signed note, and the tree's compact range as of then."""

    size = IntegerField(primary_key=True)
    note = BlobField()
    range = BlobField()

    class Meta:
        table_name = "checkpoint"


class CosignedRow(Model):
    """The newest checkpoint that a witness cosigned: the note with its cosignature."""

    witness = TextField(primary_key=True)
    size = IntegerField()
    note = BlobField()

    class Meta:
        table_name = "cosigned"


class PrunedRow(Model):
    """The hash that stands for an event whose leaf was pruned."""

    seq = IntegerField(primary_key=True)
    hash = BlobField()

    class Meta:
        table_name = "pruned"


class FloorRow(Model):
    """One row: events below `seq` may be pruned."""

    seq = IntegerField()

    class Meta:
        table_name = "floor"
        primary_key = False


MODELS: list[type[Model]] = [
    Epoch,
    EventRow,
    DocumentRow,
    SnapshotRow,
    CheckpointRow,
    CosignedRow,
    PrunedRow,
    FloorRow,
]


def open_for_writing(path: Path) -> SqliteDatabase:
    """The only connection that may write; the caller holds the lock file.

    One for all threads: it is opened on one and used by the journal thread, and peewee would else make that a second.
    """
    pragmas = {name: value for name, (value, _) in PRAGMAS.items()}
    return SqliteDatabase(str(path), pragmas=pragmas, autoconnect=False, thread_safe=False, check_same_thread=False)


def open_for_reading(path: Path) -> SqliteDatabase:
    """A read-only connection; hold no cursor for long: it keeps the WAL from being checkpointed."""
    return SqliteDatabase(
        f"file:{path}?mode=ro", uri=True, pragmas={"busy_timeout": 5000, "mmap_size": 0}, autoconnect=False
    )


def assert_pragmas(database: Any) -> None:
    """Read every pragma back; raise `PragmaRefused` for the first that is not as set."""
    for name, (_, expected) in PRAGMAS.items():
        found = database.execute_sql(f"PRAGMA {name}").fetchone()[0]
        if found != expected:
            raise PragmaRefused(f"journal: PRAGMA {name} = {found}; must be {expected}; this SQLite is not usable")
