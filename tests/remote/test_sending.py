"""The sender by itself: counters, packing, and a conversation with stations that lose, repeat and refuse."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from station.backoffice.sending import sender as sending
from station.backoffice.sending.counters import CounterFile
from station.backoffice.sending.counters import hold_counters as counters_of
from station.backoffice.sending.packing import FileRefused, body_of, pack_command
from station.backoffice.sending.postbox import PostedMessage
from station.backoffice.sending.rosters import sealed_roster
from station.backoffice.sending.sender import CommandSender, Order, StationReply, reply_subscriptions
from station.domain.commands import checking as commands
from station.domain.commands.verbs import CHUNK_BYTES, Command
from station.errors import IntegrityError, NetworkError, UsageError
from station.relay.topics import NameRefused
from station.sealing.note import open_note
from tests.domain.play import plan_bytes
from tests.remote.office import BASE, HERE, KEY, command
from tests.remote.test_chunks import PLAN

EXAMPLES = Path(__file__).parents[2] / "provisioning" / "examples"
SITE = "custody/v1/greenleaf-414"


class Broker:
    """A postbox whose other end is `answer`: each publication -> what arrives because of it."""

    def __init__(
        self, answer: Callable[[str, bytes, dict[str, Any]], list[PostedMessage]], *first: PostedMessage
    ) -> None:
        self._answer = answer
        self._arrived = list(first)
        self.published: list[str] = []
        self.on_its_way: frozenset[str] = frozenset()

    def publish(self, topic: str, payload: bytes, **properties: Any) -> None:
        self.published.append(topic.removeprefix(SITE))
        self._arrived += self._answer(topic, payload, properties)

    def next_message(self, timeout_s: float) -> PostedMessage | None:
        if not self._arrived:
            time.sleep(min(timeout_s, 0.01))
            return None
        return self._arrived.pop(0)


def info(station: str = "vault-1", **said: Any) -> PostedMessage:
    return PostedMessage(
        f"{SITE}/{station}/info", json.dumps({"epoch": HERE.epoch, "challenge": "c1", **said}).encode(), None
    )


def reply(correlation: bytes, station: str = "vault-1", **told: Any) -> PostedMessage:
    payload = json.dumps({"status": "error" if "error" in told else "ok", **told}).encode()
    return PostedMessage(f"{SITE}/{station}/reply/me", payload, correlation)


def opened(payload: bytes) -> Command:
    return commands.parse(open_note(payload, [KEY.verifier]).text)


def sent(broker: Any, station: str = "vault-1", body: bytes = b"{}", wait_s: float = 1.0) -> list[StationReply]:
    order = Order(HERE.site, station, "ping", body, 60)
    return list(CommandSender(broker, "me", KEY, lambda *_: 7).send(order, wait_s))


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INFO_S", "INFO_ALL_S", "AGAIN_S"):
        monkeypatch.setattr(sending, name, 0.1)


# -- a conversation --


def test_a_command_says_all_that_the_station_asks_for() -> None:
    seen: list[tuple[str, Command, dict[str, Any]]] = []

    def answer(topic: str, payload: bytes, properties: dict[str, Any]) -> list[PostedMessage]:
        seen.append((topic, opened(payload), properties))
        return [reply(properties["CorrelationData"], data={"text": "pong"})]

    assert sent(Broker(answer, info())) == [StationReply("vault-1", "", "", {"text": "pong"})]
    ((topic, made, properties),) = seen
    assert topic == f"{BASE}/command/ping"
    assert (made.site, made.station, made.epoch, made.counter) == (HERE.site, HERE.station, HERE.epoch, 7)
    assert made.challenges == ("c1",)
    assert properties["ResponseTopic"] == f"{BASE}/reply/me"
    assert (properties["MessageExpiryInterval"], len(properties["CorrelationData"])) == (60, 16)


def test_a_reply_to_another_command_is_not_ours() -> None:
    def answer(_topic: str, _payload: bytes, properties: dict[str, Any]) -> list[PostedMessage]:
        ours = properties["CorrelationData"]
        return [reply(b"other", error={"code": "expired", "text": ""}), reply(ours)]

    assert [each.code for each in sent(Broker(answer, info()))] == [""]


def test_a_refusal_is_told_with_its_words() -> None:
    broker = Broker(
        lambda *said: [reply(said[2]["CorrelationData"], error={"code": "expired", "text": "late"})], info()
    )
    assert sent(broker) == [StationReply("vault-1", "expired", "late", {})]


@pytest.mark.parametrize(("highest", "code"), [(7, ""), (8, "replayed")])
def test_a_replay_of_our_own_counter_was_carried_out_before(highest: int, code: str) -> None:
    told: dict[str, Any] = {"error": {"code": "replayed", "text": "x"}, "data": {"counter": highest}}
    broker = Broker(lambda *said: [reply(said[2]["CorrelationData"], **told)], info())
    assert [each.code for each in sent(broker)] == [code]


def test_a_command_without_an_answer_is_sent_again_as_it_was() -> None:
    notes: list[bytes] = []

    def answer(_topic: str, payload: bytes, properties: dict[str, Any]) -> list[PostedMessage]:
        notes.append(payload)
        return [reply(properties["CorrelationData"])] if len(notes) == 3 else []

    assert len(sent(Broker(answer, info()), wait_s=5)) == 1
    assert len(set(notes)) == 1


def test_a_silent_station_is_told_of() -> None:
    with pytest.raises(NetworkError, match=r"vault-1: no reply within 0.3 s; the broker keeps the command for 60 s"):
        sent(Broker(lambda *_: [], info()), wait_s=0.3)


def test_a_station_that_never_was_there_gets_nothing() -> None:
    broker = Broker(lambda *_: [])
    with pytest.raises(NetworkError, match="vault-1: nothing of it stands at the broker"):
        sent(broker)
    assert broker.published == []


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b'{"status":7}', b'{"status":"ok","data":[]}'])
def test_a_reply_that_is_none_is_no_success(payload: bytes) -> None:
    def answer(_topic: str, _payload: bytes, properties: dict[str, Any]) -> list[PostedMessage]:
        return [PostedMessage(f"{BASE}/reply/me", payload, properties["CorrelationData"])]

    assert [each.code for each in sent(Broker(answer, info()))] == ["bad_reply"]


def test_all_stations_answer_each_for_itself() -> None:
    def answer(topic: str, payload: bytes, properties: dict[str, Any]) -> list[PostedMessage]:
        assert topic == f"{SITE}/all/command/ping"
        made = opened(payload)
        assert (made.station, made.epoch, made.challenges) == ("all", "", ("c1", "c2"))
        ours = properties["CorrelationData"]
        return [reply(ours, "dock-1"), reply(ours, "vault-1"), reply(ours, "vault-1")]

    broker = Broker(answer, info(), info("dock-1", challenge="c2"))
    assert [each.station for each in sent(broker, "all")] == ["dock-1", "vault-1"]


# -- chunks --


class Taking:
    """A station that takes chunks; `lose` names those that it loses the first time."""

    def __init__(self, *lose: int) -> None:
        self.lose = set(lose)
        self.taken: dict[str, bytes] = {}
        self.about: Any = None
        self.given = 0

    def __call__(self, topic: str, payload: bytes, properties: dict[str, Any]) -> list[PostedMessage]:
        if "/chunk/" in topic:
            self._take(topic.rpartition("/")[2], payload)
        else:
            self.about, self.correlation = opened(payload).chunked, properties["CorrelationData"]
        missing = [index for index, name in enumerate(self.about.chunks) if name not in self.taken]
        if missing and "/chunk/" in topic and self.given % len(self.about.chunks):
            return []
        return [reply(self.correlation, data={"missing": missing} if missing else {})]

    def _take(self, name: str, payload: bytes) -> None:
        self.given += 1
        index = self.about.chunks.index(name)
        if index in self.lose:
            self.lose.discard(index)
        else:
            self.taken[name] = payload


@pytest.mark.parametrize("lost", [(), (1,), (0, 3)])
def test_a_large_body_goes_in_chunks_and_what_was_lost_goes_again(lost: tuple[int, ...]) -> None:
    station = Taking(*lost)
    assert [each.code for each in sent(Broker(station, info()), body=PLAN, wait_s=5)] == [""]
    assert b"".join(station.taken[name] for name in station.about.chunks) == PLAN
    assert station.given == len(station.about.chunks) + len(lost)


@pytest.mark.parametrize("strange", [[99], [-1], ["0"], [True], [None], [[]]])
def test_a_station_that_misses_strange_chunks_gets_none(strange: list[Any]) -> None:
    station = Taking()

    def answer(topic: str, payload: bytes, properties: dict[str, Any]) -> list[PostedMessage]:
        station(topic, payload, properties)
        return [reply(station.correlation, data={"missing": strange}), reply(station.correlation)]

    broker = Broker(answer, info())
    sent(broker, body=PLAN)
    assert [topic for topic in broker.published if "chunk" in topic] == []


# -- packing --


def test_a_body_of_one_chunk_stands_in_the_note_and_a_larger_one_by_its_hashes() -> None:
    bare = msgspec.structs.replace(command(), body=msgspec.Raw(b"null"))
    small = b'"' + b"x" * (CHUNK_BYTES - 2) + b'"'
    assert opened(pack_command(bare, small, KEY).note).body == msgspec.Raw(small)
    large = pack_command(bare, small + b" ", KEY)
    assert [len(piece) for _, piece in large.chunks] == [CHUNK_BYTES, 1]
    about = opened(large.note).chunked
    assert about is not None
    assert about.bytes == CHUNK_BYTES + 1


def test_a_file_of_many_lines_becomes_one() -> None:
    pretty = json.dumps(json.loads(plan_bytes("P-1", 1, "A")), indent=4).encode()
    body = body_of("plan", pretty.replace(b"    ", b"\t"), lambda raw: raw)
    assert b"\n" not in body
    assert json.loads(body) == json.loads(pretty)


@pytest.mark.parametrize("verb", ["plan", "roster", "message", "lockdown"])
def test_the_example_of_each_verb_can_be_sent(verb: str) -> None:
    raw = (EXAMPLES / f"{verb}.json").read_bytes()
    assert body_of(verb, raw, lambda raw: sealed_roster(raw, bytes(32)))
    assert body_of(verb, b"\xef\xbb\xbf" + raw, lambda raw: sealed_roster(raw, bytes(32)))[:1] == b"{"


@pytest.mark.parametrize(
    ("verb", "raw"), [("plan", b"{}"), ("plan", b"x"), ("hold", b"[]"), ("hold", b"\xff"), ("roster", b"{}")]
)
def test_a_file_that_cannot_be_a_body_is_refused_before_anything_is_sent(verb: str, raw: bytes) -> None:
    with pytest.raises(FileRefused):
        body_of(verb, raw, lambda raw: raw)


def test_there_is_no_verb_that_unlocks() -> None:
    with pytest.raises(UsageError, match="verb 'unlock': must be one of book, "):
        body_of("unlock", b"{}", lambda raw: raw)


def test_what_a_sender_listens_to() -> None:
    assert reply_subscriptions("s", "vault-1", "me") == ["custody/v1/s/vault-1/info", "custody/v1/s/vault-1/reply/me"]
    assert reply_subscriptions("s", "all", "me") == ["custody/v1/s/+/info", "custody/v1/s/+/reply/me"]
    for strange in ("+", "#", "a/b", ""):
        with pytest.raises(NameRefused):
            reply_subscriptions("s", strange, "me")


# -- counters --


def test_counters_rise_by_series_whatever_the_clock_does(tmp_path: Path) -> None:
    path = tmp_path / "counters.json"

    def new(wall_ms: int, station: str = "vault-1", epoch: str = "e1") -> int:
        return CounterFile(path).next_counter("s", station, epoch, wall_ms)

    assert [new(1_000), new(1_000), new(500), new(2_000)] == [1_000, 1_001, 1_002, 2_000]
    assert [new(7, epoch="e2"), new(9, "all", ""), new(9, "all", "")] == [7, 9, 10]


def test_a_counter_file_that_is_damaged_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "counters.json"
    path.write_text("{")
    with pytest.raises(IntegrityError, match=r"counters\.json"):
        CounterFile(path).next_counter("s", "v", "e", 1)
    assert path.read_text() == "{"


def test_only_one_sender_at_a_time(tmp_path: Path) -> None:
    with counters_of(tmp_path), pytest.raises(UsageError, match="another backoffice send"), counters_of(tmp_path):
        pass
    with counters_of(tmp_path) as free:
        assert free.next_counter("s", "v", "e", 1) == 1
