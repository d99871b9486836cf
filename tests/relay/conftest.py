"""Brokers, subscribers, proxies and relays that are gone after each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.brokers import Broker, Proxy, Subscriber
from tests.relay.world import MemoryJournal, Station, StationMaker


@pytest.fixture
def make_broker(tmp_path: Path) -> Iterator[Callable[..., Broker]]:
    made: list[Broker] = []

    def make(settings: str, **options: Any) -> Broker:
        made.append(Broker(tmp_path, settings, **options))
        return made[-1].start()

    yield make
    for each in made:
        each.kill()


@pytest.fixture
def subscribe() -> Iterator[Callable[..., Subscriber]]:
    made: list[Subscriber] = []

    def make(*arguments: Any, **options: Any) -> Subscriber:
        made.append(Subscriber(*arguments, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def proxy(broker: Broker) -> Iterator[Proxy]:
    opened = Proxy(broker.port)
    yield opened
    opened.close()


@pytest.fixture
def make_station() -> Iterator[StationMaker]:
    made: list[Station] = []

    def make(leaves: list[bytes], broker: Any, **options: Any) -> Station:
        made.append(Station(MemoryJournal(leaves), broker, **options))
        made[-1].relay.start()
        return made[-1]

    yield make
    for each in made:
        each.broken = None
        assert each.relay.stop(0), "the relay did not end"
