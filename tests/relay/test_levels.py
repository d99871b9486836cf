"""State, info, health and alerts at a real broker: retained, told on change, cleared, and the Will."""

import json
from collections.abc import Callable

from tests.brokers import Broker, Proxy, Subscriber, until
from tests.relay.world import BASE, EPOCH, StationMaker, leaf

Subscribe = Callable[..., Subscriber]


def test_state_and_info_stand_retained_and_follow_changes(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    station = make_station([], broker)
    until(lambda: station.relay.is_up, "up")
    office = subscribe(broker)
    until(lambda: office.on("/state") and office.on("/info"), "both stand there")
    assert office.on("/state")[0].topic == f"{BASE}/state"
    assert json.loads(office.newest("/info") or b"")["epoch"] == EPOCH
    station.level = "degraded"
    until(lambda: office.newest("/state") == b'{"state":"degraded"}', "told")
    late = subscribe(broker, client_id="late")
    until(lambda: late.on("/state"), "retained")
    assert late.on("/state")[0].is_retained
    assert late.newest("/state") == b'{"state":"degraded"}'


def test_an_alert_stands_retained_until_its_fault_is_gone(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([], broker)
    station.faults = {"source-lost/gun": {"cure": "plug it in"}}
    until(lambda: office.newest("/alert/source-lost/gun") == b'{"cure":"plug it in"}', "raised")
    station.faults = {}
    until(lambda: office.newest("/alert/source-lost/gun") == b"", "cleared")
    late = subscribe(broker, client_id="late")
    until(lambda: late.on("/state"), "the retained ones came")
    assert late.on("/alert/") == []


def test_a_fault_that_ended_while_the_link_was_down_is_cleared_after_it(
    broker: Broker, proxy: Proxy, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([], proxy, connect_pauses_s=(0.2,))
    station.faults = {"storage-low/sd": {"cure": "make room"}}
    until(lambda: office.newest("/alert/storage-low/sd"), "raised")
    proxy.cut()
    station.faults = {}
    until(lambda: office.newest("/alert/storage-low/sd") == b"", "cleared")


def test_all_levels_are_told_anew_to_a_broker_that_forgot(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    station = make_station([], broker)
    station.faults = {"source-lost/gun": {"cure": "plug it in"}}
    until(lambda: station.relay.is_up, "up")
    broker.kill()
    broker.start()
    until(lambda: station.links == [True, False, True], "up again")
    office = subscribe(broker)
    until(lambda: office.on("/state") and office.on("/info") and office.on("/alert/"), "all stand there")


def test_health_is_told_now_and_then_and_not_retained(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    make_station([leaf(0)], broker, health_every_s=0.05)
    until(lambda: len(office.on("/health")) > 2, "several times")
    assert json.loads(office.on("/health")[0].payload) == {"head": 0}
    assert not any(each.is_retained for each in office.on("/health"))
    late = subscribe(broker, topic=f"{BASE}/state", client_id="late")
    until(lambda: late.on("/state"), "only what is retained")


def test_the_broker_says_lost_for_a_station_that_went_without_a_word(
    broker: Broker, proxy: Proxy, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([], proxy, connect_pauses_s=(300.0,))
    until(lambda: office.newest("/state") == b'{"state":"ready"}', "ready")
    proxy.cut()
    until(lambda: office.newest("/state") == b'{"state":"lost"}', "the Will")
    late = subscribe(broker, client_id="late")
    until(lambda: late.newest("/state") == b'{"state":"lost"}', "retained")
    until(lambda: station.links == [True, False], "noticed")


def test_a_failing_callback_neither_ends_the_thread_nor_stops_the_leaves(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([], broker)
    until(lambda: office.on("/state"), "up")
    station.broken = RuntimeError("a bug of the station")
    station.commit(leaf(0))
    until(lambda: office.on("/event/"), "arrived all the same")
    station.broken = None
    station.level = "degraded"
    until(lambda: office.newest("/state") == b'{"state":"degraded"}', "told again")
    assert station.links == [True]
