"""Kinds of value that several documents and settings are made of, each with its limits."""

import re
from datetime import date, datetime
from typing import Annotated

from station.domain.documents.fields import Ask, Characters, Range, Text

VERSION_MAX = 2**53 - 1
"""What every JSON reader can hold exactly."""
MOMENT_TEXT = "a moment such as 2026-11-23T14:00:00Z"
DAY_TEXT = "a day such as 2027-03-01"


def is_moment(value: object) -> bool:
    """Whether this is a moment with its offset from UTC, or empty."""
    try:
        return value == "" or datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


def moment_ms(text: str) -> float:
    """A moment for which `is_moment` as UTC milliseconds since 1970; raise ValueError for any other text."""
    return datetime.fromisoformat(text).timestamp() * 1000


def moment_problem(text: str) -> str | None:
    """None for a moment with its offset from UTC, in the forms of ISO 8601 that Python reads."""
    return None if text and is_moment(text) else f"must be {MOMENT_TEXT}"


def moment_if_any_problem(text: str) -> str | None:
    """As `moment_problem`, and None for an empty text."""
    return moment_problem(text) if text else None


def day_if_any_problem(text: str) -> str | None:
    """None for a day of the calendar as YYYY-MM-DD, and for an empty text."""
    try:
        well = not text or (_DAY.fullmatch(text) is not None and bool(date.fromisoformat(text)))
    except ValueError:
        well = False
    return None if well else f"must be {DAY_TEXT}"


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

Name = Annotated[str, Characters(1, 64, printable=True)]
"""What stands on screens and in events."""
Remark = Annotated[str, Characters(0, 64)]
"""For reports; empty where there is none."""
Version = Annotated[int, Range(1, VERSION_MAX)]
Moment = Annotated[str, Ask(moment_problem, MOMENT_TEXT)]
MomentIfAny = Annotated[str, Ask(moment_if_any_problem, MOMENT_TEXT)]
DayIfAny = Annotated[str, Ask(day_if_any_problem, DAY_TEXT)]
Quantity = Annotated[str, Text(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", 'a decimal in quotes, such as "25" or "3.5"')]
"""An exact decimal."""
Host = Annotated[
    str,
    # Only an IPv6 address holds colons, and then at least two.
    Text(
        r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}|(?=.*:.*:)[0-9A-Fa-f:.]{2,45}",
        "a host name or an IP address, without the port",
    ),
]
