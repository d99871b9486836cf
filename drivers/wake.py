"""Waking a thread that waits in select or poll."""

import os
import weakref
from contextlib import suppress


class Wake:
    """A file descriptor that becomes readable when any thread says so; it lives as long as the object."""

    def __init__(self) -> None:
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        weakref.finalize(self, os.close, self._fd)

    def fileno(self) -> int:
        """The descriptor, for select or poll."""
        return self._fd

    def wake_up(self) -> None:
        """Make it readable; never blocks."""
        os.eventfd_write(self._fd, 1)

    def clear(self) -> None:
        """Make it unreadable again."""
        with suppress(BlockingIOError):  # nobody woke it
            os.eventfd_read(self._fd)
