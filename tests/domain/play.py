"""Scenarios as text: a moment in seconds, who does what, then the events that come of it and how it is answered.

    2.0 gun scans A         -> count.scanned tag=A | counted
        gun card undo       -> count.undo_asked corrects=3 | noted
        keypad keys 12      -> count.quantity quantity=12 | noted
    902.1 time              -> count.paused reason=idle
        gun scans A         -> scan.refused reason=paused | refused

A line without a moment happens at the one before; several events stand with commas between; `-> nothing` is none.
Words after an event's name are fields that it must have (`tags.py` names the tags).
"""

import json
import re
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from station.domain.core.effects import Answer, Effect, ReleaseLock, RemoteReply, Reply, SecureLock, Siren
from station.domain.core.event import Event
from station.domain.core.inputs import (
    BarcodeScanned,
    DocumentOffered,
    Input,
    NumberKeyed,
    ScansOverflowed,
    ScanSpoiled,
    SourceFound,
    SourceLost,
)
from station.domain.count.book import read_plan
from station.domain.entry.inputs import RexPressed
from station.domain.identifiers import command_text
from station.domain.lifecycle.inputs import ClockStepped, Started, StopRequested, StorageFailed
from station.domain.people.policy import Policy
from station.domain.station.state import Station
from tests.domain.stamping import Stamping
from tests.domain.tags import tag, text_of

BEGIN = "0.0 start -> station.started"
OFFSET_MS = 1_800_000_000_000
_LINE = re.compile(r"(?:([0-9.]+)\s+)?(.+?)\s*->\s*(.+)")


def play(text: str, begin: str = BEGIN, player: "Player | None" = None) -> "Player":
    """Play the lines, after `begin`; fail at the first that comes out otherwise, and when a replay would differ."""
    player = player or Player()
    for number, line in enumerate((begin + "\n" + text).splitlines()):
        if line.strip():
            player.play_line(number, line.strip())
    assert player.stamping.replayed() == player.station, "a replay of the leaves comes to another state"
    return player


def plan_bytes(name: str, version: int, letters: str, unit: str = "ea") -> bytes:
    """A plan file for the packages of these letters."""
    packages = [{"tag": tag(letter), "item": f"Item {letter}", "unit": unit} for letter in letters]
    head = {"plan": name, "version": version, "kind": "guided", "location": "Vault A"}
    return json.dumps(head | {"packages": packages}).encode()


class Player:
    """One station and its scenario so far."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy
        self.stamping = Stamping()
        self.played: list[str] = []
        self.at = 0
        self.boots = 0

    @property
    def station(self) -> Station:
        return self.stamping.station

    def play_line(self, number: int, line: str) -> None:
        """Play one line and compare what comes of it."""
        read = _LINE.fullmatch(line)
        assert read, f"line {number}: {line}\n  must be: [moment] who does what -> events | answers"
        moment, action, expected = read.groups()
        self.at = round(float(moment) * 1000) if moment else self.at
        events, effects = self._act(action)
        expected_events, _, expected_answers = (part.strip() for part in expected.partition("|"))
        faults = _event_faults(expected_events, events) + _answer_faults(expected_answers, effects)
        came = f"{', '.join(map(_told, events)) or 'nothing'} | {' '.join(map(_named, effects))}"
        before = "\n    ".join(self.played[-5:])
        assert not faults, f"line {number}: {line}\n  {'; '.join(faults)}\n  came: {came}\n  after:\n    {before}"
        self.played.append(f"{line}   [{self.station.seq}]")

    def _act(self, action: str) -> tuple[list[Event], list[Effect]]:
        if action == "time":
            return self.stamping.wait(self.at)
        first, *rest = action.split(" ", 1)
        verbs: dict[str, Callable[[str], Input]] = {
            "start": self._start,
            "stop": lambda reason: StopRequested(self.at, reason or "sigterm"),
            "plan": self._plan,
            "clock": self._clock,
            "storage": self._storage,
            "rex": lambda _: RexPressed(self.at),
        }
        input = verbs[first]("".join(rest)) if first in verbs else self._device(first, *rest[0].split(" ", 1))
        return self.stamping.put(input)

    def _start(self, words: str) -> Input:
        """`start` or `start settings=2 quality=rtc back_ms=5`: a boot of the daemon, power cut or not."""
        self.boots += 1
        said = dict(word.split("=", 1) for word in words.split())
        offset_ms = OFFSET_MS * self.boots - int(said.pop("back_ms", 0))
        quality = said.pop("quality", "synced")
        fixed = {"boot": f"boot-{self.boots}", "version": "1.0", "settings": "1"} | said
        started = msgspec.convert(fixed | {"at": self.at, "offset_ms": offset_ms, "quality": quality}, Started)
        return replace(started, policy=self.policy)

    def _plan(self, words: str) -> Input:
        name, version, letters = words.split()
        raw = plan_bytes(name, int(version), letters)
        return DocumentOffered(self.at, "plan", read_plan(raw), raw, "uid 0", 7)

    def _clock(self, words: str) -> Input:
        by_ms, quality = words.split()
        return ClockStepped(self.at, self.station.offset_ms + int(by_ms), quality)

    def _storage(self, words: str) -> Input:
        reason, for_ms = words.split()
        return StorageFailed(self.at, reason, int(for_ms))

    def _device(self, source: str, verb: str, rest: str = "") -> Input:
        match verb:
            case "scans":
                return BarcodeScanned(source, self.at, text_of(rest).encode("latin-1"))
            case "card":
                card, _, argument = rest.partition(" ")
                return BarcodeScanned(source, self.at, command_text(card, argument).encode())
            case "keys":
                return NumberKeyed(source, self.at, rest.encode("latin-1"))
            case "spoils":
                return ScanSpoiled(source, self.at, rest, b"1A4")
            case "overflows":
                return ScansOverflowed(source, self.at, int(rest))
            case "lost":
                return SourceLost(source, self.at, rest or "no such device")
            case "found":
                return SourceFound(source, self.at)
        raise AssertionError(f"{source} {verb}: no scenario knows this")


def _event_faults(expected: str, events: list[Event]) -> list[str]:
    wanted = [] if expected == "nothing" else [want.split() for want in expected.split(",")]
    if [want[0] for want in wanted] != [event.TYPE for event in events]:
        return ["other events"]
    return [
        f"{event.TYPE} {name} is {getattr(event, name)!r}"
        for want, event in zip(wanted, events, strict=True)
        for name, _, value in (word.partition("=") for word in want[1:])
        if _worded(getattr(event, name)) != (text_of(value) if name == "tag" else value)
    ]


def _worded(value: object) -> str:
    """A field as a scenario says it: people by their ids, with + between them."""
    return "+".join(actor.id for actor in value) if value and isinstance(value, tuple) else str(value)


def _answer_faults(expected: str, effects: list[Effect]) -> list[str]:
    return [] if expected.split() == [_named(effect) for effect in effects] else ["other answers"]


def _named(effect: Effect) -> str:
    match effect:
        case Answer(verdict=verdict):
            return verdict
        case Reply(error=error):
            return "error" if error else "reply"
        case RemoteReply(code=code):
            return code or "ok"
        case ReleaseLock():
            return "release"
        case SecureLock():
            return "secure"
        case Siren(is_on=is_on):
            return "siren" if is_on else "quiet"
    return type(effect).__name__.lower()


def _told(event: Event) -> str:
    return " ".join([event.TYPE, *(f"{name}={value}" for name, value in msgspec.structs.asdict(event).items())])
