"""What the C library keeps of the memory of this program: a small Pi has 512 MB for everything that runs on it."""

import contextlib
import ctypes

_M_ARENA_MAX = -8  # malloc.h


def share_one_arena() -> None:
    """Let threads that begin from now on share one pool of memory: each would keep 64 to 130 kB of its own.

    They would wait for each other at several pools as well: Python runs one of them at a time.
    """
    _call_libc("mallopt", _M_ARENA_MAX, 1)


def give_back() -> None:
    """Return what importing and opening the journal have freed: some 0.7 MB that glibc would keep for later."""
    _call_libc("malloc_trim", 0)


def _call_libc(name: str, *arguments: int) -> None:
    with contextlib.suppress(AttributeError, OSError):  # another C library than glibc: it keeps what it keeps
        getattr(ctypes.CDLL(None), name)(*arguments)
