"""A document that cannot be taken."""


class DocumentFaults(ValueError):
    """Every fault of a document, each `path = value: must be …`; nothing of it is taken."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
