"""The checker on small structs of its own: a new kind of driver is one struct and its name in a union."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
import pytest

from station.domain.documents.checking import Checker, RefusedError, nearest
from station.domain.documents.describing import describe, either
from station.domain.documents.faults import Fault, Place
from station.domain.documents.fields import Ask, Hidden, Items, Kind, Range, Served, Table, Text, Unique, kind_of
from station.domain.documents.trees import Node
from tests.config.test_rules import LEAVES


class Lamp(Kind, frozen=True, kw_only=True, tag="lamp"):
    """A first kind."""

    watts: Annotated[int, Range(1, 9)]
    colour: Literal["red", "green"] = "red"


class Bell(Kind, frozen=True, kw_only=True, tag="bell"):
    """A second kind, with a key of another name in the file."""

    tones: tuple[Annotated[int, Range(1, 9)], ...] = msgspec.field(name="tone", default=(1,))

    def contradictions(self) -> Iterator[tuple[str, str]]:
        if sum(self.tones) > 9:
            yield "tone", "is too loud"


Signal = Lamp | Bell


class Panel(Table, frozen=True, kw_only=True):
    """A table with a table."""

    signal: Signal
    pair: tuple[Annotated[int, Range(1, 2)], bool] = (1, True)
    secret: Annotated[str, Hidden(), Text("[a-z]", "a letter")] = "a"
    spot: Annotated[int, Unique("spot")] | None = None
    other_spot: Annotated[int, Unique("spot")] | None = None


def _node(value: object) -> Node:
    if isinstance(value, dict):
        return Node({key: _node(item) for key, item in value.items()}, "f")
    return Node([_node(item) for item in value] if isinstance(value, list) else value, "f")


def _check(value: object, wanted: Any) -> tuple[object, list[str]]:
    """The value that the checker makes (None when refused) and the faults without their file."""
    faults: list[Fault] = []
    try:
        made = Checker(faults).value(_node(value), wanted, Place("[t]"))
    except RefusedError:
        made = None
    return made, [str(fault).removeprefix("f ") for fault in faults]


def test_the_kind_chooses_the_struct() -> None:
    assert _check({"kind": "lamp", "watts": 3}, Signal) == (Lamp(watts=3), [])
    assert _check({"kind": "bell"}, Signal) == (Bell(), [])
    assert [kind_of(Lamp(watts=1)), kind_of(Bell())] == ["lamp", "bell"]


def test_a_kind_alone_is_chosen_too() -> None:
    assert _check({"watts": 3}, Lamp) == (Lamp(watts=3), [])


def test_a_key_of_another_kind_is_no_unknown_key() -> None:
    assert _check({"kind": "lamp", "watts": 3, "tone": [1]}, Signal)[1] == [
        '[t] tone: belongs to kind "bell", not to "lamp".'
    ]


def test_the_name_in_the_file_is_the_one_in_messages() -> None:
    assert _check({"kind": "bell", "tones": [1]}, Signal)[1] == ["[t] tones: unknown key; did you mean tone?"]
    assert _check({"kind": "bell", "tone": [1, 12, 0]}, Signal)[1] == [
        "[t] tone = 12: must be 1..9.",
        "[t] tone = 0: must be 1..9.",
    ]


def test_contradictions_are_asked_only_when_each_key_is_well() -> None:
    assert _check({"kind": "bell", "tone": [9, 9]}, Signal)[1] == ["[t] tone = [9, 9]: is too loud."]
    assert _check({"kind": "bell", "tone": [9, 10]}, Signal)[1] == ["[t] tone = 10: must be 1..9."]


@pytest.mark.parametrize("value", [5, "lamp", [], [{"kind": "bell"}], None])
def test_what_is_no_table_is_refused(value: object) -> None:
    made, faults = _check({"signal": value}, Panel)
    assert made is None
    assert len(faults) == 1
    assert faults[0].endswith(": must be a table.")


def test_faults_within_tables_have_dotted_keys() -> None:
    assert _check({"signal": {"kind": "lamp", "colour": "gren"}}, Panel)[1] == [
        "[t] signal.watts: missing; must be a whole number 1..9.",
        '[t] signal.colour = "gren": must be "red" or "green"; did you mean "green"?',
    ]


BELL = {"signal": {"kind": "bell"}}


@pytest.mark.parametrize("pair", [[1], [1, True, 1], [], 1])
def test_a_list_of_fixed_length_has_it(pair: object) -> None:
    made, faults = _check({**BELL, "pair": pair}, Panel)
    assert made is None
    assert faults[0].endswith(": must be a list of 2, each a whole number 1..2.")


def test_each_place_of_a_list_of_fixed_length_has_its_type() -> None:
    assert _check({**BELL, "pair": [2, False]}, Panel)[0] == Panel(signal=Bell(), pair=(2, False))
    assert _check({**BELL, "pair": [True, 1]}, Panel)[1] == [
        "[t] pair = true: must be a whole number 1..2.",
        "[t] pair = 1: must be true or false.",
    ]


@pytest.mark.parametrize("value", ["s3cret", 53, ["s3cret"], {"s3cret": 1}])
def test_a_hidden_value_is_never_shown(value: object) -> None:
    assert _check({**BELL, "secret": value}, Panel)[1] == ["[t] secret: must be a letter."]


def test_what_must_be_unique_is_taken_once() -> None:
    assert _check({**BELL, "spot": 1, "other_spot": 2}, Panel)[1] == []
    assert _check({**BELL, "spot": 1, "other_spot": 1}, Panel)[1] == [
        "[t] other_spot = 1: is taken by f [t] spot; no spot may stand twice."
    ]


def test_a_choice_is_of_its_own_type() -> None:
    assert _check(1, Literal[1, 2])[0] == 1
    assert _check(True, Literal[1, 2])[1] == ["[t] = true: must be 1 or 2."]
    assert _check(1.0, Literal[1, 2])[1] == ["[t] = 1.0: must be 1 or 2."]


def test_descriptions_complete_must_be() -> None:
    assert describe(Annotated[int, Range(1, 2, "why")] | None) == "a whole number 1..2"
    assert describe(Annotated[str, Text("x", "an x", "why")]) == "an x"
    assert describe(Annotated[str, Ask(lambda _: None, "an answer")]) == "an answer"
    assert describe(str) == "a text in quotes"
    assert describe(Annotated[str, Hidden()]) == "a text in quotes"
    assert describe(Signal) == "a table"
    assert describe(Annotated[tuple[bool, ...], Items(1, 3)]) == ("a list, each true or false (1..3 different values)")


def test_either() -> None:
    assert [either(("a",)), either(("a", 2)), either((1, 2, 3))] == ['"a"', '"a" or 2', "1, 2 or 3"]


def test_nearest() -> None:
    assert nearest("relase_ms", ["release_ms", "debounce_ms"]) == "release_ms"
    assert nearest("password", ["host", "port"]) == ""
    assert nearest("x" * 100_000, ["host"]) == ""


RANGES = [(where, rule) for where, _, rules in LEAVES for rule in rules if isinstance(rule, Range)]


@pytest.mark.parametrize(("where", "rule"), RANGES, ids=[where.split()[-1] for where, _ in RANGES])
def test_the_edges_of_each_range_are_taken_and_what_lies_beyond_is_not(where: str, rule: Range) -> None:
    assert rule.low < rule.high, where
    wanted = Annotated[int, rule]
    assert [_check(edge, wanted) for edge in (rule.low, rule.high)] == [(rule.low, []), (rule.high, [])]
    for beyond in (rule.low - 1, rule.high + 1):
        made, faults = _check(beyond, wanted)
        assert made is None
        assert faults[0].startswith(f"[t] = {beyond}: must be {rule.low}..{rule.high}")


ENDS = [getattr(rule, "why", "") for _, _, rules in LEAVES for rule in rules]


@pytest.mark.parametrize("why", sorted({why for why in ENDS if why}))
def test_reasons_are_clauses(why: str) -> None:
    assert not why.endswith((".", ";", " "))
    assert len(why) < 100


def _served(kind: object, *served: str) -> list[str]:
    return _check({"kind": kind}, Annotated[Signal, Served(lambda: served, "has no driver yet")])[1]


def test_a_kind_that_nothing_serves_is_refused() -> None:
    assert _served("bell", "lamp", "bell") == []
    assert _served("bell", "lamp") == ['[t] kind = "bell": has no driver yet; allowed are "lamp".']
    assert _served("bell", "lamp", "bells") == ['[t] kind = "bell": has no driver yet; allowed are "lamp" or "bells".']
    assert _served("osdp", "lamp", "bell") == ['[t] kind = "osdp": has no driver yet; allowed are "lamp" or "bell".']


def test_a_kind_that_nearly_names_a_served_one_is_a_slip_of_the_pen() -> None:
    assert _served("bel", "lamp", "bell") == ['[t] kind = "bel": must be "lamp" or "bell"; did you mean "bell"?']


@pytest.mark.parametrize("kind", [5, ["bell"], {"a": 1}])
def test_a_kind_that_is_no_text_is_refused_once(kind: object) -> None:
    assert len(_served(kind, "lamp", "bell")) == 1
