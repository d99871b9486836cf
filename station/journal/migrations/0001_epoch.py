"""The tables of an epoch, and the triggers that keep events as they were written."""

from typing import Any

TABLES = (
    "CREATE TABLE epoch (name TEXT NOT NULL PRIMARY KEY)",
    "CREATE TABLE event (seq INTEGER NOT NULL PRIMARY KEY, leaf BLOB NOT NULL, hash BLOB NOT NULL, "
    "acked INTEGER NOT NULL)",
    "CREATE TABLE document (sha256 TEXT NOT NULL PRIMARY KEY, content BLOB NOT NULL)",
    "CREATE TABLE snapshot (seq INTEGER NOT NULL PRIMARY KEY, version INTEGER NOT NULL, state BLOB NOT NULL)",
)
KEPT = ("epoch", "event", "document")


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001
    for table in TABLES:
        db.execute_sql(table)
    for name in KEPT:
        for verb in ("UPDATE", "DELETE"):
            db.execute_sql(
                f"CREATE TRIGGER {name}_refuses_{verb.lower()} BEFORE {verb} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{name}: a custody journal is append-only'); END"
            )
    db.execute_sql(
        "CREATE TRIGGER event_is_contiguous BEFORE INSERT ON event "
        "WHEN NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM event) "
        "BEGIN SELECT RAISE(ABORT, 'event: seq must be the next one'); END"
    )
