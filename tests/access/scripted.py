"""Logs of scripted events: a station decides (`tests/entry/play.py`), the folding is what is tested."""

from msgspec.structs import replace

from station.domain.core.decider import Recorded
from station.reports.access.fold import Origin, log_of
from station.reports.access.log import Happening, Log, Stay
from station.reports.access.span import Span
from tests.domain.stamping import EPOCH, SOURCE
from tests.entry.play import BOOT_MS, EntryPlayer
from tests.entry.world import BEGIN_MS, POLICY

PACIFIC = replace(POLICY, timezone="America/Los_Angeles", offsets=((0, -480),))
MADE_MS = BEGIN_MS + BOOT_MS
ALL = Span()


def log(player: EntryPlayer, span: Span = ALL, more: tuple[Recorded, ...] = ()) -> Log:
    """What the player's events come to, and more after them."""
    return log_of_recorded([*player.stamping.recorded, *more], span)


def log_of_recorded(recorded: list[Recorded], span: Span = ALL) -> Log:
    return log_of(recorded, Origin(SOURCE, EPOCH, 3, "0a" * 32), span, MADE_MS)


def told(rows: tuple[Happening, ...]) -> list[str]:
    """Type, reason and people of each row."""
    return [" ".join([row.type, row.reason, *(who.id for who in row.who)]) for row in rows]


def stay_of(found: Log, id: str) -> Stay:
    """The only stay of that person."""
    (stay,) = (stay for stay in found.stays if stay.person.id == id)
    return stay


def ids(stay: Stay) -> tuple[str, ...]:
    return tuple(who.id for who in stay.beside)
