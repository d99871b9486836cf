"""Each message that the code makes, held to its schema; and each schema, shown to refuse."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rpds import HashTrieMap

from station.domain.commands.verbs import Chunked, Command
from station.domain.core.conditions import Conditions
from station.domain.core.effects import RemoteReply
from station.domain.lifecycle.state import Lifecycle
from station.domain.station import messages
from station.domain.station.alerts import CURES, alerts, health, state_word
from station.domain.station.leaf import encode
from station.domain.station.state import INITIAL
from station.relay.acknowledging import Acknowledgements
from station.relay.limits import ResendRequests
from station.relay.outgoing import (
    JSON_TYPE,
    LEAF_TYPE,
    NOTE_TYPE,
    WhyWithheld,
    WithheldAlerts,
    checkpoint_message,
    hash_message,
    reply_payload,
)
from station.relay.publications import LOST, STOPPED
from station.relay.topics import Topics
from station.sealing.checkpoint import Checkpoint, cosign, sign_checkpoint
from station.sealing.merkle import EMPTY_ROOT
from station.sealing.note import COSIGNATURE, SigningKey, sign
from station.spine.machine_health import machine_health
from tests.domain.samples import SAMPLES, recorded
from tests.domain.stamping import EPOCH, SOURCE
from tests.schemas.held import faults, message_faults

GOLDEN: dict[str, str] = json.loads((Path(__file__).parents[1] / "domain" / "golden_leaves.json").read_text())
TOPICS = Topics("greenleaf-414", "vault-1")
STATION_KEY = SigningKey.generate("custody/greenleaf-414/vault-1")
WITNESS_KEY = SigningKey.generate("greenleaf-backoffice", COSIGNATURE)
COMMAND_KEY = SigningKey.generate("greenleaf-commands")
ORIGIN = f"{STATION_KEY.name}/{EPOCH}"
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 42, EMPTY_ROOT), STATION_KEY)
SCANNED: dict[str, Any] = json.loads(GOLDEN["count.scanned"])
COMMAND = Command("plan", "greenleaf-414", "vault-1", 7, "2026-11-24T14:00:00Z", EPOCH, ("moss",))
CHUNKED = Chunked("ab" * 32, 100_000, ("cd" * 32, "ef" * 32, "01" * 32))


# -- leaves --


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.TYPE)
def test_an_event_with_every_field_is_what_its_schema_says(sample: Any) -> None:
    leaf = encode(recorded(sample), SOURCE, EPOCH)

    assert message_faults(TOPICS.event_topic(sample.TYPE), leaf, LEAF_TYPE) == []


@pytest.mark.parametrize("event_type", GOLDEN)
def test_a_golden_leaf_is_valid_for_ever(event_type: str) -> None:
    assert faults(f"events/{event_type}.json", json.loads(GOLDEN[event_type]), is_closed=False) == []


ATTRIBUTES = [
    ("specversion", "0.3"),
    ("id", "42"),
    ("source", "/custody/vault-1"),
    ("type", "count.undone"),
    ("subject", ""),
    ("time", "2026-11-23T14:04:05Z"),
    ("dataschema", "urn:custody-station:count.scanned:2"),
    ("sequence", "42"),
    ("sequence", 42),
    ("epoch", "first"),
    ("boot", ""),
    ("monotonicms", "-1"),
    ("clock", "good"),
    ("data", []),
    ("partition", "1"),
]


@pytest.mark.parametrize(("name", "value"), ATTRIBUTES)
def test_an_attribute_that_is_another_is_refused(name: str, value: Any) -> None:
    assert faults("events/count.scanned.json", SCANNED) == []
    assert len(faults("events/count.scanned.json", SCANNED | {name: value})) == 1


@pytest.mark.parametrize("name", [name for name in SCANNED if name != "subject"])
def test_an_attribute_that_is_missing_is_refused(name: str) -> None:
    left = {key: value for key, value in SCANNED.items() if key != name}

    assert faults("events/count.scanned.json", left) == [f"$: {name!r} is a required property"]


@pytest.mark.parametrize("change", [{"tag": 5}, {"unit_index": "1"}, {"location": None}, {"colour": "red"}])
def test_a_field_of_the_event_that_is_another_is_refused(change: dict[str, Any]) -> None:
    changed = SCANNED | {"data": SCANNED["data"] | change}

    assert len(faults("events/count.scanned.json", changed)) == 1


def test_a_reader_ignores_fields_of_later_releases() -> None:
    later = SCANNED | {"data": SCANNED["data"] | {"colour": "red"}, "partition": "1"}

    assert faults("events/count.scanned.json", later, is_closed=False) == []


def test_a_leaf_on_the_topic_of_another_type_is_refused() -> None:
    leaf = GOLDEN["count.scanned"].encode()

    assert message_faults(TOPICS.event_topic("count.scanned"), leaf, LEAF_TYPE) == []
    assert message_faults(TOPICS.event_topic("count.undone"), leaf, LEAF_TYPE)
    assert message_faults(TOPICS.event_topic("count.dreamt"), leaf, LEAF_TYPE)
    assert message_faults(TOPICS.event_topic("count.scanned"), leaf, JSON_TYPE)
    assert message_faults("custody/v1/elsewhere", leaf, LEAF_TYPE)


# -- levels --


@pytest.mark.parametrize("payload", [LOST, STOPPED])
def test_the_last_words_are_states(payload: bytes) -> None:
    assert message_faults(TOPICS.state, payload, JSON_TYPE) == []


@pytest.mark.parametrize("storage", ["", "disk_full"])
def test_the_word_for_a_station_is_a_state(storage: str) -> None:
    word = state_word(INITIAL, Conditions(storage=storage))

    assert faults("messages/state.json", {"state": word}) == []
    assert faults("messages/state.json", {"state": f"{word}!"})


def test_health_is_what_events_and_machine_know(tmp_path: Path) -> None:
    told: dict[str, Any] = {"epoch": EPOCH, "uptime_s": 3} | health(INITIAL, Conditions()) | machine_health(tmp_path)

    assert faults("messages/health.json", told) == []
    assert messages.as_json(messages.Health(**told)) == told
    for name in told:
        assert faults("messages/health.json", told | {name: "much"}), name
        assert faults("messages/health.json", {key: value for key, value in told.items() if key != name}), name


INFO = messages.Info(
    key=str(STATION_KEY.verifier),
    epoch=EPOCH,
    version="1.0",
    python="3.11.2",
    settings="ab",
    duties=("count",),
    schema=1,
)


def test_info_says_more_where_there_is_a_back_office() -> None:
    told = json.loads(msgspec.json.encode(messages.as_json(INFO)))
    more = {"command_counter": 3, "command_counter_all": 0, "challenge": "moss"}

    assert list(told) == ["epoch", "version", "python", "settings", "duties", "schema", "key"]
    assert faults("messages/info.json", told) == []
    assert faults("messages/info.json", told | more) == []
    assert faults("messages/info.json", told | {"key": STATION_KEY.name})
    assert faults("messages/info.json", told | {"secret": "no"})


def raised() -> Mapping[str, Mapping[str, Any]]:
    """Every alert that a station can raise."""
    found: dict[str, Mapping[str, Any]] = {}
    for storage in [code for code in CURES if code.startswith("disk_")]:
        found |= alerts(INITIAL, Conditions(storage=storage, withheld=3))
    found |= alerts(
        msgspec.structs.replace(INITIAL, lifecycle=Lifecycle(lost=HashTrieMap({"gun": "No such device"}))), Conditions()
    )
    refusals = WithheldAlerts()
    for number, why in enumerate(WhyWithheld):
        refusals.note_withheld(why, "count.scanned", number, 0)
    return found | refusals.withheld_alerts() | refused_acknowledgement()


def refused_acknowledgement() -> dict[str, dict[str, Any]]:
    """The alert of a witness that cosigns with another key."""

    class Journal:
        def head(self) -> int:
            return 41

        def checkpoints_between(self, first_size: int, last_size: int) -> list[tuple[int, bytes]]:
            return [(42, NOTE)] if first_size <= 42 <= last_size else []

    other = SigningKey.generate(WITNESS_KEY.name, COSIGNATURE)
    known = {WITNESS_KEY.name: WITNESS_KEY.verifier}
    acks = Acknowledgements(lambda: [STATION_KEY.verifier], ORIGIN, known, Journal(), {})
    acks.read_acknowledgement(WITNESS_KEY.name, cosign(NOTE, other, 1_795_442_645))
    return acks.refusal_alerts()


def test_each_alert_is_what_the_schema_says() -> None:
    found = raised()

    assert {key.partition("/")[0] for key in found} == {
        "storage",
        "source",
        "withheld",
        "clock",
        "ack-refused",
        *(why.value for why in WhyWithheld),
    }
    for key, payload in found.items():
        topic = TOPICS.alert_topic(*key.split("/"))
        assert message_faults(topic, msgspec.json.encode(payload), JSON_TYPE) == []
    assert message_faults(TOPICS.alert_topic("clock", "unsynced"), b"", "") == []


@pytest.mark.parametrize("payload", [{}, {"cure": 1}, {"cure": "c", "times": "2"}, {"cure": "c", "reason": None}])
def test_another_alert_is_refused(payload: dict[str, Any]) -> None:
    assert faults("messages/alert.json", payload)


def test_alerts_are_written_byte_for_byte_as_before() -> None:
    refusals = WithheldAlerts()
    refusals.note_withheld(WhyWithheld.REFUSED, "door.forced", 0, 135)
    [refused] = refusals.withheld_alerts().values()

    assert msgspec.json.encode(refused).startswith(b'{"times":1,"seq":0,"reason":135,"cure":"')
    assert list(alerts(INITIAL, Conditions(withheld=3))["withheld/relay"]) == ["leaves", "cure"]


# -- what stands for leaves, and what is asked --


@pytest.mark.parametrize("epoch", [EPOCH, ""])
def test_the_hash_of_a_leaf_is_what_the_schema_says(epoch: str) -> None:
    sent = hash_message(TOPICS, "count.scanned", (epoch, 7), b"\x01" * 32)

    assert message_faults(sent.topic, sent.payload, sent.content_type) == []
    for change in ({"hash": "ab"}, {"seq": -1}, {"epoch": "E"}, {"leaf": "{}"}):
        assert len(faults("messages/withheld.json", json.loads(sent.payload) | change)) == 1


def test_what_is_granted_is_what_the_schema_says() -> None:
    asked = {"epoch": EPOCH, "from": 3, "to": 9}

    assert ResendRequests(EPOCH, time.monotonic).read_request(json.dumps(asked).encode()) == (3, 9)
    assert message_faults(TOPICS.resend, json.dumps(asked).encode(), JSON_TYPE) == []
    for change in ({"from": -1}, {"to": "9"}, {"epoch": 1}):
        assert ResendRequests(EPOCH, time.monotonic).read_request(json.dumps(asked | change).encode()) is None
        assert faults("messages/resend.json", asked | change)


DESK = TOPICS.reply_topic("desk")
REPLIES = [
    (RemoteReply(DESK, None), b'{"status":"ok"}'),
    (RemoteReply(DESK, b"7", values={"lockdown": True}), b'{"status":"ok","data":{"lockdown":true}}'),
    (
        RemoteReply(DESK, None, "expired", "too late"),
        b'{"status":"error","error":{"code":"expired","text":"too late"}}',
    ),
]


@pytest.mark.parametrize(("reply", "payload"), REPLIES)
def test_a_reply_is_what_the_schema_says(reply: RemoteReply, payload: bytes) -> None:
    assert reply_payload(reply) == payload
    assert message_faults(DESK, payload, JSON_TYPE) == []
    assert faults("messages/reply.json", json.loads(payload) | {"status": "maybe"})
    assert faults("messages/reply.json", json.loads(payload) | {"error": {"code": "expired"}})


# -- signed notes --


def test_a_checkpoint_and_its_acknowledgement_are_what_the_schemas_say() -> None:
    sent = checkpoint_message(TOPICS, 42, NOTE)
    cosigned = cosign(NOTE, WITNESS_KEY, 1_795_442_645)

    assert message_faults(sent.topic, sent.payload, sent.content_type) == []
    assert message_faults(TOPICS.ack_topic(WITNESS_KEY.name), cosigned, NOTE_TYPE) == []
    assert message_faults(TOPICS.ack_topic(WITNESS_KEY.name), NOTE, NOTE_TYPE), "nobody has cosigned it"


BROKEN = [
    NOTE.replace(b"custody/", b"other/", 1),
    NOTE.replace(b"\n42\n", b"\n042\n"),
    NOTE.replace(b"=\n\n", b"\n\n"),
    NOTE[: NOTE.index("—".encode())],
    b"{}",
]


@pytest.mark.parametrize("note", BROKEN)
def test_a_note_that_is_no_checkpoint_is_refused(note: bytes) -> None:
    assert note != NOTE
    assert faults("messages/checkpoint.json", note.decode())


@pytest.mark.parametrize("command", [COMMAND, msgspec.structs.replace(COMMAND, chunked=CHUNKED)])
def test_a_command_is_a_note_around_an_object(command: Command) -> None:
    text = msgspec.json.encode(command)
    note = sign(text + b"\n", COMMAND_KEY)

    assert message_faults(TOPICS.command_topic("plan"), note, NOTE_TYPE) == []
    assert message_faults("custody/v1/greenleaf-414/all/command/plan", note, NOTE_TYPE) == []
    assert message_faults(TOPICS.command_topic("plan"), text, NOTE_TYPE)
    assert faults("messages/command-object.json", json.loads(text)) == []


@pytest.mark.parametrize("change", [{"counter": 0}, {"unlock": True}, {"not_after": ""}, {"chunked": {"chunks": []}}])
def test_another_command_is_refused_by_every_reader(change: dict[str, Any]) -> None:
    changed = json.loads(msgspec.json.encode(COMMAND)) | change

    assert faults("messages/command-object.json", changed, is_closed=False)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(changed, Command)
