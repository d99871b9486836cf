"""Every MQTT message of every scenario, from the real daemon through a real broker, held to the committed schemas."""

import re
from collections import Counter
from importlib import resources

import pytest
from paho.mqtt import publish

from station.simulate import command
from station.simulate.scenario import SUFFIX
from tests.brokers import Broker, Message, Subscriber, until
from tests.schemas.held import channel_of, message_faults

SCENARIOS = sorted(
    path.name.removesuffix(SUFFIX)
    for path in resources.files("station.simulate").joinpath("scenarios").iterdir()
    if path.name.endswith(SUFFIX)
)
END = "custody/v1/end"
"""Published by the test when a scenario is over: whatever the station said has arrived before it."""
ALWAYS = {"state", "info", "health", "event", "checkpoint"}


def seen(broker: Broker, name: str) -> list[Message]:
    """Play a scenario; return every message of it, in the order of arrival."""
    office = Subscriber(broker)
    try:
        assert command.simulate(name, 1.0, True, f"{broker.host}:{broker.port}", None) == 0
        publish.single(END, qos=1, hostname=broker.host, port=broker.port)
        until(lambda: office.on(END), "what was published after it")
    finally:
        office.close()
    return [each for each in office.messages if each.topic != END]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_message_is_what_the_schemas_say(name: str, broker: Broker, capsys: pytest.CaptureFixture[str]) -> None:
    messages = seen(broker, name)

    found = [fault for each in messages for fault in message_faults(each.topic, each.payload, each.content_type)]
    assert found == []
    kinds = Counter(place[0] for each in messages if (place := channel_of(each.topic)))
    assert set(kinds) >= ALWAYS
    told = re.search(r"([0-9]+) events, chain verified, ([0-9]+) waiting", capsys.readouterr().out)
    assert told
    assert kinds["event"] >= int(told[1]) - int(told[2]) > 20
