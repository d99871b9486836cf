"""A plan file: what is taken, and every fault of it at once in full."""

import hashlib
import json
from typing import Any

import pytest

from station.domain.core.effects import Reply
from station.domain.count.inputs import PlanOffered
from station.domain.count.plan import PACKAGES_MAX, Plan, parse
from station.domain.documents.faults import DocumentFaults
from station.domain.documents.spelling import shown
from station.domain.station.decide import decide
from station.domain.station.state import INITIAL
from tests.domain.play import plan_bytes, play
from tests.domain.tags import tag

CONTRACTS_EXAMPLE = b"""
{"plan": "P-2026-11-23-A", "version": 1, "kind": "guided", "location": "Vault A", "made_at": "2026-11-23T14:00:00Z",
 "not_after": "2026-11-24T14:00:00Z",
 "books": {"pos": {"as_of": "2026-11-23T13:55:00Z"}, "metrc": {"as_of": "2026-11-23T13:50:00Z"}}, "packages": [
  {"tag": "1A4060300000001000012345", "item": "Live Resin 1 g", "category": "Concentrate", "unit": "ea", "pos": "25",
   "metrc": "25", "location": "Vault A", "batch": "B-77", "expires": "2027-03-01", "hold": false, "recall": false}]}
"""


def faults_of(raw: bytes) -> list[str]:
    with pytest.raises(DocumentFaults) as caught:
        parse(raw)
    assert str(caught.value) == "\n".join(caught.value.faults)
    return caught.value.faults


def with_head(**head: Any) -> bytes:
    return json.dumps(json.loads(plan_bytes("P-1", 1, "A")) | head).encode()


def with_package(**package: Any) -> bytes:
    return with_head(packages=[{"tag": tag("A"), "item": "Item"} | package])


# -- what is taken --


def test_the_documented_example_is_taken_whole() -> None:
    plan = parse(CONTRACTS_EXAMPLE)
    assert (plan.plan, plan.version, plan.kind, plan.not_after) == (
        "P-2026-11-23-A",
        1,
        "guided",
        "2026-11-24T14:00:00Z",
    )
    package = plan.by_tag["1A4060300000001000012345"]
    assert (package.item, package.pos, package.metrc, package.expires) == ("Live Resin 1 g", "25", "25", "2027-03-01")


def test_what_may_be_left_out_has_its_default_and_unknown_fields_are_left_alone() -> None:
    plan = parse(with_package(thc="81.2"))
    assert (plan.packages[0].unit, plan.packages[0].pos, plan.packages[0].hold) == ("ea", "", False)


def test_fifty_thousand_packages_are_taken() -> None:
    packages = [{"tag": f"1A4{number:021d}", "item": "Item", "pos": "25"} for number in range(PACKAGES_MAX)]
    plan = parse(with_head(packages=packages))
    assert len(plan.by_tag) == PACKAGES_MAX
    more = with_head(packages=[*packages, {"tag": tag("A"), "item": "Item"}])
    assert faults_of(more) == ["packages: 50001 stand here; must be 1 to 50000; split the plan by location"]


# -- what is refused --


def test_every_fault_is_said_at_once() -> None:
    raw = b"""
        {"plan": "", "version": 0, "kind": "blind", "made_at": "yesterday", "not_after": "2026-11-24T14:00:00",
         "books": [], "packages": [
          {"tag": "1A406030000000100001234", "item": "", "pos": 25, "metrc": "1e3", "unit": "", "hold": "no",
           "recall": null},
          7,
          {"tag": "1A4060300000001000012345", "item": "Gum", "location": 5, "category": [], "batch": {},
           "expires": "soon"},
          {"item": "Cart"},
          {"tag": "1A4060300000001000012345", "item": "Gum again"}]}
    """
    assert faults_of(raw) == [
        'plan = "": must be 1 to 64 printable characters',
        "version = 0: must be 1..9007199254740991",
        'kind = "blind": must be one of guided',
        "location: missing; must be 1 to 64 printable characters",
        'made_at = "yesterday": must be a moment such as 2026-11-23T14:00:00Z',
        'not_after = "2026-11-24T14:00:00": must be a moment such as 2026-11-23T14:00:00Z',
        "books = []: must be an object with a book's name for each",
        'packages[0].tag = "1A406030000000100001234": must be 24 characters of 0-9 and A-Z',
        'packages[0].item = "": must be a text of 1 to 200 characters',
        'packages[0].unit = "": must be 1 to 16 printable characters',
        'packages[0].pos = 25: must be a decimal in quotes, such as "25" or "3.5"',
        'packages[0].metrc = "1e3": must be a decimal in quotes, such as "25" or "3.5"',
        'packages[0].hold = "no": must be true or false',
        "packages[0].recall = null: must be true or false",
        "packages[1] = 7: must be an object with tag and item",
        "packages[2].location = 5: must be a text of at most 64 characters",
        "packages[2].category = []: must be a text of at most 64 characters",
        "packages[2].batch = {}: must be a text of at most 64 characters",
        'packages[2].expires = "soon": must be a day such as 2027-03-01',
        "packages[3].tag: missing; must be 24 characters of 0-9 and A-Z",
        'packages[4].tag = "1A4060300000001000012345": is taken by packages[2].tag; no tag may stand twice',
    ]


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "plan: Input data was truncated; must be one JSON object in UTF-8; export it again"),
        (b"[1]", "plan = [1]: must be one JSON object; export it again"),
        (with_head(packages={}), "packages = {}: must be a list of 1 to 50000 packages"),
        (with_head(packages=None), "packages = null: must be a list of 1 to 50000 packages"),
        (with_head(packages=[]), "packages: 0 stand here; must be 1 to 50000; split the plan by location"),
        (with_head(plan="x" * 65), f'plan = "{"x" * 59}...: must be 1 to 64 printable characters'),
        (with_head(plan="a\nb"), 'plan = "a\\nb": must be 1 to 64 printable characters'),
        (with_head(version=True), "version = true: must be a whole number 1..9007199254740991"),
        (with_head(version=2**53), f"version = {2**53}: must be 1..9007199254740991"),
        (with_head(version="1"), 'version = "1": must be a whole number 1..9007199254740991'),
        (with_package(unit="g" * 17), f'packages[0].unit = "{"g" * 17}": must be 1 to 16 printable characters'),
    ],
)
def test_one_fault_is_said_in_full(raw: bytes, fault: str) -> None:
    assert faults_of(raw) == [fault]


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe", b'{"plan": 1e999}', b"[" * 100_000, b'{"a":' * 100_000, b'{"plan": "\\ud800"}']
)
def test_no_bytes_make_it_raise_anything_else(raw: bytes) -> None:
    assert len(faults_of(raw)) == 1


def test_a_value_of_any_depth_can_be_shown() -> None:
    value: list[Any] = []
    for _ in range(10_000):
        value = [value]
    assert shown(value) == "brackets in brackets"


@pytest.mark.parametrize("expires", ["20270301", "2027-W09-1", "2027-02-29", "2027-3-1", 20270301, None])
def test_a_day_has_one_spelling(expires: object) -> None:
    [fault] = faults_of(with_package(expires=expires))
    assert fault.endswith(": must be a day such as 2027-03-01")


@pytest.mark.parametrize("quantity", ["25", "3.5", "-1", "0", "999999999999.999999"])
def test_a_quantity_is_a_decimal_in_quotes(quantity: str) -> None:
    assert parse(with_package(pos=quantity)).packages[0].pos == quantity


@pytest.mark.parametrize(
    "quantity", ["", " 1", "1.", ".5", "1,5", "NaN", "1_0", "٣", "1.1234567", "1234567890123", 3.5]
)
def test_no_other_quantity_is_taken(quantity: object) -> None:
    assert len(faults_of(with_package(metrc=quantity))) == 1


# -- loading --


def offer(raw: bytes) -> PlanOffered:
    return PlanOffered(1, parse(raw), raw, "uid 0", 7)


def test_a_plan_is_recorded_by_the_hash_of_its_bytes_and_the_caller_is_told() -> None:
    raw = plan_bytes("P-1", 2, "AB")
    decision = decide(INITIAL, offer(raw))
    assert decision.effects == (Reply(7, "plan P-1 version 2: 2 packages"),)
    assert decision.document is not None
    assert (decision.document.sha256, decision.document.raw) == (hashlib.sha256(raw).hexdigest(), raw)
    player = play("1.0 plan P-1 2 AB -> plan.loaded plan=P-1 version=2 packages=2 | reply")
    assert player.station.plan_document == decision.document.sha256


def test_of_the_loaded_plan_only_a_higher_version_is_taken() -> None:
    play("""
        1.0 plan P-1 2 A -> plan.loaded version=2 | reply
            plan P-1 2 A -> nothing | error
            plan P-1 1 A -> nothing | error
            plan P-1 3 A -> plan.loaded version=3 | reply
            plan P-2 1 A -> plan.loaded plan=P-2 version=1 | reply
    """)


def test_the_refusal_of_a_version_says_what_is_loaded_and_what_to_do() -> None:
    station = play("1.0 plan P-1 2 A -> plan.loaded | reply").station
    [reply] = decide(station, offer(plan_bytes("P-1", 2, "A"))).effects
    text = "plan P-1 version = 2: must be above 2, which is loaded; export it again"
    assert reply == Reply(7, "", text)


def test_a_plan_that_was_not_taken_leaves_no_document() -> None:
    station = play("1.0 plan P-1 2 A -> plan.loaded | reply").station
    assert decide(station, offer(plan_bytes("P-1", 2, "A"))).document is None


def test_the_index_of_a_plan_is_made_once() -> None:
    plan: Plan = parse(plan_bytes("P-1", 1, "AB"))
    assert plan.by_tag is plan.by_tag
    assert set(plan.by_tag) == {tag("A"), tag("B")}
