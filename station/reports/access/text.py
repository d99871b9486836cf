"""The log as lines for a terminal."""

from collections.abc import Iterable

from station.reports.access import words
from station.reports.access.log import Happening, Log, Stay
from station.reports.access.words import local_and_utc


def inside_lines(log: Log) -> list[str]:
    """Who is inside."""
    inside = log.inside
    if not log.has_entry:
        return ["this station has no entry: it does not know who is inside"]
    lines = [f"inside now: {words.heads_inside(log)}"]
    lines += [
        f"  {_person_text(stay)}, since {local_and_utc(stay.entered)}{_so_far(stay, log.made_ms)}"
        for stay in inside.people
    ]
    lines += [f"  {inside.unnamed} counted without a name"] if inside.unnamed else []
    if inside.uncertain:
        lines.append(f"UNCERTAIN: {words.why_uncertain(inside.uncertain)}; a supervisor's head count settles it")
    return [*lines, *_as_of(log)]


def log_lines(log: Log) -> list[str]:
    """Everything, a part after the other."""
    if log.first is None or log.last is None:
        return ["no events of that time are here", *_as_of(log)]
    return [
        f"access log of {log.source.removeprefix('/custody/')}, times in {log.timezone}",
        f"clock: {words.clock_worth(log)}",
        f"{local_and_utc(log.first)} to {local_and_utc(log.last)}: "
        f"events {log.first.seq} to {log.last.seq} of epoch {log.epoch}",
        *([] if log.has_entry else ["this station has no entry"]),
        *_part_lines("entries", map(_stay_line, log.stays)),
        *_part_lines("refused", map(_row_line, log.refused)),
        *_part_lines("door", map(_row_line, log.door)),
        *_part_lines("gaps in the record", map(_row_line, log.gaps)),
        "",
        *inside_lines(log),
    ]


def _part_lines(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return ["", f"{title}: {len(found) or 'none'}", *(f"  {line}" for line in found)]


def _as_of(log: Log) -> list[str]:
    if log.newest is None:
        return ["the journal is empty"]
    stopped = "; the station is stopped, and sees nothing since then" if log.is_stopped else ""
    return [f"as of event {log.newest.seq}, {local_and_utc(log.newest)}{stopped}"]


def _stay_line(stay: Stay) -> str:
    beside = f" with {', '.join(who.name for who in stay.beside)}" if stay.beside else " alone"
    left = f"to {words.later_time(stay.left, stay.entered)} ({words.inside_for(stay)})" if stay.left else ""
    parts = [
        f"{local_and_utc(stay.entered)} {left}".rstrip(),
        f"{words.people_names((stay.person,))}{beside}",
        words.ENDED.get(stay.ended, stay.ended),
        words.door_times(stay.opening),
        *words.stay_notes(stay),
    ]
    return "; ".join(part for part in parts if part)


def _row_line(row: Happening) -> str:
    lasted = f" ({words.lasted_text(row)})" if words.lasted_text(row) else ""
    parts = [f"{local_and_utc(row.begin)}{lasted}", words.people_names(row.who), row.text, words.row_remarks(row)]
    return "; ".join(part for part in parts if part)


def _person_text(stay: Stay) -> str:
    visitors = f" with {stay.visitors} visitors" if stay.visitors else ""
    return f"{words.people_names((stay.person,))}{visitors}"


def _so_far(stay: Stay, made_ms: int) -> str:
    ms = made_ms - stay.entered.wall_ms
    return f", for {words.duration_text(ms)}" if ms >= 0 and stay.entered.clock != "unsynced" else ""
