"""Leaves that a real broker will not have: by access, by size, by breaking the connection."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from station.relay.outgoing import LEAF_TYPE, packet_bytes
from tests.brokers import Broker, Subscriber, until
from tests.relay.world import BASE, EPOCH, StationMaker, leaf, seq_of

Subscribe = Callable[..., Subscriber]
MakeBroker = Callable[..., Broker]


def withheld(office: Subscriber) -> list[int]:
    return sorted({json.loads(each.payload)["seq"] for each in office.on("/withheld")})


def test_an_event_type_that_the_acl_refuses_blocks_only_itself(
    make_broker: MakeBroker, subscribe: Subscribe, make_station: StationMaker, tmp_path: Path
) -> None:
    acl = tmp_path / "acl"
    rights = [f"topic write {BASE}/{each}" for each in ("state", "alert/#", "withheld", "event/count.scanned")]
    acl.write_text("\n".join(["topic read custody/v1/#", *rights]))
    broker = make_broker(f"allow_anonymous true\nacl_file {acl}")
    office = subscribe(broker)
    leaves = [leaf(seq, "door.forced" if seq % 10 == 3 else "count.scanned") for seq in range(100)]
    station = make_station(leaves, broker)
    until(lambda: station.relay.sent == 99, "past the refused ones")
    until(lambda: withheld(office) == list(range(3, 100, 10)), "their hashes went")
    until(lambda: len(office.on("/event/")) == 90, "the others arrived")
    until(lambda: station.reports[-1:] == [(99, 10)], "told")
    message = json.loads(office.on("/withheld")[0].payload)
    assert message == {"epoch": EPOCH, "seq": 3, "hash": hashlib.sha256(b"\0" + leaves[3]).hexdigest()}
    until(lambda: office.newest("/alert/leaf-refused/door.forced"), "an alert")
    alert = json.loads(office.newest("/alert/leaf-refused/door.forced") or b"")
    assert alert["reason"] == 135
    assert "acl_file" in alert["cure"]


def test_a_leaf_above_the_broker_s_packet_limit_is_never_sent(
    make_broker: MakeBroker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    topic = f"{BASE}/event/count.scanned"
    fitting = leaf(1, filler="x" * 700)
    broker = make_broker(f"allow_anonymous true\nmax_packet_size {packet_bytes(topic, fitting, LEAF_TYPE)}")
    office = subscribe(broker)
    station = make_station([leaf(0), fitting, leaf(2, filler="x" * 701), leaf(3)], broker)
    until(lambda: station.relay.sent == 3, "past it")
    until(lambda: [seq_of(each.payload) for each in office.on("/event/")] == [0, 1, 3], "to the last byte allowed")
    until(lambda: withheld(office) == [2], "its hash went")
    until(lambda: office.newest("/alert/leaf-oversized/count.scanned"), "an alert")
    assert station.links == [True]
    assert "too large" not in broker.log.casefold()


def test_a_leaf_that_breaks_each_connection_is_found_and_withheld(
    make_broker: MakeBroker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    """`message_size_limit` is not announced, and its PUBACK is none that MQTT 5 knows."""
    broker = make_broker("allow_anonymous true\nmessage_size_limit 600")
    office = subscribe(broker)
    station = make_station([leaf(seq, filler="x" * 900 * (seq == 40)) for seq in range(80)], broker)
    until(lambda: station.relay.sent == 79, "past the poison")
    until(lambda: withheld(office) == [40], "only that one")
    others = set(range(80)) - {40}
    until(lambda: {seq_of(each.payload) for each in office.on("/event/")} == others, "the others arrived")
    assert station.links == [True, False] * 3 + [True]


def test_bytes_that_are_no_leaf_go_as_their_hash(
    broker: Broker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    office = subscribe(broker)
    station = make_station([b"\xff{", b'{"type":"a/b"}', b'{"type":"#"}', b'{"type":7}', leaf(4)], broker)
    until(lambda: station.relay.sent == 4, "past them")
    until(lambda: withheld(office) == [0, 1, 2, 3], "their hashes went")
    until(lambda: office.on("/alert/leaf-unreadable/"), "an alert")


def test_publications_larger_than_the_broker_takes_are_left_out(
    make_broker: MakeBroker, subscribe: Subscribe, make_station: StationMaker
) -> None:
    broker = make_broker("allow_anonymous true\nmax_packet_size 600")
    office = subscribe(broker)
    station = make_station([], broker)
    station.faults = {"large/one": {"cure": "x" * 600}, "small/one": {"cure": "y"}}
    until(lambda: office.on("/alert/small/one"), "the small one")
    station.commit(leaf(0))
    until(lambda: office.on("/event/"), "and leaves")
    assert office.on("/alert/large/one") == []
    assert station.links == [True]
