"""The log's entries as CSV (RFC 4180): one row for each time somebody came in. `COLUMNS` says what each one holds."""

import csv
import io

from station.reports.access import words
from station.reports.access.log import Log, Moment, Stay, lasted_ms

COLUMNS = {
    "seq": "the event by which they came in",
    "person_id": "the id in the roster",
    "person": "the name in the roster that was in force",
    "role": "the role in which they came in",
    "with": "who came in with them or was inside, by name",
    "entered_local": "when, in the station's time, with its offset from UTC",
    "entered_utc": "the same in UTC",
    "left_local": "when they left; empty while inside",
    "left_utc": "the same in UTC",
    "inside_seconds": "how long they were inside; empty while inside, and where it is not known",
    "how_left": "badge, estimate, count, unnamed, again or record; empty while inside",
    "uncertain": "why it was uncertain meanwhile who is inside; empty where it was not",
    "visitors": "how many visitors came in with them as their escort",
    "door_opened_utc": "when the door opened for it",
    "door_closed_utc": "when it was shut again",
    "door_open_seconds": "for how long it was open; empty where not known",
    "clock": "the clock's quality then: synced, rtc, unsynced",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_table(log: Log) -> str:
    """The rows under their header, each line ended by CR LF."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([defused_cell(cell) for cell in _stay_cells(stay)] for stay in log.stays)
    return written.getvalue()


def defused_cell(cell: str) -> str:
    """The text, so that no spreadsheet takes it for a formula: an apostrophe stands before what would begin one."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _stay_cells(stay: Stay) -> list[str]:
    opening = stay.opening
    return [
        str(stay.entered.seq),
        stay.person.id,
        stay.person.name,
        stay.person.role,
        "; ".join(who.name for who in stay.beside),
        words.local_iso(stay.entered),
        words.utc_iso(stay.entered),
        words.local_iso(stay.left) if stay.left else "",
        words.utc_iso(stay.left) if stay.left else "",
        _seconds_text(lasted_ms(stay.entered, stay.left)) if stay.left and stay.ended != "unnamed" else "",
        stay.ended,
        words.why_uncertain(stay.doubt) if stay.doubt else "",
        str(stay.visitors),
        _utc_or_empty(opening.opened if opening else None),
        _utc_or_empty(opening.closed if opening else None),
        _seconds_text(opening.open_ms) if opening and opening.open_ms is not None else "",
        stay.entered.clock,
    ]


def _utc_or_empty(moment: Moment | None) -> str:
    return words.utc_iso(moment) if moment else ""


def _seconds_text(ms: int) -> str:
    return f"{ms / 1000:.3f}"
