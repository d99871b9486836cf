"""The log as lines for a terminal."""

from collections.abc import Iterable

from station.reports.access import words
from station.reports.access.log import Happening, Log, Stay
from station.reports.access.words import both


def now(log: Log) -> list[str]:
    """Who is inside."""
    inside = log.inside
    if not log.has_entry:
        return ["this station has no entry: it does not know who is inside"]
    lines = [f"inside now: {words.heads(log)}"]
    lines += [f"  {_person(stay)}, since {both(stay.entered)}{_so_far(stay, log.made_ms)}" for stay in inside.people]
    lines += [f"  {inside.unnamed} counted without a name"] if inside.unnamed else []
    if inside.uncertain:
        lines.append(f"UNCERTAIN: {words.doubt(inside.uncertain)}; a supervisor's head count settles it")
    return [*lines, *_as_of(log)]


def whole(log: Log) -> list[str]:
    """Everything, a part after the other."""
    if log.first is None or log.last is None:
        return ["no events of that time are here", *_as_of(log)]
    return [
        f"access log of {log.source.removeprefix('/custody/')}, times in {log.timezone}",
        f"clock: {words.clock(log)}",
        f"{both(log.first)} to {both(log.last)}: events {log.first.seq} to {log.last.seq} of epoch {log.epoch}",
        *([] if log.has_entry else ["this station has no entry"]),
        *_part("entries", map(_stay, log.stays)),
        *_part("refused", map(_row, log.refused)),
        *_part("door", map(_row, log.door)),
        *_part("gaps in the record", map(_row, log.gaps)),
        "",
        *now(log),
    ]


def _part(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return ["", f"{title}: {len(found) or 'none'}", *(f"  {line}" for line in found)]


def _as_of(log: Log) -> list[str]:
    if log.newest is None:
        return ["the journal is empty"]
    stopped = "; the station is stopped, and sees nothing since then" if log.is_stopped else ""
    return [f"as of event {log.newest.seq}, {both(log.newest)}{stopped}"]


def _stay(stay: Stay) -> str:
    beside = f" with {', '.join(who.name for who in stay.beside)}" if stay.beside else " alone"
    left = f"to {words.later(stay.left, stay.entered)} ({words.inside_for(stay)})" if stay.left else ""
    parts = [
        f"{both(stay.entered)} {left}".rstrip(),
        f"{words.people((stay.person,))}{beside}",
        words.ENDED.get(stay.ended, stay.ended),
        words.opening(stay.opening),
        *words.notes(stay),
    ]
    return "; ".join(part for part in parts if part)


def _row(row: Happening) -> str:
    lasted = f" ({words.lasted(row)})" if words.lasted(row) else ""
    parts = [f"{both(row.begin)}{lasted}", words.people(row.who), row.text, words.remarks(row)]
    return "; ".join(part for part in parts if part)


def _person(stay: Stay) -> str:
    visitors = f" with {stay.visitors} visitors" if stay.visitors else ""
    return f"{words.people((stay.person,))}{visitors}"


def _so_far(stay: Stay, made_ms: int) -> str:
    ms = made_ms - stay.entered.wall_ms
    return f", for {words.duration(ms)}" if ms >= 0 and stay.entered.clock != "unsynced" else ""
