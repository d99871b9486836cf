"""Where a selection of events begins or ends: a seq, a day, or a moment as the events have it."""

import re

_SEQ = re.compile(r"[0-9]{1,12}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{3})?)?Z?)?", re.ASCII)


def is_seq(bound: str) -> bool:
    """Whether it is a seq, such as 120."""
    return _SEQ.fullmatch(bound) is not None


def is_bound(bound: str) -> bool:
    """Whether it is a seq or a date, such as 2026-11-23 or 2026-11-23T14:00."""
    return is_seq(bound) or _DATE.fullmatch(bound) is not None


def is_from(seq: int, time: str, bound: str) -> bool:
    """Whether an event lies at or after the bound."""
    return seq >= int(bound) if is_seq(bound) else time >= bound.rstrip("Z")


def is_to(seq: int, time: str, bound: str) -> bool:
    """Whether an event lies at or before the bound; a shorter text stands for all of its day, hour or second."""
    return seq <= int(bound) if is_seq(bound) else time[: len(bound.rstrip("Z"))] <= bound.rstrip("Z")
