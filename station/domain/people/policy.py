"""The door's policy: settings that stand in `station.started`, and so in the state.

Local time is computed here, from the zone's own table of changes: `offsets` says from which moment on (UTC
milliseconds since 1970) how many minutes stand between UTC and local time, for some years ahead. So nothing is read
from files on the way, summer time begins without an input, and an inspector sees which rules were in force.
"""

import msgspec

DAY_MINUTES = 24 * 60
SUPERVISORS = ("supervisor",)
"""The roles of those who may do what others may not, unless a policy names others."""


class Policy(msgspec.Struct, frozen=True):
    """Who may enter, when, and how long each wait lasts. `opens` and `shuts` are minutes of the local day.

    `people` is 2 for the two-person rule, 1 without it; `pairs` are the roles that may stand together, in either
    order. With `join_people` = 1 a single badge joins people who are surely inside, with 2 a pair is needed again.
    Without an inside reader occupancy is an estimate. `pin_keypad` is the keypad outside, empty where none is fitted:
    there a badge whose owner has a PIN counts once that is keyed, within `pin_ms`. `other_roles` let nobody in here,
    but may stand in the site's roster: for another station, say. All of it is written: a default of a later release
    must not change what was in force.
    """

    people: int = 2
    pairs: tuple[tuple[str, str], ...] = (("associate", "associate"), ("associate", "supervisor"))
    supervisors: tuple[str, ...] = SUPERVISORS
    opens: int = 7 * 60
    shuts: int = 22 * 60 + 30
    timezone: str = "UTC"
    offsets: tuple[tuple[int, int], ...] = ()
    has_inside_reader: bool = True
    join_people: int = 1
    visitors_max: int = 5
    pin_keypad: str = ""
    second_badge_ms: int = 15_000
    pin_ms: int = 15_000
    lone_grace_ms: int = 60_000
    release_ms: int = 5_000
    rex_window_ms: int = 1_500
    forced_after_ms: int = 700
    exit_window_ms: int = 10_000
    held_warn_ms: int = 30_000
    held_alarm_ms: int = 60_000
    held_open_ms: int = 600_000
    supervisor_ms: int = 30_000
    tries_max: int = 5
    tries_within_ms: int = 300_000
    throttle_ms: int = 300_000
    stale_ms: int = 86_400_000
    other_roles: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that a roster may name, each once."""
        paired = (role for pair in self.pairs for role in pair)
        return tuple(dict.fromkeys((*paired, *self.supervisors, *self.other_roles)))

    def minute_of_day(self, wall_ms: int) -> int:
        """The minute of the local day at this moment (UTC milliseconds since 1970)."""
        return (wall_ms // 60_000 + self.offset_minutes(wall_ms)) % DAY_MINUTES

    def offset_minutes(self, wall_ms: int) -> int:
        """How many minutes local time is ahead of UTC at this moment."""
        return next((minutes for since, minutes in reversed(self.offsets) if since <= wall_ms), 0)

    def is_open_at(self, wall_ms: int) -> bool:
        """Whether people may enter at this moment; `opens` belongs to the hours, `shuts` does not."""
        return self.opens <= self.minute_of_day(wall_ms) < self.shuts

    def paired(self, first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, str] | None:
        """The roles under which two people may stand together; None where no pair allows it."""
        for one, other in self.pairs:
            if one in first and other in second:
                return one, other
            if other in first and one in second:
                return other, one
        return None

    def role_of(self, roles: tuple[str, ...]) -> str:
        """The role under which one person enters; empty where no pair knows any of them."""
        return next((role for role in roles if any(role in pair for pair in self.pairs)), "")
