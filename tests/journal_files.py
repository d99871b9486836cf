"""Damage done to a journal's file behind SQLite's back, as a thief or a bad card would."""

import sqlite3
from contextlib import closing
from pathlib import Path


def change(path: Path, sql: str) -> None:
    """Do to the events what their triggers refuse."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER event_refuses_update")
        connection.execute(sql)


def corrupt_leaf(path: Path, seq: int) -> None:
    """Change the last letters of a leaf."""
    length = "length(leaf) - 3"
    change(path, f"UPDATE event SET leaf = CAST(substr(leaf, 1, {length}) || x'21217d' AS BLOB) WHERE seq = {seq}")
