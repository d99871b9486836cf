"""The log as one page of HTML to read and to print: no script, nothing from elsewhere."""

from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TypeVar

from station.evidence.markup import as_html, html_page
from station.reports.access import words
from station.reports.access.log import Happening, Log, Moment, Stay
from station.reports.access.page_style import BODY, STYLE

Row = TypeVar("Row", Stay, Happening)
ENTRIES = ("In", "Who", "Out", "Inside for", "Door", "Remarks", "Event")
REFUSED = ("When", "What", "Who", "Remarks", "Event")
DOOR = ("When", "What", "Who", "For", "Remarks", "Event")
GAPS = ("When", "What", "For", "Remarks", "Event")


def access_page(log: Log) -> str:
    """The whole page, as text."""
    body = BODY.format(
        summary="".join(_tile_html(number, name, level) for number, name, level in _summary_tiles(log)),
        inside=_inside_html(log),
        entries=_table_html("entries", ENTRIES, log.stays, lambda stay: stay.entered, _stay_row),
        refused=_table_html("refused", REFUSED, log.refused, lambda row: row.begin, _refusal_row),
        door=_table_html("door", DOOR, log.door, lambda row: row.begin, _happening_row),
        gaps=_table_html("gaps", GAPS, log.gaps, lambda row: row.begin, _gap_row),
    )
    return html_page("Access log", log.source.removeprefix("/custody/"), _facts_of(log), STYLE, body)


def _facts_of(log: Log) -> list[tuple[str, str]]:
    if log.first is None or log.last is None:
        return [("Events", f"none of that time are here (epoch {log.epoch})")]
    names = sorted({words.offset_text(each.minutes) for each in (log.first, log.last)})
    is_local = log.first.minutes or log.last.minutes
    sealed = f"the newest checkpoint covers events 0 to {log.checkpoint - 1}, root {log.root}"
    return [
        ("Span", f"{words.local_and_utc(log.first)} to {words.local_and_utc(log.last)}"),
        ("Times", f"of {log.timezone} (UTC {' and '.join(names)}){', UTC beside them in grey' if is_local else ''}"),
        ("Clock", words.clock_worth(log)),
        ("Made of", f"events {log.first.seq} to {log.last.seq} of epoch {log.epoch}, each held to its hash"),
        ("Signed", sealed if log.checkpoint else "no checkpoint yet: nothing of this is signed"),
        ("Occupancy", _occupancy_basis(log)),
        ("Made", f"{words.utc_stamp(log.made_ms)}; {_newest_event(log)}"),
    ]


def _newest_event(log: Log) -> str:
    return f"the journal's newest event was {log.newest.seq}" if log.newest else "the journal is empty"


def _occupancy_basis(log: Log) -> str:
    if not log.has_entry:
        return "this station has no entry: it does not know who is inside"
    if log.inside.estimate:
        return "an ESTIMATE: no reader inside tells who leaves"
    return "presumed from badges shown outside and inside; who really walked in, no reader sees"


def _summary_tiles(log: Log) -> list[tuple[int, str, str]]:
    forced = [row for row in log.door if row.reason == "forced" and row.type == "door.opened"]
    explained = sum(bool(row.remark) for row in forced)
    others = sum(row.level == "alarm" for row in log.door) - len(forced)
    return [
        (len(log.stays), "entries", ""),
        (len({stay.person.id for stay in log.stays}), "people", ""),
        (sum(stay.visitors for stay in log.stays), "visitors", ""),
        (len(log.refused), "refused", ""),
        (len(forced), f"forced, {explained} explained" if forced else "forced", "alarm" if forced else ""),
        (others, "other alarms", "alarm" if others else ""),
        (sum(row.level == "alarm" for row in log.gaps), "breaks in the record", ""),
    ]


def _tile_html(number: int, name: str, level: str) -> str:
    return f'<li class="{level}"><b>{number}</b> {name}</li>'


def _inside_html(log: Log) -> str:
    inside = log.inside
    rows = [
        f"<li><b>{as_html(words.people_names((stay.person,)))}</b> since {words.local_and_utc(stay.entered)}"
        + (f", escort of {stay.visitors}" if stay.visitors else "")
        + "</li>"
        for stay in inside.people
    ]
    rows += [f"<li>{inside.unnamed} counted without a name</li>"] if inside.unnamed else []
    doubt = ""
    if inside.uncertain:
        why = as_html(words.why_uncertain(inside.uncertain))
        doubt = f'<p class="alarm">Uncertain: {why}. A head count settles it.</p>'
    as_of = f"As of event {log.newest.seq}, {words.local_and_utc(log.newest)}" if log.newest else "The journal is empty"
    stopped = "; the station is stopped and has seen nothing since" if log.is_stopped else ""
    known = as_html(words.heads_inside(log)) if log.has_entry else "not known: this station has no entry"
    return f"<p><b>{known}</b></p>{doubt}<ul>{''.join(rows)}</ul><p class='utc'>{as_of}{stopped}.</p>"


def _table_html(
    name: str, heads: tuple[str, ...], rows: Iterable[Row], begin: Callable[[Row], Moment], cells: Callable[[Row], str]
) -> str:
    """A table with a line for each day; a sentence where there is nothing."""
    days = groupby(rows, key=lambda row: words.day_heading(begin(row)))
    body = "".join(
        f'<tr class="day"><th colspan="{len(heads)}">{day}</th></tr>\n{"".join(map(cells, of_day))}'
        for day, of_day in days
    )
    if not body:
        return "<p>None.</p>"
    head = "".join(f"<th>{text}</th>" for text in heads)
    return f'<table class="rows {name}">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>'


def _stay_row(stay: Stay) -> str:
    beside = as_html(", ".join(who.name for who in stay.beside))
    who = f"<b>{as_html(stay.person.name)}</b> ({as_html(stay.person.role)})"
    left = _time_html(stay.left, stay.entered) if stay.left else "inside"
    how = "" if stay.ended in ("", "badge") else _small_html(words.ENDED.get(stay.ended, stay.ended))
    return _row_html(
        "",
        _time_html(stay.entered, stay.entered),
        f"{who}<br>{f'with {beside}' if beside else 'alone'}",
        f"{left}<br>{how}" if how else left,
        as_html(words.inside_for(stay)),
        as_html(words.door_times(stay.opening).removeprefix("door ")),
        as_html("; ".join(words.stay_notes(stay))),
        str(stay.entered.seq),
    )


def _refusal_row(row: Happening) -> str:
    return _row_html(row.level, *_common_cells(row), as_html(words.row_remarks(row)), str(row.begin.seq))


def _happening_row(row: Happening) -> str:
    return _row_html(
        row.level,
        *_common_cells(row),
        as_html(words.lasted_text(row)),
        as_html(words.row_remarks(row)),
        str(row.begin.seq),
    )


def _gap_row(row: Happening) -> str:
    when, what, _ = _common_cells(row)
    return _row_html(
        row.level, when, what, as_html(words.lasted_text(row)), as_html(words.row_remarks(row)), str(row.begin.seq)
    )


def _common_cells(row: Happening) -> tuple[str, str, str]:
    return _time_html(row.begin, row.begin), as_html(row.text), as_html(words.people_names(row.who))


def _row_html(level: str, *cells: str) -> str:
    kind = f' class="{level}"' if level else ""
    return f"<tr{kind}>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _time_html(moment: Moment, first: Moment) -> str:
    local = words.later_time(moment, first)
    return f"{local} {_small_html(words.utc_time(moment))}" if moment.minutes else local


def _small_html(text: str) -> str:
    return f'<span class="utc">{as_html(text)}</span>'
