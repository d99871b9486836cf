"""Which commands are carried out and which are refused, as scenarios over the decider alone."""

import msgspec
import pytest

from station.domain.commands import checking as commands
from station.domain.commands.bodies import BodyFaults
from station.domain.commands.events import CommandRefused, LockdownSet
from station.domain.commands.inputs import CommandReceived
from station.domain.commands.state import Commanded, Counters
from station.domain.commands.verbs import Reason, Verb
from station.domain.core.effects import RemoteReply
from station.domain.session.events import ScanRefused
from station.domain.station.bodies import SERVED, read_body
from station.domain.station.decide import decide
from station.domain.station.state import INITIAL, Station
from tests.domain.play import BEGIN, Player, play
from tests.remote.office import HERE, KEY, REPLY, OfficePlayer, command, note, roster_bytes

UNSYNCED = "0.0 start quality=unsynced -> station.started"


def scene(text: str, begin: str = BEGIN) -> Player:
    return play(text, begin, OfficePlayer())


def test_a_command_is_carried_out_once() -> None:
    player = scene("""
        1.0 office sends ping counter=5 -> command.accepted verb=ping counter=5 series=own caller=office | ok
            office sends ping counter=5 -> command.refused verb=ping reason=replayed | replayed
            office sends ping counter=4 -> command.refused reason=replayed | replayed
            office sends ping counter=6 -> command.accepted counter=6 | ok
    """)
    assert player.station.commands.counters == Counters(6, 0)


def test_all_stations_have_a_counter_series_of_their_own() -> None:
    player = scene("""
        1.0 office sends ping counter=9 all=1 -> command.accepted counter=9 series=all | ok
            office sends ping counter=2       -> command.accepted counter=2 series=own | ok
            office sends ping counter=9 all=1 -> command.refused reason=replayed | replayed
            office sends ping counter=3       -> command.accepted series=own | ok
    """)
    assert player.station.commands.counters == Counters(3, 9)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("ping site=other-site", "other_station"),
        ("ping station=vault-2", "other_station"),
        ("ping station=all", "other_station"),
        ("ping all=1 station=vault-1", "other_station"),
        ("ping all=1 epoch=20261123T140405Z-7f3a", "other_epoch"),
        ("ping epoch=", "other_epoch"),
        ("ping epoch=20261123T140405Z-7f3b", "other_epoch"),
        ("ping topic=lockdown", "wrong_topic"),
        ("ping later_s=0", "expired"),
        ("ping later_s=-9999999", "expired"),
        ("ping all=1 later_s=86401", "bad_body"),
        ("open", "unknown_verb"),
        ("unlock", "unknown_verb"),
        ("message", "bad_body"),
        ("plan P-1/0/A", "bad_body"),
        ("roster 0", "bad_body"),
    ],
)
def test_what_is_not_for_here_and_now_is_refused_and_uses_no_counter(words: str, reason: str) -> None:
    player = scene(f"""
        1.0 office sends {words} counter=7 -> command.refused reason={reason} | {reason}
            office sends ping counter=7 -> command.accepted counter=7 | ok
    """)
    assert player.station.commands.lockdown is None


@pytest.mark.parametrize("verb", sorted(set(Verb) - SERVED))
def test_a_verb_that_no_capability_serves_is_refused_as_such(verb: str) -> None:
    scene(f"1.0 office sends {verb} -> command.refused verb={verb} reason=not_served | not_served")


def test_a_command_that_lasts_a_day_may_go_to_all() -> None:
    scene("1.0 office sends ping all=1 later_s=86400 -> command.accepted | ok")


def test_without_a_clock_only_a_fresh_challenge_proves_that_a_command_is_of_now() -> None:
    scene(
        """
        1.0 office sends ping counter=1         -> command.refused reason=clock_unsynced | clock_unsynced
            office sends ping counter=1 fresh=1 -> command.accepted | ok
            office sends ping counter=2 fresh=1 later_s=0 -> command.refused reason=expired | expired
            clock 0 synced -> clock.stepped
            office sends ping counter=2 -> command.accepted | ok
    """,
        UNSYNCED,
    )


def test_the_counters_outlive_a_power_cut() -> None:
    scene("""
        1.0 office sends ping counter=5 -> command.accepted | ok
        0.0 start -> station.started
        1.0 office sends ping counter=5 -> command.refused reason=replayed | replayed
    """)


def test_one_who_wants_no_reply_gets_none() -> None:
    scene("""
        1.0 office sends ping reply=0 -> command.accepted caller= |
            office sends ping reply=0 -> command.refused reason=replayed |
    """)


# -- what the verbs do --


def test_a_plan_comes_as_one_that_is_imported() -> None:
    player = scene("""
        1.0 office sends plan P-1/2/AB counter=1 -> command.accepted verb=plan, plan.loaded version=2 packages=2 | ok
            office sends plan P-1/2/AB counter=2 -> command.refused reason=bad_body | bad_body
            plan P-1 2 AB                        -> nothing | error
            plan P-1 3 AB                        -> plan.loaded version=3 | reply
        2.0 gun card start-count                 -> count.opened plan=P-1 | noted
    """)
    assert player.station.count.loaded is not None


def test_a_roster_replaces_the_one_before() -> None:
    player = scene("""
        1.0 office sends roster 3 counter=1 -> command.accepted, roster.loaded version=3 people=1 | ok
            office sends roster 3 counter=2 -> command.refused reason=bad_body | bad_body
            office sends roster 4 counter=2 -> command.accepted, roster.loaded version=4 | ok
    """)
    roster = player.station.people.roster
    assert roster is not None
    assert roster.by_badge["0a" * 32].id == "ana"


def test_lockdown_is_set_shown_and_cleared_and_outlives_a_power_cut() -> None:
    player = scene("""
        1.0 office sends lockdown set counter=1   -> command.accepted, lockdown.set reason=alarm | ok
        0.0 start                                 -> station.started
    """)
    set_at_first = player.station.commands.lockdown
    player.play_line(1, "1.0 office sends lockdown clear counter=2 -> command.accepted, lockdown.cleared | ok")
    player.play_line(2, "1.0 office sends lockdown clear counter=3 -> command.accepted | ok")
    assert (set_at_first, player.station.commands.lockdown) == (LockdownSet(KEY.name, "alarm"), None)


def test_a_message_stays_until_the_card_seen() -> None:
    player = scene("1.0 office sends message Call_the_office -> command.accepted, message.received | ok")
    shown = [player.station.commands.message]
    player.play_line(1, "2.0 gun card seen -> message.seen scanner=gun | noted")
    shown.append(player.station.commands.message)
    assert [message and message.text for message in shown] == ["Call the office", None]
    player.play_line(2, "3.0 gun card seen -> nothing | noted")


def test_the_card_seen_takes_refusals_and_message_off_together() -> None:
    scene("""
        1.0 gun scans A -> scan.refused reason=no_session | refused
            office sends message Hello -> command.accepted, message.received | ok
        2.0 gun card seen -> message.seen, scan.refusals_seen times=1 | noted
    """)


def test_a_command_leaves_the_answer_to_the_newest_scan_on_the_screen() -> None:
    player = scene("""
        1.0 gun scans A -> scan.refused | refused
            office sends ping -> command.accepted | ok
            office sends ping -> command.refused | replayed
    """)
    assert isinstance(player.station.newest, ScanRefused)


def test_a_body_that_was_not_read_is_never_taken() -> None:
    """Even where the relay forgot to read it: nothing but a ping has no body."""
    for verb in SERVED - {Verb.PING}:
        decided = decide(INITIAL, _received(verb))
        assert [event.TYPE for event in decided.events] == ["command.refused"], verb


def _received(verb: str) -> CommandReceived:
    return CommandReceived(0, HERE, verb, False, command(verb), KEY.name, True, REPLY)


def test_the_reply_to_a_replay_names_the_highest_counter() -> None:
    station = msgspec.structs.replace(INITIAL, commands=Commanded(Counters(8, 0)), quality="synced")
    (reply,) = decide(station, _received("ping")).effects
    assert isinstance(reply, RemoteReply)
    assert (reply.topic, reply.correlation, reply.code) == (REPLY.topic, b"7", "replayed")
    assert reply.values == {"counter": 8}
    assert "must be above 8" in reply.text


def test_a_refusal_of_any_text_fits_into_a_leaf() -> None:
    station: Station = msgspec.structs.replace(INITIAL, quality="synced")
    strange = command("é" * 64, station="\u2028" * 64)
    decided = decide(station, CommandReceived(0, HERE, "ping", False, strange, KEY.name, True, REPLY))
    (refused,) = decided.events
    assert isinstance(refused, CommandRefused)
    assert refused.text.isascii()
    assert len(refused.text) <= commands.TEXT_CHARS_MAX


# -- what a note's text may be --


TEXT = note(command()).split(b"\n")[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"{", Reason.NOT_JSON),
        (b"\xff", Reason.NOT_JSON),
        (TEXT + b"x", Reason.NOT_JSON),
        (TEXT.replace(b'"counter":1', b'"counter":NaN'), Reason.NOT_JSON),
        (b"[" * 17 + b"]" * 17, Reason.TOO_DEEP),
        (b'{"a":' * 50_000, Reason.TOO_DEEP),
        (b"[]", Reason.BAD_BODY),
        (b"null", Reason.BAD_BODY),
        (b"{}", Reason.BAD_BODY),
        (TEXT.replace(b'"counter":1', b'"counter":"1"'), Reason.BAD_BODY),
        (TEXT.replace(b'"counter":1', b'"counter":1.5'), Reason.BAD_BODY),
        (TEXT.replace(b'"counter":1', b'"counter":0'), Reason.BAD_BODY),
        (TEXT.replace(b'"counter":1', b'"counter":-1'), Reason.BAD_BODY),
        (TEXT.replace(b'"counter":1', b'"counter":9007199254740992'), Reason.BAD_BODY),
        (TEXT.replace(b'"counter":1', b'"counter":' + b"9" * 400), Reason.BAD_BODY),
        (TEXT.replace(b'"counter":1', b'"counter":true'), Reason.BAD_BODY),
        (TEXT.replace(b'"counter":1', b'"counter":1,"only_on":"monday"'), Reason.BAD_BODY),
        (TEXT.replace(b'"body":{}', b'"body":{},"chunked":{}'), Reason.BAD_BODY),
        (TEXT.replace(b',"body":{}', b""), Reason.BAD_BODY),
        (TEXT.replace(b"Z", b"", 2), Reason.BAD_BODY),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_text_that_is_no_command_is_refused(text: bytes, reason: Reason) -> None:
    with pytest.raises(commands.Refusal) as refused:
        commands.parse(text)
    assert refused.value.reason is reason


def test_brackets_within_strings_are_no_nesting() -> None:
    made = command(body=msgspec.Raw(b'{"text":"' + b"[" * 400 + b'\\"{{{{"}'))
    assert commands.parse(msgspec.json.encode(made)) == made


def test_a_command_reads_back_as_it_was_made() -> None:
    made = command("plan", 2**53 - 1, challenges=("a", "b"))
    assert commands.parse(msgspec.json.encode(made)) == made


# -- bodies --


@pytest.mark.parametrize(
    ("verb", "raw"),
    [
        ("message", b'{"text":""}'),
        ("message", b'{"text":" "}'),
        ("message", b'{"text":"' + b"x" * 121 + b'"}'),
        ("message", b'{"text":"a\\nb"}'),
        ("message", b'{"text":"a","not_after":"soon"}'),
        ("message", b'{"text":"a","loud":true}'),
        ("lockdown", b"{}"),
        ("lockdown", b'{"set":"true"}'),
        ("lockdown", b'{"set":true,"reason":"' + b"x" * 81 + b'"}'),
        ("lockdown", b"\xff"),
        ("plan", b"[" * 100_000),
        ("roster", b"[" * 100_000),
        ("plan", b"{}"),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused(verb: str, raw: bytes) -> None:
    with pytest.raises(BodyFaults):
        read_body(verb, raw)


def test_every_fault_of_a_roster_is_told_at_once() -> None:
    wrong = {"id": "ana b", "name": "", "roles": [], "badges": ["26:12:3456"], "pin": "4829"}
    with pytest.raises(BodyFaults) as faults:
        read_body("roster", roster_bytes(people=[wrong, wrong, 7], not_after=""))
    text = str(faults.value)
    for path in ("not_after", "[0].id", "[0].name", "[0].roles", "[0].badges", "[0].pin", "[1].id", "people[2]"):
        assert path in text, path
