"""Damage done to a journal's file behind SQLite's back, as a thief or a bad card would."""

import sqlite3
from contextlib import closing
from pathlib import Path


def corrupt_leaf(path: Path, seq: int) -> None:
    """Change one byte of a leaf's text, triggers or not."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER event_refuses_update")
        leaf = bytearray(connection.execute("SELECT leaf FROM event WHERE seq = ?", (seq,)).fetchone()[0])
        leaf[-3] ^= 1
        connection.execute("UPDATE event SET leaf = ? WHERE seq = ?", (bytes(leaf), seq))
