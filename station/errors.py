"""Errors that end a command; the class says the exit code of the program."""

from typing import ClassVar


class StationError(Exception):
    """A fault with a text for people: *where: what was found; what is allowed; what to do*."""

    exit_code: ClassVar[int] = 1


class UsageError(StationError):
    """The command was called in a way that means nothing."""

    exit_code = 2


class DeviceError(StationError):
    """A device is missing, taken by another, or answers nonsense."""

    exit_code = 4


class NetworkError(StationError):
    """A broker or another host cannot be reached, or refuses us."""

    exit_code = 5


class IntegrityError(StationError):
    """A leaf, a root, a signature or a stored file is not what was sworn."""

    exit_code = 6
