"""What commands leave behind: on the screen, in a snapshot, in a journal, and when a commit fails."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from rpds import HashTrieMap

from station.domain.commands.events import LockdownSet
from station.domain.commands.inputs import CommandReceived
from station.domain.commands.state import Counters
from station.domain.core.conditions import Conditions
from station.domain.core.view import Phrase
from station.domain.station.leaf import encode
from station.domain.station.state import Station
from station.domain.station.viewing import ANSWER_MS, PIECE_MS, view
from station.journal.faults import StorageFault
from station.journal.journal import Journal
from station.journal.reader import JournalCorrupt, Reader
from station.journal.replay import replay
from station.relay.outgoing import reply_payload
from station.sealing.merkle import leaf_hash
from station.spine.loop import Loop
from tests.domain.play import OFFSET_MS, play
from tests.domain.stamping import SOURCE
from tests.loop.stage import OFFSET_MS as STAGE_OFFSET_MS
from tests.loop.stage import Stage
from tests.remote.office import HERE, KEY, REPLY, OfficePlayer, command, moment
from tests.snapshots import through_snapshot

SCENE = """
    1.0 office sends lockdown set counter=5 -> command.accepted, lockdown.set | ok
        office sends roster 3 counter=6     -> command.accepted, roster.loaded | ok
        office sends message Bring_the_keys_to_the_office_at_noon counter=7 -> command.accepted, message.received | ok
        office sends ping all=1 counter=9   -> command.accepted | ok
"""


def played() -> OfficePlayer:
    player = OfficePlayer()
    play(SCENE, player=player)
    return player


def shown(station: Station, now: int) -> tuple[str, Phrase | None]:
    picture = view(station, Conditions(), now)
    return picture.fact.key, picture.detail


def test_a_message_is_shown_piece_by_piece_until_its_time_has_passed() -> None:
    player = played()
    station = player.station
    pieces = [shown(station, number * PIECE_MS + 1_000)[1] for number in range(4)]
    texts = [piece.args[0] if piece else "" for piece in pieces]
    assert set(texts) == {"Bring the keys to the", "office at noon"}
    assert texts[:2] != texts[1:3]
    assert view(station, Conditions(), 1_000).instruction == Phrase("scan_seen")
    assert shown(station, 62_000) == ("lockdown", None)


def test_the_answer_to_a_scan_comes_before_the_message_for_a_while() -> None:
    player = played()
    player.play_line(1, "2.0 gun scans A -> scan.refused | refused")
    assert shown(player.station, 2_000 + ANSWER_MS)[1] == Phrase("refused_no_session")
    detail = shown(player.station, 2_001 + ANSWER_MS)[1]
    assert detail is not None
    assert detail.key == "message"


def test_a_lockdown_is_shown_while_idle_and_while_counting() -> None:
    player = OfficePlayer()
    play(
        """
        1.0 office sends lockdown set counter=1 -> command.accepted, lockdown.set | ok
            gun card start-count free -> count.opened | noted
    """,
        player=player,
    )
    assert shown(player.station, 9_000)[1] == Phrase("locked_down")
    assert shown(replace(player.station, commands=replace(player.station.commands, lockdown=None)), 9_000)[1] != Phrase(
        "locked_down"
    )


def test_a_snapshot_keeps_what_commands_came_to() -> None:
    player = played()
    station = player.station
    again = through_snapshot(station, player.stamping.documents)
    assert again == replace(station, newest=None, newest_own=HashTrieMap())
    assert again.commands.counters == Counters(7, 9)
    assert (again.commands.lockdown, again.commands.message) == (station.commands.lockdown, station.commands.message)


def journal_of(directory: Path, with_document: bool = True) -> Reader:
    """A journal of what was played."""
    player = played()
    journal = Journal(directory)
    epoch = journal.open(OFFSET_MS).epoch
    leaves = [encode(recorded, SOURCE, epoch) for recorded in player.stamping.recorded]
    rows = [(seq, leaf, leaf_hash(leaf), -1) for seq, leaf in enumerate(leaves)]
    journal.append(rows, list(player.stamping.documents.items()) if with_document else [])
    journal.close()
    return Reader.open_at(directory / "journal.db")


def test_a_journal_replays_to_the_same_roster_and_counters(tmp_path: Path) -> None:
    assert replay(journal_of(tmp_path)) == played().station


def test_a_roster_that_is_not_in_the_journal_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalCorrupt, match="an event names it; it is not there"):
        replay(journal_of(tmp_path, with_document=False))


# -- the loop --


def started() -> Stage:
    stage = Stage()
    stage.start()
    return stage


def ping(stage: Stage, counter: int = 1) -> None:
    made = command("ping", counter, stage.now + STAGE_OFFSET_MS)
    stage.step(CommandReceived(stage.now + 1, HERE, "ping", False, made, KEY.name, False, REPLY))


def test_the_reply_waits_for_the_commit() -> None:
    stage = started()
    ping(stage)
    assert stage.outputs.done == []
    stage.commit()
    assert stage.outputs.done == [f"remote {REPLY.topic} ok"]


def test_a_command_whose_commit_fails_is_decided_again_once() -> None:
    stage = started()
    ping(stage)
    stage.fail(StorageFault.DISK_ERROR)
    assert stage.outputs.done == []
    assert stage.loop.durable.commands.counters == Counters()
    stage.step(later_ms=1_000)
    stage.commit()
    assert stage.outputs.done == [f"remote {REPLY.topic} ok"]
    assert stage.loop.durable.commands.counters == Counters(1, 0)
    assert isinstance(stage.loop, Loop)


def test_replies_as_they_travel() -> None:
    player = OfficePlayer()
    _, (done,) = player._act("office sends ping")
    assert reply_payload(done) == (  # type: ignore[arg-type]
        b'{"status":"error","error":{"code":"clock_unsynced","text":"the station\'s clock is not synchronised, and no '
        b'challenge of its info was in it; send it again now"}}'
    )
    play("1.0 stop -> station.stopped | halt", player=player)
    _, (done,) = player._act("office sends ping")
    assert reply_payload(done) == b'{"status":"ok","data":{"counter":1}}'  # type: ignore[arg-type]


def test_a_moment_is_written_as_iso_8601() -> None:
    assert moment(0) == "1970-01-01T00:00:00Z"
    assert LockdownSet.SEALED_AT_ONCE
