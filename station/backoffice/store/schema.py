"""The tables of the receiving end, their pragmas, and how a connection is opened."""

from pathlib import Path
from typing import Any

from peewee import AutoField, BlobField, CompositeKey, IntegerField, Model, SqliteDatabase, TextField

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
VERSION = 1
"""`PRAGMA user_version`: raised when a table changes."""


class StationRow(Model):
    """What a station says of itself, and when it last said anything (wall ms)."""

    name = TextField(primary_key=True)
    key = TextField(default="")
    epoch = TextField(default="")
    state = TextField(default="")
    seen_ms = IntegerField(default=0)

    class Meta:
        table_name = "station"


class KeyRow(Model):
    """A verifier key approved for a station; a key that was rotated away covers no event past `until_seq`."""

    station = TextField()
    key = TextField()
    approved_ms = IntegerField()
    how = TextField()  # approved: by a person; rotated: by the key before it
    until_epoch = TextField(null=True)
    until_seq = IntegerField(null=True)

    class Meta:
        table_name = "approved"
        primary_key = CompositeKey("station", "key")


class EpochRow(Model):
    """One journal of a station; `contiguous`, `head`: seqs, -1 for none; `verified`: the size of a tree."""

    id = AutoField()
    station = TextField()
    name = TextField()
    contiguous = IntegerField(default=-1)
    head = IntegerField(default=-1)  # the highest seq that the station spoke of
    verified = IntegerField(default=0)
    previous = TextField(default="")
    reason = TextField(default="")

    class Meta:
        table_name = "epoch"
        indexes = ((("station", "name"), True),)


class LeafRow(Model):
    """One event; `leaf` is NULL where only its hash came. Unique on station, epoch (both by `epoch`) and seq."""

    epoch = IntegerField()
    seq = IntegerField()
    hash = BlobField()
    leaf = BlobField(null=True)

    class Meta:
        table_name = "leaf"
        primary_key = CompositeKey("epoch", "seq")


class BootRow(Model):
    """The lowest and highest seq that a boot of the station wrote."""

    epoch = IntegerField()
    boot = TextField()
    first_seq = IntegerField()
    last_seq = IntegerField()

    class Meta:
        table_name = "boot"
        primary_key = CompositeKey("epoch", "boot")


class CheckpointRow(Model):
    """A checkpoint as it came: pending, verified (with its compact range), or refused."""

    epoch = IntegerField()
    size = IntegerField()
    root = BlobField()
    note = BlobField()
    state = TextField()
    range = BlobField(null=True)

    class Meta:
        table_name = "checkpoint"
        primary_key = CompositeKey("epoch", "size", "root")


class CosignatureRow(Model):
    """A checkpoint with our cosignature, given here or heard from the broker; `at_s` stands in it."""

    epoch = IntegerField()
    size = IntegerField()
    note = BlobField()
    at_s = IntegerField()

    class Meta:
        table_name = "cosignature"
        primary_key = CompositeKey("epoch", "size")


class RotationRow(Model):
    """An event by which a station changes its key: pending, taken or refused."""

    epoch = IntegerField()
    seq = IntegerField()
    key = TextField()
    note = TextField()
    state = TextField()

    class Meta:
        table_name = "rotation"
        primary_key = CompositeKey("epoch", "seq")


class ConflictRow(Model):
    """What came for a seq that had other bytes already: evidence."""

    epoch = IntegerField()
    seq = IntegerField()
    hash = BlobField()
    leaf = BlobField(null=True)
    at_ms = IntegerField()

    class Meta:
        table_name = "conflict"
        primary_key = CompositeKey("epoch", "seq", "hash")


class CandidateRow(Model):
    """What came for a seq for which different bytes came, until a checkpoint says which; the highest `arrival` last."""

    epoch = IntegerField()
    seq = IntegerField()
    hash = BlobField()
    leaf = BlobField(null=True)
    arrival = IntegerField()

    class Meta:
        table_name = "candidate"
        primary_key = CompositeKey("epoch", "seq", "hash")


class DecisionRow(Model):
    """What a person decided about an epoch, why, and which user of this machine that was."""

    id = AutoField()
    verdict = TextField()
    station = TextField()
    epoch = TextField()
    reason = TextField()
    user = TextField()
    at_ms = IntegerField()

    class Meta:
        table_name = "decision"


class AlarmRow(Model):
    """One kind of trouble of one epoch; `seq` is the first event that differs, as far as is known."""

    id = AutoField()
    kind = TextField()
    station = TextField()
    epoch = TextField()
    seq = IntegerField(null=True)
    text = TextField()
    at_ms = IntegerField()
    times = IntegerField(default=1)

    class Meta:
        table_name = "alarm"
        indexes = ((("kind", "station", "epoch"), True),)


MODELS: list[type[Model]] = [
    StationRow,
    KeyRow,
    EpochRow,
    LeafRow,
    BootRow,
    CheckpointRow,
    CosignatureRow,
    RotationRow,
    ConflictRow,
    CandidateRow,
    DecisionRow,
    AlarmRow,
]
TRIGGERS = (
    "CREATE TRIGGER IF NOT EXISTS leaf_refuses_delete BEFORE DELETE ON leaf "
    "BEGIN SELECT RAISE(ABORT, 'leaf: what a station swore to stays'); END",
    # Earlier releases had this one without the evidence.
    "DROP TRIGGER IF EXISTS leaf_refuses_update",
    "CREATE TRIGGER leaf_refuses_update BEFORE UPDATE ON leaf "
    "WHEN (OLD.leaf IS NOT NULL OR NEW.hash <> OLD.hash OR NEW.seq <> OLD.seq OR NEW.epoch <> OLD.epoch) "
    "AND NOT (NEW.seq = OLD.seq AND NEW.epoch = OLD.epoch AND EXISTS (SELECT 1 FROM conflict WHERE epoch = OLD.epoch "
    "AND seq = OLD.seq AND hash = OLD.hash AND leaf IS OLD.leaf)) "
    "BEGIN SELECT RAISE(ABORT, 'leaf: what a station swore to stays'); END",
    "CREATE TRIGGER IF NOT EXISTS conflict_refuses_delete BEFORE DELETE ON conflict "
    "BEGIN SELECT RAISE(ABORT, 'conflict: evidence stays'); END",
    "CREATE TRIGGER IF NOT EXISTS conflict_refuses_update BEFORE UPDATE ON conflict WHEN OLD.leaf IS NOT NULL "
    "BEGIN SELECT RAISE(ABORT, 'conflict: evidence stays'); END",
)
"""A leaf gives way only to other bytes for its seq, and only where it stands as evidence already."""


class DatabaseRefused(RuntimeError):
    """The database cannot be used; the text says why."""


def open_for_writing(path: Path) -> Any:
    """Open the only connection that may write, and make what is not there yet; the caller holds the lock file."""
    pragmas = {name: value for name, (value, _) in PRAGMAS.items()}
    database: Any = SqliteDatabase(
        str(path), pragmas=pragmas, autoconnect=False, thread_safe=False, check_same_thread=False
    )
    database.connect()
    _check_pragmas(database)
    found = database.execute_sql("PRAGMA user_version").fetchone()[0]
    if found not in (0, VERSION):
        raise DatabaseRefused(f"{path}: user_version = {found}; must be {VERSION}; use the release that wrote it")
    with database.atomic("IMMEDIATE"), database.bind_ctx(MODELS):
        database.create_tables(MODELS)
        for trigger in TRIGGERS:
            database.execute_sql(trigger)
        database.execute_sql(f"PRAGMA user_version = {VERSION}")
    return database


def open_for_reading(path: Path) -> Any:
    """Open a read-only connection; hold no cursor for long: it keeps the WAL from being checkpointed."""
    database: Any = SqliteDatabase(
        f"file:{path}?mode=ro", uri=True, pragmas={"busy_timeout": 5000, "mmap_size": 0}, autoconnect=False
    )
    database.connect()
    return database


def _check_pragmas(database: Any) -> None:
    for name, (_, expected) in PRAGMAS.items():
        found = database.execute_sql(f"PRAGMA {name}").fetchone()[0]
        if found != expected:
            raise DatabaseRefused(f"PRAGMA {name} = {found}; must be {expected}; this SQLite is not usable")
