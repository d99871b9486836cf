"""The AsyncAPI document: what it points to is there, and it says of topics what the code does."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from station.domain.station.duties import EVENTS
from station.relay.publications import LOST
from station.relay.topics import Topics
from tests.schemas.held import channel_of, found_at, standing

DOCUMENT: dict[str, Any] = standing("asyncapi.json")
CHANNELS, OPERATIONS = DOCUMENT["channels"], DOCUMENT["operations"]
TOPICS = Topics("greenleaf-414", "vault-1")
LEVELS = ("A1", "b2")
"""What stands for the levels that a topic's maker is given."""

# CONTRACTS.md, "MQTT 5": topic -> who, QoS, retained.
CONTRACT = {
    "state": ("send", 1, True),
    "info": ("send", 1, True),
    "health": ("send", 0, False),
    "alert": ("send", 1, True),
    "event": ("send", 1, False),
    "checkpoint": ("send", 1, True),
    "withheld": ("send", 1, False),
    "ack": ("receive", 1, True),
    "resend": ("receive", 1, False),
    "command": ("receive", 1, False),
    "command-to-all": ("receive", 1, False),
    "chunk": ("receive", 1, False),
    "reply": ("send", 1, False),
}


def references(value: Any) -> Iterator[str]:
    """Yield every `$ref` below."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def topics() -> Iterator[str]:
    """Yield a topic of each name that the code makes: attributes and methods of `Topics`, filters filled in."""
    for name in dir(TOPICS):
        found = getattr(TOPICS, name)
        if name.startswith("_") or name in {"identity", "base", "answering", "every", "witness_of", "is_alert"}:
            continue
        if callable(found):
            found = found(*LEVELS[: found.__func__.__code__.co_argcount - 1])
        yield found.replace("+", LEVELS[0])


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))

    assert len(found) > 2 * len(EVENTS)
    for reference in found:
        assert found_at(reference)


def test_a_reference_to_nothing_is_found() -> None:
    with pytest.raises(KeyError):
        found_at("#/channels/dreams")
    with pytest.raises(OSError, match="dreamt"):
        found_at("./events/count.dreamt.json")


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_has_an_address_and_says_every_parameter_of_it(name: str) -> None:
    channel = CHANNELS[name]

    assert channel["address"].startswith("custody/v1/{site}/")
    assert set(channel["parameters"]) == set(re.findall(r"{(\w+)}", channel["address"]))
    assert channel["messages"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_of_a_channel_and_of_its_messages(name: str) -> None:
    operation = OPERATIONS[name]
    channel = operation["channel"]["$ref"]
    messages = {f"{channel}/messages/{message}" for message in found_at(channel)["messages"]}

    assert operation["action"] in {"send", "receive"}
    assert {message["$ref"] for message in operation["messages"]} == messages


def test_topics_travel_as_agreed() -> None:
    said = {
        operation["channel"]["$ref"].removeprefix("#/channels/"): (
            operation["action"],
            operation["bindings"]["mqtt"]["qos"],
            operation["bindings"]["mqtt"]["retain"],
        )
        for operation in OPERATIONS.values()
    }

    assert said == CONTRACT
    assert set(CHANNELS) == set(CONTRACT)


@pytest.mark.parametrize("topic", list(topics()))
def test_each_topic_that_the_code_makes_has_a_channel(topic: str) -> None:
    place = channel_of(topic)

    assert place is not None, f"{topic}: give it a row in station/schemas/table.py, then run python -m station.schemas"
    assert place[1]["site"] == "greenleaf-414"


def test_all_topics_of_the_code_were_looked_at() -> None:
    assert len({topic.split("/")[4] for topic in topics()}) >= 11
    assert channel_of(f"{TOPICS.base}/dream") is None
    assert channel_of(f"{TOPICS.base}/alert/A1") is None


def test_every_event_type_travels_on_the_channel_of_events() -> None:
    assert set(CHANNELS["event"]["messages"]) == set(EVENTS)
    assert found_at("#/components/parameters/type")["enum"] == sorted(EVENTS)
    for event_type in EVENTS:
        message = found_at(f"#/components/messages/{event_type}")
        assert message["payload"] == {"$ref": f"./events/{event_type}.json"}
        assert message["contentType"] == "application/cloudevents+json"
        assert message["summary"]


@pytest.mark.parametrize(("name", "whose"), [("command", "{station}"), ("command-to-all", "all")])
def test_a_command_is_answered_below_the_station(name: str, whose: str) -> None:
    assert OPERATIONS[f"receive-{name}"]["reply"]["channel"] == {"$ref": "#/channels/reply"}
    assert f"custody/v1/{{site}}/{whose}/reply/{{caller}}" in CHANNELS[name]["description"]


def test_only_commands_are_answered_and_the_will_is_told() -> None:
    assert [name for name, operation in OPERATIONS.items() if "reply" in operation] == [
        "receive-command",
        "receive-command-to-all",
    ]
    assert DOCUMENT["servers"]["broker"]["bindings"]["mqtt"]["lastWill"]["message"] == LOST.decode()


def test_no_message_stands_there_that_no_channel_has() -> None:
    used = {name for channel in CHANNELS.values() for name in channel["messages"]}

    assert set(DOCUMENT["components"]["messages"]) == used
    assert set(DOCUMENT["components"]["parameters"]) == {
        name for channel in CHANNELS.values() for name in channel["parameters"]
    }
