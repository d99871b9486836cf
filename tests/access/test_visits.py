"""Who was in, with whom, how long: from scripted events."""

import pytest

from station.domain.core.decider import Recorded
from station.domain.lifecycle.events import EpochBegan
from station.reports.access import table, text
from station.reports.access.span import Span
from tests.access.scripted import PACIFIC, ids, log, stay_of, told
from tests.entry.play import EntryPlayer, enter, entered
from tests.entry.world import NO_INSIDE_READER


def test_a_good_entry_of_two_says_who_with_whom_when_and_how_the_door_moved() -> None:
    player = entered("""
        61.0 badge ana inside -> entry.exited, entry.lone | noted
            badge ben inside  -> entry.exited | noted
            door opens        -> door.opened by=exit_badge |
        63.5 door shuts       -> door.closed, entry.empty |
    """)
    found = log(player)
    ana, ben = found.stays
    assert (ana.person.id, ana.person.name, ana.person.role) == ("ana", "Ana", "associate")
    assert (ids(ana), ids(ben)) == (("ben",), ("ana",))
    assert ana.left is not None
    assert (ana.left.at - ana.entered.at, ana.ended, ana.doubt) == (60_000, "badge", "")
    assert ana.opening
    assert ana.opening == ben.opening
    assert ana.opening.closed
    assert (ana.opening.open_ms, ana.opening.closed.at) == (0, 1_000)
    assert found.inside.heads == 0
    (leaving,) = (row for row in found.door if row.reason == "exit_badge")
    assert leaving.lasted_ms == 2_500


def test_a_third_who_joins_is_beside_those_inside_but_not_the_other_way_round() -> None:
    found = log(
        entered("""
        5.0 badge cleo outside -> entry.joined | release granted
            door opens         -> door.opened | secure
        7.0 door shuts         -> door.closed |
    """)
    )
    assert ids(stay_of(found, "cleo")) == ("ana", "ben")
    assert ids(stay_of(found, "ana")) == ("ben",)
    cleo = stay_of(found, "cleo").opening
    assert (cleo and cleo.open_ms, found.inside.heads) == (2_000, 3)


def test_one_who_joins_while_the_door_stands_open_came_by_that_opening() -> None:
    found = log(
        enter("""
        1.0 badge ana outside  -> entry.first_badge | badge_needed
            badge ben outside  -> entry.granted | release granted
            door opens         -> door.opened | secure
        3.0 badge cleo outside -> entry.joined is_open=True | granted
        4.0 door shuts         -> door.closed |
    """)
    )
    cleo, ana = stay_of(found, "cleo"), stay_of(found, "ana")
    assert cleo.opening == ana.opening
    assert (cleo.opening and cleo.opening.open_ms, cleo.entered.at) == (3_000, 3_000)


def test_one_left_alone_is_told_of_until_they_are_alone_no_more() -> None:
    found = log(
        entered(
            """
        5.0 badge ana inside  -> entry.exited, entry.lone actors=ben | noted
            door opens        -> door.opened by=exit_badge |
            door shuts        -> door.closed |
        65.0 time             -> entry.lone_alarm | siren
        70.0 badge ben inside -> entry.exited | quiet noted
            door opens        -> door.opened |
            door shuts        -> door.closed, entry.empty |
    """.replace("noted quiet", "quiet noted")
        )
    )
    (alone,) = (row for row in found.door if row.reason == "lone")
    assert (alone.level, alone.lasted_ms, [who.id for who in alone.who]) == ("alarm", 65_000, ["ben"])


def test_the_lever_without_a_badge_leaves_them_inside_and_uncertain_until_a_head_count() -> None:
    lever = """
        5.0 rex        -> egress.rex |
            door opens -> door.opened by=egress |
            door shuts -> door.closed |
        15.0 time      -> entry.uncertain reason=exit_without_badge |
    """
    found = log(entered(lever))
    assert found.inside.uncertain == "exit_without_badge"
    assert [stay.doubt for stay in found.inside.people] == ["exit_without_badge"] * 2
    counted = log(
        entered(
            lever
            + """
        20.0 badge sam desk   -> entry.identified | noted
            card head-count 0 -> entry.head_counted, entry.empty | noted
    """
        )
    )
    assert [stay.ended for stay in counted.stays] == ["count", "count"]
    assert (counted.inside.heads, counted.inside.uncertain) == (0, "")
    assert "entry.head_counted head_count sam" in told(counted.door)
    (doubt,) = (row for row in counted.door if row.type == "entry.uncertain")
    assert doubt.lasted_ms == 5_000


@pytest.mark.parametrize(("people", "ended"), [(0, "count"), (1, "unnamed"), (3, "unnamed"), (2, "")])
def test_a_head_count_says_of_nobody_by_name_whether_they_were_among_those_counted(people: int, ended: str) -> None:
    player = entered("5.0 badge sam desk -> entry.identified | noted")
    events = "entry.head_counted" + {0: ", entry.empty", 1: ", entry.lone"}.get(people, "")
    player.play_line(1, f"6.0 card head-count {people} -> {events} | noted")
    found = log(player)
    assert [stay.ended for stay in found.stays] == [ended, ended]
    assert found.inside.heads == people
    read = "\n".join(text.log_lines(found))
    assert ("not there at a head count" in read) == (people == 0)
    assert ("whether they were still inside is not known" in read) == (ended == "unnamed")
    assert ("at most" in read) == (people == 0)
    rows = [line.split(",") for line in table.csv_table(found).splitlines()]
    assert bool(rows[1][rows[0].index("inside_seconds")]) == (people == 0)


def test_without_an_inside_reader_every_end_and_count_is_an_estimate() -> None:
    found = log(
        entered(
            """
        5.0 rex        -> egress.rex |
            door opens -> door.opened by=egress |
        6.0 door shuts -> door.closed, entry.empty estimate=True |
        7.0 badge ana outside -> entry.first_badge | badge_needed
            badge ben outside -> entry.granted | release granted
            door opens        -> door.opened | secure
    """,
            NO_INSIDE_READER,
        )
    )
    assert [stay.ended for stay in found.stays] == ["estimate", "estimate", "", ""]
    assert (found.inside.estimate, found.inside.heads) == (True, 2)


def test_whoever_comes_in_again_unseen_out_has_two_stays() -> None:
    found = log(
        entered(
            """
        5.0 badge ana outside -> entry.first_badge | badge_needed
            badge cleo outside -> entry.joined | release granted
            door opens        -> door.opened | secure
    """,
            NO_INSIDE_READER,
        )
    )
    assert [(stay.person.id, stay.ended) for stay in found.stays] == [
        ("ana", "again"),
        ("ben", ""),
        ("ana", ""),
        ("cleo", ""),
    ]


def test_visitors_stand_with_their_escort_and_leave_with_them() -> None:
    found = log(
        entered("""
        5.0 badge cleo outside -> entry.joined | release granted
            card visitor       -> entry.visitor | noted
            card visitor       -> entry.visitor | noted
            door opens         -> door.opened visitors=2 | secure
            door shuts         -> door.closed |
    """)
    )
    assert (stay_of(found, "cleo").visitors, stay_of(found, "ana").visitors) == (2, 0)
    assert found.inside.heads == 5
    assert told(found.door).count("entry.visitor visitor cleo") == 2


def test_a_power_cut_while_inside_leaves_uncertain_stays_and_a_gap() -> None:
    found = log(entered("500.0 start -> station.started, entry.uncertain reason=restart | secure quiet"))
    assert [(stay.left, stay.doubt) for stay in found.stays] == [(None, "restart")] * 2
    (cut,) = (row for row in found.gaps if row.reason == "power_cut")
    assert (cut.begin.seq, cut.end and cut.end.seq, cut.level) == (6, 7, "alarm")
    assert cut.lasted_ms == 3_600_000 + 499_000


def test_a_stop_in_order_is_a_gap_of_its_own_length_and_no_power_cut() -> None:
    player = enter("""
        10.0 stop -> station.stopped | secure halt
        20.0 start -> station.started | secure quiet
        21.0 door shuts -> door.closed |
    """)
    assert told(log(player).gaps) == [
        "station.started synced",
        "station.stopped sigterm",
    ]


def test_an_epoch_change_ends_every_stay_unknown() -> None:
    old = entered("")
    new = EntryPlayer()
    new.play_line(0, "0.0 start epoch_reason=corrupt previous_epoch=E-1 -> epoch.began, station.started | secure quiet")
    found = log(old, more=tuple(new.stamping.recorded))
    assert [stay.ended for stay in found.stays] == ["record", "record"]
    assert found.inside.people == ()
    (began,) = (row for row in found.gaps if row.type == "epoch.began")
    assert (began.level, "E-1" in began.text) == ("alarm", True)
    assert "power_cut" not in {row.reason for row in found.gaps}


def test_the_first_epoch_is_no_break() -> None:
    began = Recorded(0, 0, 0, "boot-1", "synced", EpochBegan("first start"))
    found = log(EntryPlayer(), more=(began,))
    assert [(row.level, row.text) for row in found.gaps] == [("", "The record begins here")]


def test_a_journal_without_entry_gives_an_empty_and_honest_log() -> None:
    player = EntryPlayer()
    player.policy = None
    assert log(player).first is None
    player.play_line(0, "0.0 start -> station.started |")
    found = log(player)
    assert (found.stays, found.refused, found.door, found.has_entry) == ((), (), (), False)


def test_local_time_is_that_of_the_policy_in_force() -> None:
    found = log(enter("1.0 badge nobody outside -> entry.denied | denied", PACIFIC))
    assert (found.timezone, found.refused[0].begin.minutes) == ("America/Los_Angeles", -480)


@pytest.mark.parametrize(
    ("span", "ids_found"),
    [
        (Span(), ["ana", "ben", "cleo", "sam"]),
        (Span("11", ""), ["ana", "cleo", "sam"]),
        (Span("", "7"), ["ana", "ben"]),
        (Span("2027-01-15", "2027-01-15"), ["ana", "ben"]),
        (Span("2027-01-16", ""), ["ana", "cleo", "sam"]),
        (Span("2027-01-17", ""), []),
        (Span("2027-01-16T08:00Z", ""), ["ana", "cleo", "sam"]),
        (Span("2027-01-16T00:00", "2027-01-15T00:00"), []),
    ],
)
def test_a_span_holds_whoever_was_inside_in_it(span: Span, ids_found: list[str]) -> None:
    """Local days: it began at midnight of the 15th in Los Angeles."""
    player = entered(
        """
        5.0 badge ben inside -> entry.exited, entry.lone | noted
            door opens       -> door.opened |
            door shuts       -> door.closed |
        65.0 time            -> entry.lone_alarm | siren
        86400.0 time         -> roster.stale |
        86402.0 badge cleo outside -> entry.first_badge | badge_needed
            badge sam outside -> entry.joined | release granted
            door opens       -> door.opened | secure quiet
    """,
        PACIFIC,
    )
    assert [stay.person.id for stay in log(player, span).stays] == ids_found


def test_the_first_event_of_a_journal_has_the_time_of_the_start_after_it() -> None:
    player = EntryPlayer(PACIFIC)
    player.play_line(0, "0.0 start epoch_reason=anew -> epoch.began, station.started | secure quiet")
    found = log(player)
    assert [row.begin.minutes for row in found.gaps][:1] == [-480]
