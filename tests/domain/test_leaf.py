"""The bytes of an event: held for ever, readable for ever, and CloudEvents 1.0."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from station.domain.count.events import CountScanned
from station.domain.lifecycle.events import StationStopped
from station.domain.session.events import ScanRefused
from station.domain.station.duties import EVENTS
from station.domain.station.leaf import LEAF_BYTES_MAX, LeafFault, Unknown, decode, encode, rfc3339, wall_ms_of
from station.domain.station.state import INITIAL, evolve
from tests.domain.golden import with_new_leaves
from tests.domain.samples import SAMPLES, recorded
from tests.domain.stamping import EPOCH, SOURCE

GOLDEN: dict[str, str] = json.loads(Path(__file__).with_name("golden_leaves.json").read_text())
LEAF = encode(recorded(StationStopped("sigterm")), SOURCE, EPOCH)


def changed(**attributes: Any) -> bytes:
    """A leaf with some attributes set otherwise; None takes one away."""
    leaf = json.loads(LEAF) | attributes
    return json.dumps({name: value for name, value in leaf.items() if value is not None}).encode()


# -- held bytes --


def test_each_event_type_has_a_sample_and_a_golden_leaf() -> None:
    assert {sample.TYPE for sample in SAMPLES} == set(EVENTS) == set(GOLDEN)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.TYPE)
def test_an_event_is_written_as_its_golden_leaf(sample: Any) -> None:
    assert encode(recorded(sample), SOURCE, EPOCH).decode() == GOLDEN[sample.TYPE]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.TYPE)
def test_a_golden_leaf_is_read_as_its_event(sample: Any) -> None:
    assert decode(GOLDEN[sample.TYPE].encode()) == recorded(sample)


def test_a_golden_leaf_is_written_once_and_never_again() -> None:
    found = with_new_leaves(
        {"moved": "{}", "station.stopped": "as it was"}, [StationStopped("x"), ScanRefused("a", "b")]
    )
    assert list(found) == ["moved", "station.stopped", "scan.refused"]
    assert found["station.stopped"] == "as it was"
    assert decode(found["scan.refused"].encode()) == recorded(ScanRefused("a", "b"))


# -- CloudEvents 1.0 --


@pytest.mark.parametrize("text", GOLDEN.values(), ids=GOLDEN)
def test_a_leaf_is_a_cloudevents_object(text: str) -> None:
    leaf = json.loads(text)
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in leaf)
    assert all(isinstance(value, str) and value for name, value in leaf.items() if name != "data")
    assert isinstance(leaf["data"], dict)
    assert leaf["specversion"] == "1.0"
    assert leaf["source"] == SOURCE
    assert leaf["id"] == f"{EPOCH}-42"
    assert leaf["sequence"] == "000000000042"
    assert leaf["time"] == "2026-11-23T14:04:05.123Z"
    assert leaf["monotonicms"] == "86400001"
    assert leaf["dataschema"] == f"urn:custody-station:{leaf['type']}:1"
    assert (leaf["epoch"], leaf["boot"], leaf["clock"]) == (EPOCH, "0a1b2c3d", "synced")


def test_the_subject_is_the_tag_else_the_session_else_the_device_or_plan_else_none() -> None:
    subjects = {event_type: json.loads(text).get("subject", "") for event_type, text in GOLDEN.items()}
    assert subjects["count.scanned"] == subjects["count.undone"] == "1A4060300000001000012345"
    assert subjects["count.closed"] == subjects["count.located"] == "C000001"
    assert (subjects["source.lost"], subjects["plan.loaded"]) == ("gun", "P-2026-11-23-A")
    assert "subject" not in json.loads(GOLDEN["station.stopped"])


def test_sequences_sort_as_text() -> None:
    leaves = [encode(recorded(StationStopped("x"), seq), SOURCE, EPOCH) for seq in (0, 9, 10, 99_999, 10**11)]
    sequences = [json.loads(leaf)["sequence"] for leaf in leaves]
    assert sequences == sorted(sequences)


def test_names_of_any_script_are_written_as_utf_8() -> None:
    leaf = encode(recorded(CountScanned("C1", "A" * 24, "gun", "金庫")), SOURCE, EPOCH)
    assert "金庫".encode() in leaf


def test_the_largest_events_stay_far_below_the_limit() -> None:
    located = CountScanned("C000001", "A" * 24, "g" * 64, "\U0001f512" * 60, 2**31 - 1)
    refused = ScanRefused("g" * 64, "control_characters", "\\" * 40, 10**9)
    assert max(len(encode(recorded(event), SOURCE, EPOCH)) for event in (located, refused)) < LEAF_BYTES_MAX // 16


# -- moments --


@given(st.integers(0, 253_402_300_799_999))
def test_a_moment_is_the_same_millisecond_again(wall_ms: int) -> None:
    assert wall_ms_of(rfc3339(wall_ms)) == wall_ms


@pytest.mark.parametrize(
    ("wall_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1_709_164_800_999, "2024-02-29T00:00:00.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_moment_is_rfc_3339_in_utc_with_milliseconds(wall_ms: int, text: str) -> None:
    assert rfc3339(wall_ms) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-23",
        "2026-11-23T14:04:05Z",
        "2026-11-23T14:04:05.123",
        "2026-11-23T14:04:05.123+00:00",
        "2026-02-29T14:04:05.123Z",
        "2026-11-23 14:04:05.123Z",
        "٢026-11-23T14:04:05.123Z",
    ],
)
def test_no_other_text_is_a_moment(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of any text
        wall_ms_of(text)


# -- leaves of other releases --


def test_an_unknown_type_is_kept_and_changes_the_position_only() -> None:
    found = decode(changed(type="count.weighed", data={"net_grams": "3.5"}))
    assert found.event == Unknown()
    state = evolve(INITIAL, found)
    expected = replace(
        INITIAL, seq=42, at=86_400_001, wall_ms=1_795_442_645_123, boot="0a1b2c3d", proven_ms=1_795_442_645_123
    )
    assert state == replace(expected, newest=Unknown())


def test_unknown_fields_and_attributes_are_ignored() -> None:
    leaf = changed(data={"reason": "sigterm", "who": "ana"}, traceparent="00-1", datacontenttype="application/json")
    assert decode(leaf) == recorded(StationStopped("sigterm"))


def test_a_field_that_a_release_added_has_its_default_in_older_leaves() -> None:
    leaf = changed(type="scan.refused", data={"scanner": "gun", "reason": "empty"})
    assert decode(leaf).event == ScanRefused("gun", "empty", "", 1)


# -- what is no leaf --


@pytest.mark.parametrize(
    "garbage",
    [b"", b"{}", b"null", b"[]", b"\xff", b"[" * 100_000, LEAF[:-1], LEAF + b"x", LEAF.replace(b"1.0", b"1\xff0", 1)],
)
def test_garbage_is_a_leaf_fault_that_says_so(garbage: bytes) -> None:
    with pytest.raises(LeafFault, match=r"^leaf: .*; must be a CloudEvents object of this station$"):
        decode(garbage)


def test_a_leaf_of_brackets_without_end_is_a_leaf_fault() -> None:
    with pytest.raises(LeafFault):
        decode(LEAF.replace(b'"sigterm"', b"[" * 100_000))


BAD_ATTRIBUTES: dict[str, tuple[Any, ...]] = {
    "sequence": (None, "", "x", "-1", "1_0", " 1", "٣", "9" * 19, 42),
    "monotonicms": (None, "", "1.5", 7),
    "time": (None, "", "2026-11-23", 0),
    "type": (None, 5),
    "data": (None, {}, [], "x", {"reason": 5}),
    "epoch": (None, 1),
    "boot": (None, 1),
    "clock": (None, 1),
    "specversion": (None, 1),
}


@pytest.mark.parametrize(("name", "value"), [(name, bad) for name, values in BAD_ATTRIBUTES.items() for bad in values])
def test_an_attribute_that_is_missing_or_of_another_form_is_a_leaf_fault(name: str, value: Any) -> None:
    with pytest.raises(LeafFault):
        decode(changed(**{name: value}))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_leaf_fault(raw: bytes) -> None:
    with pytest.raises(LeafFault):
        decode(raw)


@given(st.integers(0, len(LEAF) - 1), st.integers(0, 255))
def test_a_leaf_with_one_byte_changed_is_read_or_is_a_fault(at: int, byte: int) -> None:
    try:
        decode(LEAF[:at] + bytes([byte]) + LEAF[at + 1 :])
    except LeafFault:
        return
