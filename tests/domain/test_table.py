"""The table of duties: what every row must keep to, whatever rooms there will be."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import station.domain
from station.domain.commands.inputs import CommandReceived
from station.domain.core.duty import CardKind, DocumentKind, Duty, Phrases, Said
from station.domain.core.event import Event
from station.domain.core.inputs import BarcodeScanned, DeadlineReached, DocumentOffered, Input, NumberKeyed
from station.domain.session.refusing import Latched
from station.domain.station import alerts
from station.domain.station.duties import DOCUMENTS, EVENTS, ROWS, Rooms
from station.domain.station.state import INITIAL, LEFT_OUT, Station
from station.journal import snapshot
from tests.domain.filling import filled

BY_CENTRE = frozenset({BarcodeScanned, NumberKeyed, DeadlineReached, DocumentOffered, CommandReceived})
"""Inputs that the centre hands to whoever has the floor, named the moment, reads the kind, or is asked by the verb."""
_CODE = re.compile(r"""["']([a-z_]+)/""")


def modules_of_the_domain() -> list[Any]:
    """Every module below `station.domain`, imported."""
    found = pkgutil.walk_packages(station.domain.__path__, "station.domain.")
    return [importlib.import_module(each.name) for each in found]


def defined(base: type) -> set[type]:
    """Every class below `base` that a module of the domain defines."""
    return {
        each
        for module in modules_of_the_domain()
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, base) and each.__module__ == module.__name__
    }


# -- what would be a fault


def events_not_once(events: Iterable[type[Event]], rows: Iterable[Duty]) -> list[str]:
    """Event classes with a public name that no row owns, or more than one."""
    owned = Counter(event for row in rows for event in row.owns)
    return sorted(event.TYPE for event in events if event.TYPE and owned[event] != 1)


def in_two(found: Iterable[tuple[str, str]]) -> list[str]:
    """Of pairs of a name and its row, the names that stand more than once."""
    names = Counter(name for name, _ in found)
    return sorted(name for name, times in names.items() if times > 1)


def verbs(rows: Iterable[Duty]) -> Iterator[tuple[str, str]]:
    """Each verb of a card, with its row."""
    return ((str(card.verb), row.name) for row in rows for card in row.cards)


def types(rows: Iterable[Duty]) -> Iterator[tuple[str, str]]:
    """Each public name of an event, with its row."""
    return ((event.TYPE, row.name) for row in rows for event in row.owns)


def documents(rows: Iterable[Duty]) -> Iterator[tuple[str, str]]:
    """Each kind of document, with its row."""
    return ((kind.name, row.name) for row in rows for kind in row.documents)


def phrases(rows: Iterable[Duty]) -> Iterator[tuple[str, str]]:
    """Each phrase, with its row; the duty's own word is one of them."""
    for row in rows:
        said = row.phrases
        keys = [*said.facts, *said.details, *said.instructions, *([f"duty_{row.name}"] if said.duty else [])]
        yield from ((key, row.name) for key in keys)


def decided(rows: Iterable[Duty]) -> Iterator[tuple[str, str]]:
    """Each type of input that is decided by its type, with its row."""
    return ((input.__name__, row.name) for row in rows for input in row.decides)


def alarm_codes(sources: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The code of each alarm, `code/instance`, with the room that says it; `sources` are rooms and their texts."""
    return sorted({(code, room) for room, text in sources for code in _CODE.findall(text)})


def said_alarms() -> Iterator[tuple[str, str]]:
    """Where alarms are named: the modules of each room's own, and the centre's."""
    yield "station", Path(alerts.__file__).read_text("utf-8")
    for row in ROWS:
        if row.alarms is not None:
            yield row.name, Path(importlib.import_module(row.alarms.__module__).__file__ or "").read_text("utf-8")


def not_kept(state: Station) -> list[str]:
    """Fields, as `room.field`, that come out of a snapshot otherwise, and that nobody named as left out."""
    again = snapshot.decode(snapshot.encode(state), snapshot.VERSION, _no_document)
    rows = {row.name: row for row in ROWS}
    lost = []
    for name in Station.__struct_fields__:
        before, after = getattr(state, name), getattr(again, name)
        if name in rows:
            lost += [
                f"{name}.{field}"
                for field in before.__struct_fields__
                if field not in rows[name].left_out and getattr(before, field) != getattr(after, field)
            ]
        elif name not in LEFT_OUT and before != after:
            lost.append(name)
    return lost


def _no_document(sha256: str) -> bytes:
    raise AssertionError(f"{sha256}: no document is asked for here")


@pytest.fixture
def no_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a snapshot is without the documents that are put back into it."""
    monkeypatch.setattr(snapshot, "DOCUMENTS", {})


# -- events


def test_each_event_of_the_domain_is_in_the_table_once() -> None:
    events = {event for event in defined(Event) if issubclass(event, Event)}

    assert events_not_once(events, ROWS) == []
    assert {event.TYPE for event in events if event.TYPE} == set(EVENTS)
    assert len(EVENTS) > 70


def test_an_event_that_no_row_owns_and_one_that_two_own_are_found() -> None:
    assert events_not_once([Waved, Nodded, Nameless], [row(owns=(Nodded,)), row(owns=(Nodded,))]) == [
        "toy.nodded",
        "toy.waved",
    ]
    assert events_not_once([Waved], [row(owns=(Waved,))]) == []


def test_an_event_is_found_wherever_a_module_of_the_domain_defines_it() -> None:
    found = {f"{event.__module__}.{event.__name__}" for event in defined(Event)}

    assert {"station.domain.station.leaf.Unknown", "station.domain.moves.events.MoveRecorded"} <= found


def test_what_a_row_hears_is_owned_by_another() -> None:
    heard = {(event, each.name) for each in ROWS for event in each.hears}
    owner = {event: each.name for each in ROWS for event in each.owns}

    assert [(event.TYPE, name) for event, name in heard if owner.get(event, name) == name] == []
    assert {name for _, name in heard} >= {"count", "entry", "moves"}


# -- the state


def test_the_rows_are_the_fields_of_the_rooms_in_their_order() -> None:
    assert tuple(each.name for each in ROWS) == Rooms.__struct_fields__
    assert [type(each.initial) for each in ROWS] == [type(getattr(INITIAL, each.name)) for each in ROWS]


@pytest.mark.usefixtures("no_documents")
def test_each_field_of_each_state_is_in_the_snapshot_or_named_as_left_out() -> None:
    full = filled(Station)

    assert [name for name in Station.__struct_fields__ if getattr(full, name) == getattr(INITIAL, name)] == []
    assert not_kept(full) == []


def test_what_is_named_as_left_out_is_a_field_of_the_state() -> None:
    assert [each.name for each in ROWS if not each.left_out <= set(each.initial.__struct_fields__)] == []
    assert set(Station.__struct_fields__) >= LEFT_OUT


def test_what_a_document_puts_back_is_left_out_and_its_hash_is_kept() -> None:
    for each, kind in DOCUMENTS.values():
        held = kind.held(filled(type(each.initial)))
        kept = {name for name in each.initial.__struct_fields__ if name not in each.left_out}

        assert held, kind.name
        assert held in {getattr(filled(type(each.initial)), name) for name in kept}, kind.name
        assert each.left_out, kind.name


@pytest.mark.usefixtures("no_documents")
def test_a_field_that_a_snapshot_forgets_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_without", lambda state, _: {"unseen": 3} if isinstance(state, Latched) else {})

    assert {"session.unseen", "session.newest", "lifecycle.settings", "moves.in_hand"} <= set(not_kept(filled(Station)))


def test_a_state_is_filled_in_every_field_however_deep() -> None:
    full = filled(Station)

    for each in ROWS:
        state, initial = getattr(full, each.name), each.initial
        assert [name for name in state.__struct_fields__ if getattr(state, name) == getattr(initial, name)] == []
    assert replace(full.count, packages=INITIAL.count.packages) != full.count


# -- names


def test_no_name_belongs_to_two_rows() -> None:
    assert in_two(verbs(ROWS)) == []
    assert in_two(types(ROWS)) == []
    assert in_two(documents(ROWS)) == []
    assert in_two(phrases(ROWS)) == []
    assert in_two(alarm_codes(said_alarms())) == []
    assert in_two((each.name, each.name) for each in ROWS) == []


def test_the_names_are_found_at_all() -> None:
    assert ("undo", "session") in set(verbs(ROWS))
    assert ("count.scanned", "count") in set(types(ROWS))
    assert {("plan", "count"), ("roster", "people")} <= set(documents(ROWS))
    assert {("ready", "lifecycle"), ("duty_count", "count")} <= set(phrases(ROWS))
    assert {("storage", "station"), ("door", "entry"), ("roster", "entry")} <= set(alarm_codes(said_alarms()))


def test_a_name_that_two_rows_have_is_found() -> None:
    card = CardKind(verb="wave", title=Said("Wave", "Saludar"))
    said = Phrases(facts={"waved": Said("Waved", "Saludado")})
    kind = DocumentKind(name="list", event=Waved, **dict.fromkeys(("read", "stored", "take", "held", "put_back"), abs))  # type: ignore[arg-type]
    twice = [row(name=name, cards=(card,), phrases=said, documents=(kind,), owns=(Waved,)) for name in ("a", "b")]

    assert in_two(verbs(twice)) == ["wave"]
    assert in_two(types(twice)) == ["toy.waved"]
    assert in_two(documents(twice)) == ["list"]
    assert in_two(phrases(twice)) == ["waved"]
    assert in_two(alarm_codes([("a", 'yield "door/forced", ""'), ("b", 'Alarm(f"door/{name}", "")')])) == ["door"]


def test_a_phrase_that_one_row_has_in_two_slots_is_found() -> None:
    said = Said("Waved", "Saludado")

    assert in_two(phrases([row(phrases=Phrases(facts={"waved": said}, details={"waved": said}))])) == ["waved"]


# -- inputs


def test_each_input_is_decided_by_one_row_or_by_the_centre() -> None:
    inputs = {each.__name__ for each in defined(Input) - BY_CENTRE if not each.__subclasses__()} - {"Input"}

    assert in_two(decided(ROWS)) == []
    assert inputs == {name for name, _ in decided(ROWS)}


def test_an_input_that_two_rows_decide_is_found() -> None:
    nothing: Any = None

    assert in_two(decided([row(decides={NumberKeyed: nothing}), row(decides={NumberKeyed: nothing})])) == [
        "NumberKeyed"
    ]


def test_a_row_that_has_cards_or_a_moment_decides_them() -> None:
    assert [each.name for each in ROWS if bool(each.cards) != (each.decide_card is not None)] == []
    assert [each.name for each in ROWS if (each.due is None) != (each.decide_deadline is None)] == []


# Toys: events that no room has, and rows of them.


class Nameless(Event, frozen=True):
    """A shape that is never recorded."""


class Waved(Event, frozen=True):
    """Somebody waved."""

    TYPE = "toy.waved"


class Nodded(Event, frozen=True):
    """Somebody nodded."""

    TYPE = "toy.nodded"


def row(name: str = "toy", owns: tuple[type[Event], ...] = (), **more: Any) -> Duty:
    """A row of nothing but these."""
    return Duty(name=name, initial=Latched(), owns=owns, evolve=lambda state, _: state, **more)
