"""Checkpoints, what witnesses cosigned, and the hashes that stand for pruned events; with the triggers that hold them.

In one transaction: events first, then the checkpoint over them. To prune: raise `floor`, copy the hashes to `pruned`,
then delete the events.
"""

from typing import Any

TABLES = (
    "CREATE TABLE checkpoint (size INTEGER NOT NULL PRIMARY KEY, note BLOB NOT NULL, range BLOB NOT NULL)",
    "CREATE TABLE cosigned (witness TEXT NOT NULL PRIMARY KEY, size INTEGER NOT NULL, note BLOB NOT NULL)",
    "CREATE TABLE pruned (seq INTEGER NOT NULL PRIMARY KEY, hash BLOB NOT NULL)",
    "CREATE TABLE floor (seq INTEGER NOT NULL)",
    "INSERT INTO floor (seq) VALUES (0)",
)
# A trigger's name: what it stands before, when it refuses, and the text of its refusal.
TRIGGERS = {
    "checkpoint_refuses_update": ("UPDATE ON checkpoint", "", "checkpoint: a custody journal is append-only"),
    "checkpoint_refuses_delete": ("DELETE ON checkpoint", "", "checkpoint: a custody journal is append-only"),
    "checkpoint_grows": (
        "INSERT ON checkpoint",
        "NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoint) "
        "OR NEW.size > (SELECT coalesce(max(seq), -1) + 1 FROM event)",
        "checkpoint: its size must be above the last one and within the events",
    ),
    "cosigned_grows": (
        "INSERT ON cosigned",
        "NEW.size < (SELECT size FROM cosigned WHERE witness = NEW.witness)",
        "cosigned: its size must not be below the one before",
    ),
    "cosigned_keeps_growing": (
        "UPDATE ON cosigned",
        "NEW.size < OLD.size OR NEW.witness <> OLD.witness",
        "cosigned: its size must not be below the one before",
    ),
    "pruned_refuses_update": ("UPDATE ON pruned", "", "pruned: a custody journal is append-only"),
    "pruned_refuses_delete": ("DELETE ON pruned", "", "pruned: a custody journal is append-only"),
    "pruned_is_an_event": (
        "INSERT ON pruned",
        "NEW.seq >= (SELECT seq FROM floor) "
        "OR NOT EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq AND hash = NEW.hash)",
        "pruned: must be the hash of an event below the floor",
    ),
    "floor_refuses_insert": ("INSERT ON floor", "", "floor: there is one row"),
    "floor_refuses_delete": ("DELETE ON floor", "", "floor: there is one row"),
    # Never past what a receiver has: the newest event says how far that is.
    "floor_only_rises": (
        "UPDATE ON floor",
        "NEW.seq < OLD.seq OR NEW.seq > coalesce((SELECT acked + 1 FROM event ORDER BY seq DESC LIMIT 1), 0)",
        "floor: must rise, and not past what is acked",
    ),
    "event_refuses_delete": (
        "DELETE ON event",
        "OLD.seq >= (SELECT seq FROM floor) "
        "OR NOT EXISTS (SELECT 1 FROM pruned WHERE seq = OLD.seq AND hash = OLD.hash)",
        "event: a custody journal is append-only",
    ),
}


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001
    for table in TABLES:
        db.execute_sql(table)
    db.execute_sql("DROP TRIGGER event_refuses_delete")
    for name, (stands_before, when, text) in TRIGGERS.items():
        condition = f"WHEN {when} " if when else ""
        db.execute_sql(
            f"CREATE TRIGGER {name} BEFORE {stands_before} {condition}BEGIN SELECT RAISE(ABORT, '{text}'); END"
        )
