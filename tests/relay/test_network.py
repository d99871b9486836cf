"""Networks that cut, freeze, refuse or fall silent, through a proxy before a real broker."""

import contextlib
import json
import socket
import time
from collections.abc import Callable
from types import SimpleNamespace

from tests.brokers import Broker, Proxy, Subscriber, free_port, until
from tests.relay.world import Arrivals, StationMaker, leaf, seq_of

CONNACK = b"\x20\x03\x00\x00\x00"
PINGRESP = b"\xd0\x00"

Subscribe = Callable[..., Subscriber]


def test_cuts_in_the_middle_lose_nothing(
    broker: Broker, proxy: Proxy, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    leaves = [leaf(seq, filler="x" * 400) for seq in range(3_000)]
    station = make_station(leaves, proxy)
    for share in (0.2, 0.4, 0.6):
        until(lambda share=share: station.relay.sent > 3_000 * share, "under way")  # type: ignore[misc]
        proxy.cut()
        until(lambda: not station.relay.is_up, "noticed")
    until(lambda: station.relay.sent == 2_999, "all sent")
    arrivals = Arrivals(office)
    until(lambda: arrivals.seqs() == set(range(3_000)), "whole")
    assert all(each.payload == leaves[seq_of(each.payload)] for each in office.on("/event/"))
    assert proxy.connections >= 4


def test_a_frozen_network_is_noticed_and_the_rest_arrives_after_it(
    broker: Broker, proxy: Proxy, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([leaf(seq) for seq in range(100)], proxy, keepalive_s=1)
    until(lambda: station.relay.sent == 99, "under way")
    proxy.freeze()
    station.commit(leaf(100))
    until(lambda: not station.relay.is_up, "noticed", 6)
    assert "no PUBACK within 2 s" in station.relay.reason or "Keep alive" in station.relay.reason
    proxy.thaw()
    until(lambda: station.relay.sent == 100, "the rest")
    until(lambda: office.on("/event/")[-1].payload == leaf(100), "arrived")


def test_an_idle_frozen_link_is_noticed_by_its_keepalive(
    broker: Broker, proxy: Proxy, make_station: StationMaker
) -> None:
    station = make_station([], proxy, keepalive_s=1)
    until(lambda: station.relay.is_up, "up")
    until(lambda: proxy.bytes_up > 0, "flowing")
    proxy.freeze()
    until(lambda: not station.relay.is_up, "noticed", 6)
    assert broker.host in station.relay.reason


def test_a_host_that_accepts_and_says_nothing_does_not_hold_the_thread(make_station: StationMaker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = SimpleNamespace(host="127.0.0.1", port=silent.getsockname()[1])
        station = make_station([leaf(0)], host, connect_timeout_s=0.2)
        until(lambda: "no CONNACK within 0.2 s" in station.relay.reason, "given up")
        assert station.links == []


def test_a_host_that_talks_no_mqtt_is_given_up_with_a_reason(make_station: StationMaker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as strange:
        host = SimpleNamespace(host="127.0.0.1", port=strange.getsockname()[1])
        station = make_station([leaf(0)], host, connect_timeout_s=5.0)
        peer, _ = strange.accept()
        with peer:
            peer.sendall(b"\x20\xff\xff\xff\xff\xffHTTP/1.1 400 Bad Request\r\n\r\n")
            until(lambda: station.relay.reason.startswith("[broker] 127.0.0.1"), "given up")
        assert station.relay.is_alive()


def test_a_broker_that_answers_pings_but_no_publish_is_given_up(make_station: StationMaker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as strange:
        host = SimpleNamespace(host="127.0.0.1", port=strange.getsockname()[1])
        station = make_station([leaf(0)], host, keepalive_s=1, connect_pauses_s=(300.0,))
        peer, _ = strange.accept()
        with peer:
            peer.settimeout(0.1)
            peer.sendall(CONNACK)

            def keeps_answering_pings() -> bool:
                with contextlib.suppress(OSError):
                    peer.sendall(PINGRESP)
                with contextlib.suppress(OSError):
                    peer.recv(65536)
                return "no PUBACK within 2 s" in station.relay.reason

            until(keeps_answering_pings, "given up")
        until(lambda: station.links == [True, False], "told")


def test_a_broker_that_is_not_there_is_tried_with_growing_pauses_until_it_is(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    port = free_port()
    station = make_station([leaf(0)], SimpleNamespace(host="127.0.0.1", port=port), connect_pauses_s=(0.01, 0.2))
    until(lambda: "refused" in station.relay.reason, "tried")
    assert "look at the network" in station.relay.reason
    office = subscribe(broker)
    late = Proxy(broker.port, port)
    until(lambda: office.on("/event/"), "arrived")
    late.close()


def test_a_second_client_of_the_same_name_is_named_as_a_cause(broker: Broker, make_station: StationMaker) -> None:
    first = make_station([], broker, connect_pauses_s=(300.0,))
    until(lambda: first.relay.is_up, "the first is up")
    second = make_station([], broker)
    # mosquitto says "Session taken over" from 2.0.12 on; before, it only closes the connection.
    causes = ("another client of this name", "two stations use one name")
    until(lambda: any(cause in first.relay.reason for cause in causes), "told")
    until(lambda: second.relay.is_up, "the second is up")


def test_a_journal_that_cannot_be_read_keeps_the_link_and_its_alerts(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([], broker)
    until(lambda: office.on("/state"), "up")
    station.journal.fault = OSError("I/O error")
    station.commit(leaf(0))
    station.faults = {"storage-failed/journal": {"cure": "change the card"}}
    until(lambda: office.on("/alert/storage-failed/journal"), "the alert came through")
    assert office.on("/event/") == []
    station.journal.fault = None
    until(lambda: office.on("/event/"), "and the leaf when the disk was well again")
    assert station.links == [True]


def test_stop_is_bounded_while_the_network_is_frozen(broker: Broker, proxy: Proxy, make_station: StationMaker) -> None:
    station = make_station([], proxy)
    until(lambda: station.relay.is_up, "up")
    proxy.freeze()
    station.commit(*(leaf(seq) for seq in range(10)))
    began = time.monotonic()
    assert station.relay.stop(0.3)
    assert time.monotonic() - began < 10, f"{broker.host} held the station"


def test_the_reason_and_sent_read_well_before_anything_happened(make_station: StationMaker) -> None:
    host = SimpleNamespace(host="no-such-host.invalid", port=1)
    station = make_station([], host, connect_pauses_s=(300.0,))
    until(lambda: "no-such-host.invalid:1: " in station.relay.reason, "tried")
    assert json.dumps(station.relay.reason)
    assert station.relay.sent == -1
