"""Leaves through a real mosquitto: whole, in order, live ones first, and not without a subscriber."""

import json
from collections.abc import Callable
from pathlib import Path

from station.relay.outgoing import LEAF_TYPE
from tests.brokers import Broker, Subscriber, until
from tests.relay.world import BASE, Arrivals, StationMaker, leaf, seq_of

KEEPING = """allow_anonymous true
persistence true
persistence_location {folder}/"""

Subscribe = Callable[..., Subscriber]


def test_all_leaves_arrive_once_in_order_and_byte_for_byte(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    leaves = [leaf(seq) for seq in range(1_000)]
    station = make_station(leaves, broker)
    until(lambda: station.relay.sent == 999, "all sent")
    until(lambda: len(office.on("/event/")) == 1_000, "all arrived")
    assert [each.payload for each in office.on("/event/")] == leaves
    first = office.on("/event/")[0]
    assert first.topic == f"{BASE}/event/count.scanned"
    assert first.content_type == LEAF_TYPE == "application/cloudevents+json"
    assert station.journal.longest_read <= 100
    assert station.relay.waiting == 0


def test_the_topic_follows_the_type_and_a_commit_wakes_the_relay(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([], broker, levels_every_s=60.0)
    until(lambda: station.links == [True], "up")
    station.commit(leaf(0, "door.forced"))
    until(lambda: office.on("/event/door.forced"), "the live event arrived without a tick")
    until(lambda: station.reports == [(0, 0)], "told")


def test_progress_is_told_coalesced_and_rising(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    subscribe(broker)
    station = make_station([leaf(seq) for seq in range(2_000)], broker)
    until(lambda: station.reports and station.reports[-1] == (1_999, 0), "told to the end")
    assert station.reports == sorted(set(station.reports))
    assert len(station.reports) < 2_000


def test_a_broker_restarted_in_the_middle_loses_nothing_and_repeats_are_identical(
    make_broker: Callable[..., Broker], subscribe: Subscribe, make_station: StationMaker, tmp_path: Path
) -> None:
    broker = make_broker(KEEPING.format(folder=tmp_path))
    office = subscribe(broker, session_s=600)
    leaves = [leaf(seq) for seq in range(12_000)]
    station = make_station(leaves, broker)
    until(lambda: station.relay.sent > 500, "under way")
    broker.stop()
    until(lambda: not station.relay.is_up, "noticed")
    assert station.relay.sent < 11_999
    broker.start()
    until(lambda: station.relay.sent == 11_999, "all sent")
    arrivals = Arrivals(office)
    until(lambda: len(arrivals.seqs()) == 12_000, "all arrived")
    assert all(each.payload == leaves[seq_of(each.payload)] for each in office.on("/event/"))
    assert station.links == [True, False, True]


def test_after_a_kill_everything_above_sent_arrives_again(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    """What a broker acknowledged and then forgot is the witness's business: a PUBACK covers one hop."""
    office = subscribe(broker)
    leaves = [leaf(seq, filler="x" * 400) for seq in range(12_000)]
    station = make_station(leaves, broker)
    until(lambda: station.relay.sent > 500, "under way")
    office.expect_renewal()
    broker.kill()
    until(lambda: not station.relay.is_up, "noticed")
    sent = station.relay.sent
    assert sent < 11_999
    broker.start()
    office.await_renewal()
    until(lambda: station.relay.sent == 11_999, "all sent")
    above = set(range(sent + 1, 12_000))
    arrivals = Arrivals(office)
    until(lambda: arrivals.seqs() >= above, "the rest arrived")
    assert all(each.payload == leaves[seq_of(each.payload)] for each in office.on("/event/"))


def test_without_a_subscriber_nothing_counts_as_sent_until_one_comes(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    station = make_station([leaf(seq) for seq in range(300)], broker)
    probe = subscribe(broker, topic="custody/v1/+/+/state", client_id="probe")
    until(lambda: probe.on("/state"), "the link works")
    until(lambda: station.relay.waiting == 300, "looked")
    assert station.relay.sent == -1
    assert station.reports == []
    office = subscribe(broker)
    until(lambda: station.relay.sent == 299, "sent at last")
    arrivals = Arrivals(office)
    until(lambda: arrivals.seqs() == set(range(300)), "whole")


def test_a_live_event_overtakes_a_backlog_of_20_000(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([leaf(seq) for seq in range(20_000)], broker)
    until(lambda: len(office.on("count.scanned")) > 100, "the backlog moves")
    station.commit(leaf(20_000, "door.forced"))
    until(lambda: office.on("door.forced"), "the alarm arrived")
    overtaken = 20_000 - [each.topic[-11:] for each in office.on("/event/")].index("door.forced")
    assert overtaken > 5_000


def test_stop_drains_says_stopped_and_keeps_the_will_back(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([leaf(seq) for seq in range(500)], broker)
    until(lambda: station.relay.is_up, "up")
    station.journal.append(leaf(500, "station.stopped"))
    assert station.relay.stop(10)
    until(lambda: office.newest("/state") == b'{"state":"stopped"}', "said so")
    assert len(office.on("/event/")) == 501
    assert station.relay.sent == 500
    assert b"lost" not in b"".join(each.payload for each in office.on("/state"))
    assert station.links == [True, False]


def test_stop_does_not_wait_for_a_broker_that_is_not_there(broker: Broker, make_station: StationMaker) -> None:
    broker.kill()
    station = make_station([leaf(0)], broker, connect_pauses_s=(300.0,))
    until(lambda: "refused" in station.relay.reason, "tried")
    assert station.relay.stop(30)
    assert station.relay.sent == -1


def test_a_wake_after_the_end_is_harmless(broker: Broker, make_station: StationMaker) -> None:
    station = make_station([], broker)
    assert station.relay.stop(1)
    station.relay.wake()
    station.relay.wake()


def test_leaves_in_the_form_of_the_contract_are_json(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    make_station([leaf(0)], broker)
    until(lambda: office.on("/event/"), "arrived")
    assert json.loads(office.on("/event/")[0].payload)["specversion"] == "1.0"
