"""Why the journal cannot go on in this process."""


class JournalLost(Exception):
    """The journal can't go on in this process; a new start repairs it or begins a new epoch."""


class JournalRolledBack(JournalLost):
    """The journal is an older copy, or another's: a new epoch must begin. `checkpoint` is what a witness knows."""

    def __init__(self, text: str, checkpoint: bytes) -> None:
        super().__init__(text)
        self.checkpoint = checkpoint
