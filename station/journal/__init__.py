"""The append-only custody journal in SQLite."""
