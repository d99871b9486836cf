"""Which events a log is asked for: from and to a seq, a day or a moment, each of them itself included.

A day, or a moment without `Z`, is of the station's own time. A span goes from the first to the last event of that
time, with whatever lies between, since a clock may have been wrong.
"""

import msgspec

from station.domain.core.bounds import is_bound, is_from, is_seq, is_to
from station.domain.station.leaf import rfc3339
from station.errors import UsageError
from station.reports.access.log import Moment


class Span(msgspec.Struct, frozen=True):
    """From and to; empty where there is no such bound."""

    first: str = ""
    last: str = ""

    def __post_init__(self) -> None:
        """Raise `UsageError` for a bound that is neither."""
        for option, bound in (("--from", self.first), ("--to", self.last)):
            if bound and not is_bound(bound):
                raise UsageError(f"{option} {bound}: must be a seq, such as 120, or a day, such as 2026-11-23")

    def holds_moment(self, moment: Moment) -> tuple[bool, bool]:
        """Whether the event lies at or after the first bound, and at or before the last."""
        is_begun = not self.first or is_from(moment.seq, _time_as_bound(moment, self.first), self.first)
        return is_begun, not self.last or is_to(moment.seq, _time_as_bound(moment, self.last), self.last)


def _time_as_bound(moment: Moment, bound: str) -> str:
    """The event's time as the bound means it."""
    minutes = 0 if bound.endswith("Z") or is_seq(bound) else moment.minutes
    return rfc3339(moment.wall_ms + minutes * 60_000)
