"""What stations swore to, kept in one SQLite database: journals, leaves, checkpoints, what stations say, and alarms."""
