"""The log as text, CSV and a page: nothing breaks out of a cell, and nothing comes from elsewhere."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from station.reports.access import page, table, text, words
from station.reports.access.log import Log, Moment, Stay, Who
from tests.access.scripted import PACIFIC, log
from tests.entry.play import EntryPlayer, enter, entered
from tests.entry.world import NO_INSIDE_READER

ODD = '=cmd|"/c calc"!A1, <script>alert("x")</script>\r\n\u202eevil & söhne'
EVENING = Moment(5, 1_800_064_800_123, 7, "b", "synced", -480)


def renamed(found: Log, name: str) -> Log:
    """The same, where everybody has this name."""

    def called(who: Who) -> Who:
        return replace(who, name=name)

    def stay(each: Stay) -> Stay:
        return replace(each, person=called(each.person), beside=tuple(map(called, each.beside)))

    inside = replace(found.inside, people=tuple(map(stay, found.inside.people)))
    refused = tuple(replace(row, who=tuple(map(called, row.who)), text=name, remark=name) for row in found.refused)
    return replace(found, stays=tuple(map(stay, found.stays)), refused=refused, inside=inside)


class Tags(HTMLParser):
    """Every tag and attribute of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def shift() -> Log:
    return log(
        entered(
            """
        5.0 badge eve outside -> entry.denied | denied
        6.0 badge ana inside  -> entry.exited, entry.lone | noted
            door opens        -> door.opened |
        9.0 door shuts        -> door.closed |
    """,
            PACIFIC,
        )
    )


def test_a_page_holds_every_part_and_nothing_from_elsewhere(shift: Log) -> None:
    made = page.access_page(shift)
    read = Tags(made)
    assert read.tags.isdisjoint({"script", "img", "link", "iframe", "object", "a", "form"})
    assert read.attributes <= {"lang", "charset", "class", "colspan"}
    assert "url(" not in made
    assert "@import" not in made
    told = " ".join(read.words)
    for part in ("Inside now", "Entries", "Refused", "The door, alarms and rules", "Gaps in the record", "UTC -08:00"):
        assert part in told, part
    assert "Badge has expired" in told
    assert "events 0 to 11 of epoch 20261123T140405Z-7f3a" in told


def test_a_name_cannot_break_out_of_the_page_and_shows_what_it_hides(shift: Log) -> None:
    made = page.access_page(renamed(shift, ODD))
    assert Tags(made).tags == Tags(page.access_page(shift)).tags
    assert "<script" not in made
    assert "\u202e" not in made
    assert "\\u202eevil &amp; söhne" in made


def test_an_estimate_and_a_doubt_are_called_so_on_every_form() -> None:
    estimated = log(entered("", NO_INSIDE_READER))
    doubtful = log(entered("9.0 start -> station.started, entry.uncertain | secure quiet"))
    for certain, doubted in (
        (page.access_page(estimated), page.access_page(doubtful)),
        ("\n".join(text.inside_lines(estimated)), "\n".join(text.inside_lines(doubtful))),
    ):
        assert "estimate" in certain.lower()
        assert "uncertain" not in certain.lower()
        assert "uncertain" in doubted.lower()


def test_a_table_reads_back_as_rfc_4180_with_every_formula_defused(shift: Log) -> None:
    written = table.csv_table(renamed(shift, ODD))
    assert written.endswith("\r\n")
    rows = list(csv.DictReader(io.StringIO(written, newline="")))
    assert list(rows[0]) == list(table.COLUMNS)
    assert [row["person"] for row in rows] == ["'" + ODD] * 2
    assert {row["person_id"] for row in rows} == {"ana", "ben"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_would_begin_a_formula_is_defused(start: str) -> None:
    assert table.defused_cell(f"{start}1") == f"'{start}1"
    assert table.defused_cell(f"1{start}") == f"1{start}"


def test_a_row_says_when_where_and_for_how_long(shift: Log) -> None:
    ana, ben = csv.DictReader(io.StringIO(table.csv_table(shift), newline=""))
    assert (ana["entered_local"], ana["entered_utc"]) == ("2027-01-15T00:00:01.000-08:00", "2027-01-15T08:00:01.000Z")
    assert (ana["inside_seconds"], ana["how_left"], ana["with"]) == ("5.000", "badge", "Ben")
    assert (ben["inside_seconds"], ben["left_utc"], ben["how_left"]) == ("", "", "")
    assert (ben["door_open_seconds"], ben["clock"], ben["seq"]) == ("0.000", "synced", "5")


def test_a_log_without_events_says_so() -> None:
    empty = log(EntryPlayer())
    assert "none of that time" in page.access_page(empty)
    assert "the journal is empty" in "\n".join(text.log_lines(empty))
    assert table.csv_table(empty).count("\r\n") == 1


def test_a_station_without_entry_knows_nobody_and_says_so() -> None:
    player = EntryPlayer()
    player.policy = None
    player.play_line(0, "0.0 start -> station.started |")
    assert text.inside_lines(log(player)) == ["this station has no entry: it does not know who is inside"]
    assert "this station has no entry" in page.access_page(log(player))


def test_who_is_inside_now(shift: Log) -> None:
    assert text.inside_lines(shift) == [
        "inside now: 1",
        "  Ben (associate), since 2027-01-15 00:00:01 (08:00:01Z), for 59 min 59 s",
        "as of event 11, 2027-01-15 00:00:09 (08:00:09Z)",
    ]
    stopped = log(enter("9.0 stop -> station.stopped | secure halt"))
    assert text.inside_lines(stopped)[0] == "inside now: nobody"
    assert text.inside_lines(stopped)[-1].endswith("; the station is stopped, and sees nothing since then")


def test_a_long_log_is_one_table_with_its_head_on_each_page(shift: Log) -> None:
    long = replace(shift, stays=shift.stays * 2_000)
    made = page.access_page(long)
    assert len(re.findall("<b>Ana</b>", made)) == 2_000
    assert "table-header-group" in made
    assert made.count("<h2>Entries</h2>") == 1


@pytest.mark.parametrize(
    ("ms", "told"),
    [(None, ""), (0, "0.0 s"), (9_940, "9.9 s"), (59_400, "59 s"), (59_600, "1 min 00 s"), (7_380_000, "2 h 03 min")],
)
def test_a_length_of_time_in_words(ms: int | None, told: str) -> None:
    assert words.duration_text(ms) == told


def test_utc_says_when_its_date_is_another() -> None:
    assert (words.local_time(EVENING), words.utc_time(EVENING)) == ("2027-01-15 18:00:00", "02:00:00Z +1 day")
    assert words.local_iso(EVENING) == "2027-01-15T18:00:00.123-08:00"
    assert words.utc_time(replace(EVENING, minutes=0)) == "02:00:00Z"
    assert words.later_time(EVENING, EVENING) == "18:00:00"
    assert words.later_time(EVENING, replace(EVENING, minutes=600)) == "2027-01-15 18:00:00"
    assert words.day_heading(EVENING) == "Friday 2027-01-15"
    assert words.offset_text(345) == "+05:45"
