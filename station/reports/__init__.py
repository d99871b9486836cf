"""What people read of a journal: pure folds of events and their forms, and what the reading commands print."""
