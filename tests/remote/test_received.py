"""Bytes from the broker -> what the station decides: signatures, topics, sizes, replies, floods, challenges."""

from pathlib import Path

import msgspec
import pytest

from station.domain.commands.verbs import TEXT_BYTES_MAX, Reason
from station.relay.limits import KINDS_MAX, RENEW_MS, TOLD_MAX, WINDOW_MS, Challenges, Flood
from station.relay.topics import Topics
from station.sealing.note import SigningKey, sign
from tests.domain.play import OFFSET_MS
from tests.remote.office import BASE, EVERY, KEY, OTHER_KEY, command, note
from tests.remote.world import World, types


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def ping(world: World, counter: int = 1) -> bytes:
    return note(command("ping", counter, world.now + OFFSET_MS))


def test_a_signed_command_is_carried_out_and_answered(world: World) -> None:
    assert types(world.send()) == ["command.accepted"]
    (reply,) = world.replies
    assert (reply.topic, reply.correlation, reply.code, reply.values) == (
        f"{BASE}/reply/office",
        b"7",
        "",
        {"counter": 1},
    )


def test_a_command_to_all_is_answered_below_the_stations_own_topic(world: World) -> None:
    assert types(world.send(to_all=True)) == ["command.accepted"]
    assert world.replies[0].topic == f"{BASE}/reply/office"


@pytest.mark.parametrize(
    "forge",
    [
        lambda made: note(made, OTHER_KEY),
        lambda made: note(made, SigningKey("other-commands", 1, bytes(range(32)))),
        lambda made: note(made)[:-1],
        lambda made: note(made).replace(b"ping", b"plan"),
        lambda made: note(made).split(b"\n\n")[0] + b"\n",
        lambda _: b"",
        lambda _: b"\xff\0",
        msgspec.json.encode,
    ],
)
def test_what_the_command_key_did_not_sign_is_refused(world: World, forge: object) -> None:
    payload = forge(command(wall_ms=world.now + OFFSET_MS))  # type: ignore[operator]
    assert types(world.hear(payload)) == ["command.refused bad_signature"]
    assert world.told() == ["bad_signature"]


def test_a_second_signature_takes_nothing_away(world: World) -> None:
    made = msgspec.json.encode(command(wall_ms=world.now + OFFSET_MS)) + b"\n"
    assert types(world.hear(sign(made, SigningKey("second", 1, bytes(32)), KEY))) == ["command.accepted"]


def test_a_note_that_is_too_large_is_refused_unread(world: World) -> None:
    body = msgspec.Raw(b'"' + b"x" * TEXT_BYTES_MAX + b'"')
    assert types(world.send(body=body)) == ["command.refused too_large"]


def test_the_topic_of_all_and_the_own_one_are_not_mistaken(world: World) -> None:
    assert types(world.hear(ping(world), base=EVERY, reply="")) == ["command.refused other_station"]
    to_all = note(command(station="all", epoch="", wall_ms=world.now + OFFSET_MS))
    assert types(world.hear(to_all, base=BASE)) == ["command.refused other_station"]


@pytest.mark.parametrize(
    "topic",
    [
        f"{BASE}/command/ping",
        f"{BASE}/reply",
        f"{BASE}/reply/a/b",
        f"{BASE}/reply/",
        f"{BASE}/reply/+",
        f"{BASE}/reply/#",
        f"{BASE}/reply/{'x' * 65}",
        f"{BASE}x/reply/office",
        f"{EVERY}/reply/office",
        "custody/v1/greenleaf-414/vault-2/reply/office",
        "reply/office",
        "/",
        "$SYS/x",
    ],
)
def test_a_response_topic_elsewhere_refuses_the_command_and_is_never_written_to(world: World, topic: str) -> None:
    assert types(world.hear(ping(world), reply=topic)) == ["command.refused bad_reply_topic"]
    assert world.replies == []


def test_what_is_to_be_given_back_is_bounded(world: World) -> None:
    assert types(world.hear(ping(world), correlation=b"x" * 1025)) == ["command.refused bad_reply_topic"]
    assert types(world.hear(ping(world), correlation=b"x" * 1024)) == ["command.accepted"]


def test_no_correlation_is_no_fault_and_no_topic_wants_no_reply(world: World) -> None:
    world.hear(ping(world), correlation=None)
    assert [reply.correlation for reply in world.replies] == [None]
    assert types(world.hear(ping(world, 2), reply="")) == ["command.accepted"]
    assert len(world.replies) == 1


def test_the_topics_verb_is_clipped_before_anybody_keeps_it(world: World) -> None:
    (refused,) = world.hear(b"", verb="é\n" * 10_000)
    assert refused.verb == ("\\xc3\\xa9\\x0a" * 4)[:40]  # type: ignore[attr-defined]


def test_a_refusal_shows_what_came_only_where_nobody_signed_it(world: World) -> None:
    (forged,) = world.hear(b"\xffab")
    (signed,) = world.send(epoch="x")
    assert forged.text == "\\xffab"  # type: ignore[attr-defined]
    assert signed.text == "epoch = 'x': must be '20261123T140405Z-7f3a'; send it again"  # type: ignore[attr-defined]


def test_subscriptions_and_topics_agree(world: World) -> None:
    topics = Topics("greenleaf-414", "vault-1")
    for topic in (topics.command_topic("plan"), f"{topics.every}/command/plan", topics.chunk_topic("0" * 64)):
        assert world.commands.is_ours(topic)
    for topic in (topics.ack_topic("office"), topics.resend, topics.state):
        assert not world.commands.is_ours(topic)


# -- floods --


def test_refusals_beyond_the_limit_are_counted_and_told_once_a_minute(world: World) -> None:
    events = [event for _ in range(1_000) for event in world.hear(b"junk")]
    assert len(events) == TOLD_MAX
    assert len(world.told()) == TOLD_MAX
    assert world.tick(WINDOW_MS - 1) == []
    (counted,) = world.tick(1)
    assert (counted.reason, counted.times) == ("bad_signature", 1_000 - TOLD_MAX)  # type: ignore[attr-defined]
    assert world.told() == []
    assert types(world.hear(b"junk")) == ["command.refused bad_signature"]


def test_a_flood_of_true_notes_that_are_replays_is_counted_too(world: World) -> None:
    again = ping(world)
    assert types(world.hear(again)) == ["command.accepted"]
    assert sum(len(world.hear(again)) for _ in range(100)) == TOLD_MAX


def test_a_good_note_that_was_refused_for_its_body_cannot_be_repeated_without_end(world: World) -> None:
    """Its counter is not used up, so it is no replay: it would be decided, and recorded, each time anew."""
    made = note(command("message", 1, world.now + OFFSET_MS))
    came = [types(world.hear(made, "message")) for _ in range(100)]
    assert came[:2] == [["command.refused bad_body"]] * 2
    assert sum(map(len, came)) == TOLD_MAX + 1
    assert types(world.send(counter=2)) == ["command.accepted"]
    assert types(world.tick(WINDOW_MS)) == ["command.refused replayed"]


def test_amid_a_flood_a_good_command_is_carried_out(world: World) -> None:
    for _ in range(100):
        world.hear(b"junk")
    world.told()
    assert types(world.send()) == ["command.accepted"]
    assert world.told() == ["ok"]


def test_the_kinds_that_are_counted_are_bounded() -> None:
    flood = Flood()
    for number in range(TOLD_MAX + 1_000):
        flood.is_told(f"verb-{number}", Reason.BAD_SIGNATURE, 0)
    counted = list(flood.counted_when_over(WINDOW_MS))
    assert len(counted) == KINDS_MAX + 1
    assert sum(times for _, _, times in counted) == 1_000
    assert list(flood.counted_when_over(2 * WINDOW_MS)) == []


# -- challenges --


def test_a_challenge_lasts_two_renewals_at_most() -> None:
    now, words = [0], iter("abcdefgh")
    challenges = Challenges(lambda: now[0], lambda: next(words))
    assert challenges.newest_word == "a"
    assert challenges.is_fresh(["x", "a"])
    assert not challenges.is_fresh(["", "x"])
    now[0] = RENEW_MS
    assert (challenges.newest_word, challenges.is_fresh("a"), challenges.is_fresh("b")) == ("b", True, True)
    now[0] = 2 * RENEW_MS
    assert (challenges.newest_word, challenges.is_fresh("a"), challenges.is_fresh("b")) == ("c", False, True)
    now[0] = 9 * RENEW_MS
    assert (challenges.is_fresh("b"), challenges.is_fresh("c"), challenges.newest_word) == (False, False, "d")


def test_two_stations_never_show_the_same_challenge() -> None:
    assert Challenges(lambda: 0).newest_word != Challenges(lambda: 0).newest_word


def test_a_station_without_a_clock_takes_a_command_that_holds_its_challenge(tmp_path: Path) -> None:
    world = World(tmp_path, quality="unsynced")
    old = world.commands.challenge
    assert types(world.send()) == ["command.refused clock_unsynced"]
    assert types(world.send(challenges=("other", old))) == ["command.accepted"]
    assert types(world.send(counter=2, to_all=True, challenges=(old,))) == ["command.accepted"]
    world.now += 2 * RENEW_MS
    assert types(world.send(counter=3, challenges=(old,))) == ["command.refused clock_unsynced"]
