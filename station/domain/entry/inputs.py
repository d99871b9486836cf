"""What the door and its lock report."""

from station.domain.core.inputs import Input


class DoorMoved(Input, frozen=True):
    """The contact's level after debouncing; its source reports it once when it begins, and then each change.

    `at` is when the level came, not when it was trusted.
    """

    at: int
    is_open: bool


class RexPressed(Input, frozen=True):
    """Somebody asks to leave: the lever's switch, a button, a motion sensor."""

    at: int


class FireChanged(Input, frozen=True):
    """The fire panel or the break-glass: active or not; reported like `DoorMoved`."""

    at: int
    is_active: bool


class TamperChanged(Input, frozen=True):
    """The tamper loop; reported like `DoorMoved`."""

    at: int
    is_open: bool


class LockFailed(Input, frozen=True):
    """The lock did not do what it was told; `reason` is the system's own text."""

    at: int
    reason: str


class LockWorks(Input, frozen=True):
    """The lock obeys again."""

    at: int


DOOR = "door"
"""The source's name under which the door's inputs are lost and found (`SourceLost`, `SourceFound`)."""


LOCK = "lock"
"""The same for the lock."""

RESTLESS = "restless"
"""Why an input of the door is lost that never rests; until it does it is taken as open, and nobody is let in."""

INPUTS = frozenset({DOOR, "rex", "tamper", "fire"})
"""The inputs of the door, by the names under which they are lost so: the contact's is the door's own."""
