"""What was refused, what the door did, and what the record does not know: from scripted events."""

import pytest

from station.domain.entry.events import DoorOpened
from station.reports.access import words
from station.reports.access.page import access_page
from station.reports.access.text import log_lines
from tests.access.scripted import log, told
from tests.entry.play import enter, entered
from tests.entry.world import NO_INSIDE_READER, POLICY


def test_a_forced_opening_says_so_and_who_explained_it() -> None:
    found = log(
        enter("""
        5.0 door opens        -> door.opened by=unknown |
        6.0 time              -> door.forced, entry.uncertain | siren
        9.0 door shuts        -> door.closed |
        20.0 badge sam desk   -> entry.identified | noted
            card explain key  -> door.explained | quiet noted
    """)
    )
    (forced,) = (row for row in found.door if row.reason == "forced" and row.type == "door.opened")
    assert (forced.level, forced.lasted_ms) == ("alarm", 4_000)
    assert forced.text == "FORCED: opened without badge, lever or emergency"
    assert forced.remark == "explained 2027-01-15 08:00:20 by Sam (supervisor): key"
    assert "door.explained key sam" in told(found.door)


def test_only_what_was_forced_before_is_explained() -> None:
    found = log(
        enter("""
        5.0 door opens        -> door.opened by=unknown |
        6.0 time              -> door.forced, entry.uncertain | siren
            door shuts        -> door.closed |
        20.0 badge sam desk   -> entry.identified | noted
            card explain key  -> door.explained | quiet noted
        30.0 door opens       -> door.opened by=unknown |
        31.0 time             -> door.forced | siren
    """)
    )
    assert [bool(row.remark) for row in found.door if row.reason == "forced"] == [True, False, False]


def test_a_lever_that_comes_a_moment_late_makes_no_forced_opening() -> None:
    found = log(
        enter("""
        5.0 door opens -> door.opened by=unknown |
        5.3 rex        -> egress.rex opening=3 |
        7.0 door shuts -> door.closed |
    """)
    )
    assert [(row.reason, row.level, row.lasted_ms) for row in found.door if row.type == "door.opened"] == [
        ("egress", "", 2_000)
    ]


def test_every_refusal_says_why_in_the_words_of_the_screens() -> None:
    found = log(
        enter("""
        1.0 badge nobody outside -> entry.denied reason=unknown | denied
        2.0 badge eve outside    -> entry.denied reason=expired | denied
        3.0 spoilt parity outside -> entry.denied | denied
        4.0 badge ana outside    -> entry.first_badge | badge_needed
        20.0 time                -> entry.denied reason=no_second_badge |
        21.0 badge ana outside   -> entry.first_badge | badge_needed
            badge ben outside    -> entry.granted | release granted
        30.0 time                -> entry.not_used | secure
            card explain key     -> scan.refused reason=no_supervisor | refused
            gun scans A          -> scan.refused | refused
    """)
    )
    rows = [(row.text, [who.name for who in row.who]) for row in found.refused]
    assert rows == [
        ("Badge is not known", []),
        ("Badge has expired", ["Eve"]),
        ("Badge was misread", []),
        ("Second badge missing", ["Ana"]),
        ("Let in, but nobody entered: nobody opened the door in time", ["Ana", "Ben"]),
        ("Needs a supervisor", []),
    ]
    assert found.refused[0].remark.startswith("unknown badge ")
    assert found.refused[0].remark.endswith(", reader outside")


def test_a_reader_that_pauses_says_for_how_long() -> None:
    tries = "1.0 badge nobody outside -> entry.denied | denied\n" * (POLICY.tries_max - 1)
    found = log(enter(tries + "1.0 badge nobody outside -> entry.denied, entry.throttled | denied"))
    assert found.refused[-1].text == "5 wrong tries: the reader takes no badge for 5 min"


def test_a_lockdown_lasts_until_it_is_cleared_and_names_both() -> None:
    begun = """
        5.0 lockdown on       -> command.accepted, lockdown.set |
        6.0 badge ana outside -> entry.denied reason=lockdown | denied
    """
    (still,) = (row for row in log(enter(begun)).door if row.type == "lockdown.set")
    assert (still.lasts, words.lasted_text(still)) == (True, "lasts still")
    over = log(enter(begun + "65.0 lockdown off -> command.accepted, lockdown.cleared |"))
    (row,) = (row for row in over.door if row.type == "lockdown.set")
    assert (row.text, row.remark, words.lasted_text(row)) == (
        "LOCKDOWN set by office: test",
        "cleared by office",
        "1 min 00 s",
    )
    assert over.refused[0].text == "Lockdown: no entry"


def test_held_tampered_and_fire_are_alarms_with_their_length() -> None:
    found = log(
        enter(
            """
        5.0 rex            -> egress.rex |
            door opens     -> door.opened |
        35.0 time          -> door.held level=warn |
        65.0 time          -> door.held level=alarm | siren
        66.0 badge sam desk -> entry.held_open minutes=10 | quiet noted
        70.0 door shuts    -> door.closed |
        71.0 tamper opens  -> door.tampered | siren
        72.0 tamper closes -> door.tampered | quiet
        80.0 fire on       -> egress.rex reason=emergency |
            door opens     -> door.opened by=emergency |
            door shuts     -> door.closed |
        83.0 fire off      -> egress.rex reason=emergency_over |
    """,
            NO_INSIDE_READER,
        )
    )
    rows = [(row.reason, row.level, row.lasted_ms) for row in found.door if row.type != "roster.loaded"]
    assert rows == [
        ("egress", "", 65_000),
        ("warn", "note", None),
        ("alarm", "alarm", None),
        ("held_open", "note", None),
        ("tampered", "alarm", 1_000),
        ("emergency", "alarm", 3_000),
        ("emergency", "note", 0),
    ]


def test_a_clock_that_is_not_set_is_told_with_each_row() -> None:
    found = log(
        enter("""
        1.0 clock 0 unsynced     -> clock.stepped |
        2.0 badge nobody outside -> entry.denied | denied
        3.0 clock 7000 synced    -> clock.stepped by_ms=7000 |
    """)
    )
    assert found.refused[0].begin.clock == "unsynced"
    texts = [row.text for row in found.gaps if row.type == "clock.stepped"]
    assert texts == [
        "The clock was now not set: times prove nothing",
        "The clock was set forward by 7.0 s, now synchronised",
    ]


def test_a_lost_door_and_a_failed_disk_are_gaps() -> None:
    found = log(
        enter("""
        1.0 door lost      -> source.lost | secure
        9.0 door found     -> source.found |
            door shuts     -> door.closed |
        10.0 storage disk_full 4000 -> storage.failed |
        11.0 outside lost  -> source.lost |
    """)
    )
    rows = [(row.text, row.lasted_ms, row.lasts) for row in found.gaps if row.level == "alarm"]
    assert rows == [
        ("The door did not answer (no such device)", 8_000, False),
        ("Nothing could be stored (disk full); what was kept in mind meanwhile follows", 4_000, False),
        ("outside did not answer (no such device)", None, True),
    ]


def test_a_door_that_is_not_seen_after_a_start_is_a_gap_and_a_moment_of_it_is_none() -> None:
    quick = log(enter("5.0 start -> station.started | secure quiet\n 6.0 door shuts -> door.closed |"))
    slow = log(enter("5.0 start -> station.started | secure quiet\n 60.0 door shuts -> door.closed |"))
    assert [row.lasted_ms for row in quick.gaps if row.reason == "door_unknown"] == []
    assert [row.lasted_ms for row in slow.gaps if row.reason == "door_unknown"] == [55_000]


def test_somebody_revoked_inside_and_one_who_leaves_unseen_in_are_told() -> None:
    found = log(
        entered("""
        5.0 roster 2 without ana -> roster.loaded, entry.revoked | reply
        6.0 badge cleo inside    -> entry.exited, entry.uncertain | noted
    """)
    )
    assert [row.text for row in found.door[1:4]] == [
        "Roster 2 loaded by uid 0: 7 people",
        "Inside, and no longer in the roster",
        "Exit badge of somebody not presumed inside",
    ]


@pytest.mark.parametrize("by", ["grant", "egress", "exit_badge", "emergency", "found", "unjudged", "unknown"])
def test_every_way_of_opening_has_words(by: str) -> None:
    assert by in (DoorOpened.__doc__ or "")
    assert words.OPENED[by]


def test_what_this_release_has_no_words_for_is_said_as_it_is() -> None:
    assert words.why_denied("wrong_moon") == "wrong moon"
    assert words.why_uncertain("wrong_moon") == "wrong moon"


@pytest.mark.parametrize(
    ("begin", "told"),
    [
        ("", "synchronised throughout"),
        ("1.0 clock 0 rtc -> clock.stepped |", "not always synchronised"),
    ],
)
def test_what_the_times_are_worth_is_told_at_the_head(begin: str, told: str) -> None:
    found = log(
        enter(f"""
        {begin}
        2.0 badge nobody outside -> entry.denied | denied
    """)
    )
    assert words.clock_worth(found).startswith(told)
    assert told in access_page(found)
    assert told in "\n".join(log_lines(found))
