"""From the bytes of a document to its struct, or to every fault; and that the quick way agrees with the slow one."""

import json
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from station.domain.documents.checking import Checker, RefusedError
from station.domain.documents.faults import DocumentFaults, Fault, Place
from station.domain.documents.fields import (
    Ask,
    Characters,
    Described,
    Hidden,
    Length,
    OneOf,
    Range,
    Table,
    Text,
    Unique,
)
from station.domain.documents.json_files import is_deeper, read_document, read_stored
from station.domain.documents.judging import is_right
from station.domain.documents.spelling import JSON, shown
from station.domain.documents.trees import tree_of
from station.domain.documents.values import DayIfAny, Moment, MomentIfAny, Quantity


class Line(Table, frozen=True):
    """An object in a list."""

    tag: Annotated[str, Text("[A-Z]", "a capital"), Unique("tag")]
    quantity: Quantity = ""
    day: DayIfAny = ""
    secret: Annotated[str, Hidden(), Text("[a-z]", "a letter")] = "a"
    hold: bool = False


class Ticket(Table, frozen=True, kw_only=True):
    """A document with a field of every sort that documents have."""

    ticket: Annotated[str, Characters(1, 8, printable=True)]
    at: Moment
    until: MomentIfAny = ""
    kind: Annotated[str, OneOf(("sale", "void"))] = "sale"
    version: Annotated[int, Range(1, 9)] = 1
    site: Annotated[str, Ask(lambda text: "must be x" if text != "x" else None, "x")] = "x"
    note: Annotated[str, Characters(0, 3)] | None = None
    about: Annotated[dict[str, Any], Described("an object of anything")] = msgspec.field(default_factory=dict)
    way: Literal["in", "out"] = "in"
    lines: Annotated[tuple[Line, ...], Length(1, 3, "lines", "split it")]


class Bare(Table, frozen=True):
    """No secret stands in it."""

    words: tuple[str, ...] = ()


GOOD: dict[str, Any] = {"ticket": "T-1", "at": "2026-11-23T14:00:00Z", "lines": [{"tag": "A"}]}


def faults_of(found: object, wanted: type[Table] = Ticket) -> list[str]:
    with pytest.raises(DocumentFaults) as caught:
        read_document(json.dumps(found).encode(), wanted, "ticket")
    return caught.value.faults


def test_what_is_right_becomes_its_struct_and_unknown_keys_are_left_alone() -> None:
    raw = json.dumps({**GOOD, "more": {"x": [1]}, "note": None, "about": {"a": [1]}}).encode()
    assert read_document(raw, Ticket, "ticket") == Ticket(
        ticket="T-1", at="2026-11-23T14:00:00Z", about={"a": [1]}, lines=(Line("A"),)
    )


def test_every_fault_is_said_at_once_where_it_is() -> None:
    lines = [{"tag": "A", "quantity": 25, "day": "soon"}, {"tag": "A"}, {"tag": "b", "hold": 1}]
    found = {"at": "", "until": "noon", "kind": "viod", "version": 10, "note": "long", "way": "on", "lines": lines}
    assert faults_of({**found, "about": [], "site": "y"}) == [
        "ticket: missing; must be 1 to 8 printable characters",
        'at = "": must be a moment such as 2026-11-23T14:00:00Z',
        'until = "noon": must be a moment such as 2026-11-23T14:00:00Z',
        'kind = "viod": must be one of sale, void; did you mean "void"?',
        "version = 10: must be 1..9",
        'site = "y": must be x',
        'note = "long": must be a text of at most 3 characters',
        "about = []: must be an object of anything",
        'way = "on": must be "in" or "out"',
        'lines[0].quantity = 25: must be a decimal in quotes, such as "25" or "3.5"',
        'lines[0].day = "soon": must be a day such as 2027-03-01',
        'lines[1].tag = "A": is taken by lines[0].tag; no tag may stand twice',
        'lines[2].tag = "b": must be a capital',
        "lines[2].hold = 1: must be true or false",
    ]


def test_a_list_is_counted_before_its_items_are_looked_at() -> None:
    assert faults_of({**GOOD, "lines": [7] * 4}) == ["lines: 4 stand here; must be 1 to 3; split it"]
    assert faults_of({**GOOD, "lines": []}) == ["lines: 0 stand here; must be 1 to 3; split it"]


@pytest.mark.parametrize("value", ["S3CRET", 7, ["S3CRET"], {"S3CRET": 1}, None])
def test_a_secret_is_never_shown(value: object) -> None:
    assert faults_of({**GOOD, "lines": [{"tag": "A", "secret": value}]}) == ["lines[0].secret: must be a letter"]


def test_what_stands_in_the_place_of_an_object_with_secrets_is_not_shown_either() -> None:
    assert faults_of({**GOOD, "lines": ["S3CRET"]}) == ["lines[0]: must be an object with tag"]
    assert faults_of({**GOOD, "lines": "S3CRET"}) == ["lines: must be a list of 1 to 3 lines"]
    assert faults_of(["S3CRET"]) == ["ticket: must be one JSON object; export it again"]
    assert faults_of(["word"], Bare) == ['ticket = ["word"]: must be one JSON object; export it again']
    assert faults_of({"words": "word"}, Bare) == ['words = "word": must be a list, each a text in quotes']


def test_a_byte_order_mark_is_skipped() -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(GOOD).encode()
    assert read_document(raw, Ticket, "ticket") == read_stored(raw, Ticket)


def test_a_document_is_counted_and_its_depth_known_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(msgspec.json, "decode", lambda _: pytest.fail("it was decoded"))
    with pytest.raises(DocumentFaults, match=r"^ticket: 9 bytes; must be at most 8; split it$"):
        read_document(b" " * 9, Ticket, "ticket", bytes_max=8)
    with pytest.raises(DocumentFaults, match=r"^ticket: brackets stand in brackets; must be at most 16 deep; "):
        read_document(b'{"a":' * 17 + b"1" + b"}" * 17, Ticket, "ticket")


def test_sixteen_levels_are_read_and_seventeen_are_not() -> None:
    assert read_document(json.dumps({**GOOD, "more": _nested(15)}).encode(), Ticket, "ticket").ticket == "T-1"
    assert len(faults_of({**GOOD, "more": _nested(16)})) == 1


def _nested(depth: int) -> object:
    return [_nested(depth - 1)] if depth else 1


def _depth(value: object) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


TEXTS = st.text(st.sampled_from('[]{}"\\ab'), max_size=6)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(JSON_VALUES)
@example(['"[', "\\", '\\"[', ["]"]])
def test_the_depth_of_a_text_is_that_of_its_value(value: object) -> None:
    raw, depth = json.dumps(value).encode(), _depth(value)
    assert not is_deeper(raw, depth)
    assert depth == 0 or is_deeper(raw, depth - 1)


@given(st.binary(max_size=200))
def test_any_bytes_give_faults_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(DocumentFaults):
        read_document(raw, Ticket, "ticket")


WRONG: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-1, 10) | st.text(max_size=9) | st.just([]) | st.just({})
)
LINES = st.fixed_dictionaries(
    {"tag": st.sampled_from("ABCDa") | WRONG},
    optional={
        "quantity": st.sampled_from(["", "1", "2.5"]) | WRONG,
        "day": st.sampled_from(["", "2027-02-28", "2027-02-29"]) | WRONG,
        "secret": st.sampled_from("aA") | WRONG,
        "hold": st.booleans() | WRONG,
        "unknown": WRONG,
    },
)
TICKETS = st.fixed_dictionaries(
    {
        "ticket": st.sampled_from(["T", "T\n"]) | WRONG,
        "at": st.sampled_from(["2026-11-23T14:00:00Z", "2026-11-23T14:00:00"]) | WRONG,
        "lines": st.lists(LINES, max_size=4) | st.lists(st.just({"tag": "A"}), max_size=2) | WRONG,
    },
    optional={
        "until": st.sampled_from(["", "2026-11-23T14:00:00+01:00"]) | WRONG,
        "kind": st.sampled_from(["sale", "void"]) | WRONG,
        "version": WRONG,
        "site": st.just("x") | WRONG,
        "note": WRONG,
        "about": WRONG,
        "way": st.sampled_from(["in", "out"]) | WRONG,
    },
)


@given(TICKETS)
@example(GOOD)
@example({**GOOD, "lines": [{"tag": "A"}, {"tag": "A"}]})
@example({**GOOD, "lines": [{"tag": "A", "quantity": ""}]})
@example({**GOOD, "lines": [{"quantity": "1"}]})
@example({"ticket": "T-1", "lines": [{"tag": "A"}]})
def test_the_quick_judge_and_the_checker_agree(found: dict[str, Any]) -> None:
    faults: list[Fault] = []
    try:
        made = Checker(faults, JSON).value(tree_of(found, "", 16), Ticket, Place())
    except RefusedError:
        made = None
    assert is_right(found, Ticket) == (not faults) == (made is not None)
    if made is not None:
        assert made == msgspec.convert(found, Ticket)


def test_what_is_shown_stays_on_its_line() -> None:
    assert shown("a\u2028b\x85\u202e") == '"a\\u2028b\\u0085\\u202e"'
