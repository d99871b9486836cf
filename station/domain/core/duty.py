"""What a duty is to the station: one row of the table in `station/duties.py`.

A row says everything that the centre must know of a room; what a room leaves out it does not do. Nothing else in the
station names a duty.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from station.domain.core.decider import Decision, Loaded, Recorded
from station.domain.core.effects import Verdict
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.core.inputs import Input
from station.domain.core.movement import Movement
from station.domain.core.view import Phrase, Picture


class Said(NamedTuple):
    """One phrase in both languages; `{0}`, `{1}` is where its arguments go, `{0.duty}` the word for a duty by name."""

    en: str
    es: str


class Phrases(msgspec.Struct, frozen=True, kw_only=True):
    """What the screens say of a room, by the slot that each phrase is meant for.

    A fact is large; a detail and an instruction are one line of 21 characters; the duty is one word of at most 6.
    """

    duty: Said | None = None
    facts: Mapping[str, Said] = msgspec.field(default_factory=dict)
    details: Mapping[str, Said] = msgspec.field(default_factory=dict)
    instructions: Mapping[str, Said] = msgspec.field(default_factory=dict)


def _takes_anything(argument: str) -> bool:
    del argument
    return True


class CardKind(msgspec.Struct, frozen=True, kw_only=True):
    """A verb of cards: `CS1/<verb>[/<argument>]`. `choices` are the arguments that are printed, empty for none.

    `takes` says whether an argument may stand on such a card, and `must` how that is said. Of a verb that is not
    `is_printed` no card is made; `argument_name` is what the argument is called where cards are listed as JSON.
    """

    verb: str
    title: Said
    choices: tuple[str, ...] = ("",)
    takes: Callable[[str], bool] = _takes_anything
    must: str = ""
    argument_name: str = "argument"
    titles: Mapping[str, Said] = msgspec.field(default_factory=dict)


class DocumentKind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of document that people or the back office bring, such as a plan; `name` is that of `import` and command.

    `read` makes a value of a file's bytes or raises `DocumentFaults` with every fault; `stored` reads what was taken
    once, whatever rules came later. `take` decides: what loading comes to, or why not. `event` is the type that names
    the document by its SHA-256, in the field `document`. `held` is the SHA-256 of the one in force by the room's state,
    empty where there is none, and `put_back` gives a state that was read from a snapshot its document again;
    `put_back_book` the same for the slot of the books.
    """

    name: str
    read: Callable[[bytes], Any]
    stored: Callable[[bytes], Any]
    take: Callable[[Any, Facts, Any, bytes, str], Loaded | str]
    event: type[Event]
    held: Callable[[Any], str]
    put_back: Callable[[Any, Any], Any]
    put_back_book: Callable[[object, Any], object] | None = None


class Refusal(NamedTuple):
    """A scan that was refused, as it is latched on the screen until somebody has seen it."""

    scanner: str
    reason: str
    text: str = ""
    times: int = 1


class Alarm(NamedTuple):
    """A live fault of a room: `name` is `code/instance`, `reason` a word about it, `cure` what to do."""

    name: str
    cure: str
    reason: str = ""


Decide = Callable[[Any, Facts, Any], Decision]
DecideCard = Callable[[Any, Facts, str, Any], Decision]


class SessionRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a duty adds whose sessions take the floor: its state is a `session.state.Session`.

    `decide_card` is asked for the cards that all sessions share while it has the floor, `decide_code` for a package or
    a unit that was scanned, `decide_number` for a quantity from a keypad, `decide_badge` for a badge at the desk (None:
    the session has no use for it). `picture` is what the screen says while the session is open or paused.
    """

    decide_card: DecideCard
    decide_code: DecideCard
    decide_number: DecideCard
    decide_badge: Callable[[Any, Facts, Any], Decision | None]
    picture: Callable[[Any, Facts], Picture]


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One row. `name` is the name of its state in the station's, `setting` the one that names it in `duties`.

    A row without a setting is served by every station. Callables are given the room's state first, then the facts.

    - `owns`: the events that are its own; `hears`: those of others that change its state; `evolve`: how.
    - `decides`: what an input comes to, by its type; `intercepts`: what of an input that is another's is its own after
      all (None: nothing). `cards`: the verbs that are its own, decided by `decide_card`.
    - `session`: where it opens sessions.
    - `due`, `decide_deadline`: its only timer; `due` is given the wall clock's offset, None where that proves nothing.
    - `consequences`: what events (its own and those it hears) entail; it answers with all of them and the effects.
    - `is_at_rest`: whether nothing of it is open that grows.
    - `urgent`, `at_rest`: pictures that come before any session's, and that stand while none is open.
    - `alarms`, `phrases`, `verdict`, `describe`, `detail`: what is said of its state and of its events.
    - `is_shown_as_newest`: whether a screen speaks of its events as the newest.
    - `refusal`: what an event of the types `latching` latches as a refused scan; `movements`: what one of the types
      `moving` did to stock.
    - `documents`: the kinds that it reads. `kept_books`: the slot of the books after an event of the types `booking`;
      no room looks into it. `left_out`: fields of its state that a snapshot does not keep, each said why in the room.
    - `wants_release`: whether a release of the lock that was decided earlier may still happen.
    """

    name: str
    setting: str = ""
    initial: Any
    owns: tuple[type[Event], ...]
    hears: tuple[type[Event], ...] = ()
    evolve: Callable[[Any, Recorded], Any]
    decides: Mapping[type[Input], Decide] = msgspec.field(default_factory=dict)
    intercepts: Mapping[type[Input], Callable[[Any, Facts, Any], Decision | None]] = msgspec.field(default_factory=dict)
    cards: tuple[CardKind, ...] = ()
    decide_card: DecideCard | None = None
    session: SessionRules | None = None
    due: Callable[[Any, int | None], int | None] | None = None
    decide_deadline: Decide | None = None
    consequences: Callable[[Any, Facts, Decision], Decision] | None = None
    is_at_rest: Callable[[Any], bool] | None = None
    urgent: Callable[[Any, Facts], Picture | None] | None = None
    at_rest: Callable[[Any, Facts], Picture | None] | None = None
    alarms: Callable[[Any, Facts], Iterable[Alarm]] | None = None
    phrases: Phrases = Phrases()
    verdict: Callable[[Any], Verdict | None] | None = None
    describe: Callable[[Any], str] | None = None
    detail: Callable[[Any], Phrase | None] | None = None
    is_shown_as_newest: bool = True
    latching: tuple[type[Event], ...] = ()
    refusal: Callable[[Any], Refusal | None] | None = None
    moving: tuple[type[Event], ...] = ()
    movements: Callable[[Recorded], tuple[Movement, ...]] | None = None
    documents: tuple[DocumentKind, ...] = ()
    booking: tuple[type[Event], ...] = ()
    kept_books: Callable[[object, Recorded], object] | None = None
    left_out: frozenset[str] = frozenset()
    wants_release: Callable[[Any], bool] | None = None
