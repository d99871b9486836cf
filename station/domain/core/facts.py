"""What a room may know of the station beside its own state."""

from typing import Any

import msgspec

from station.domain.core.event import Event


class Facts(msgspec.Struct, frozen=True):
    """The station as every room may see it, before an input is decided or a screen is drawn.

    `at` is the moment, monotonic milliseconds, never before the newest event's; `wall_ms` UTC milliseconds since 1970,
    which does not go back where the clock proves nothing; `trusted_ms` the same, None where the clock is not to be
    trusted. Wall time is monotonic time plus `offset_ms`, of this `quality`; `recorded_wall_ms` is the newest event's.
    `seq` is the next event's. `floor` is the duty whose session has the floor, empty where none has; `is_at_rest`
    whether no session is open or paused. `duties` are those that the settings name, empty where the journal does not
    say; `readers` are the sides at which a badge reader hangs; `policy` is the door's, None where "entry" is no duty.
    `people` is the state of the room `people` (its `people_of` reads it); `lost` maps each source that is away to the
    reason; `unseen` counts refusals that nobody has looked at; `newest` is the event that a screen speaks of, which
    came at `newest_at`, and `is_refused` whether it says that a scan was refused (said to pictures alone).
    """

    at: int
    wall_ms: int
    trusted_ms: int | None
    offset_ms: int
    quality: str
    recorded_wall_ms: int
    seq: int
    floor: str
    is_at_rest: bool
    duties: tuple[str, ...]
    readers: tuple[str, ...]
    policy: Any
    people: Any
    lost: Any
    unseen: int
    is_locked_down: bool
    newest: Event | None
    newest_at: int
    is_refused: bool = False
