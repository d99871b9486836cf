"""Scenarios of the vault's entry, in the language of `tests/domain/play.py` and these words:

badge ana outside      (outside, inside, desk; the reader is called as its side)
spoilt parity outside
pin ben right | pin ben wrong | pin nobody   (whose is awaited, and how it compares; the keypad is called pins)
door opens | door shuts | rex | fire on | fire off | tamper opens | tamper closes
input rex restless | input rex rests   (rex, tamper, fire, door)
lock fails | lock works | lockdown on | lockdown off
roster 4 without ana,ben | roster 4 until 2027-01-16T00:00:00Z
card explain key       (the scanner is the gun)
"""

from station.domain.core.inputs import Input, SourceFound, SourceLost
from station.domain.entry.inputs import DoorMoved, FireChanged, LockFailed, LockWorks, TamperChanged
from station.domain.people.inputs import BadgePresented, BadgeSpoiled, PinKeyed
from station.domain.people.policy import Policy
from tests.domain.play import OFFSET_MS, Player, play
from tests.entry.world import POLICY, hmac_of, lockdown, offered

BOOT_MS = 3_600_000
BEGIN = """
    0.0 start           -> station.started | secure quiet
        roster 1        -> roster.loaded | reply
        door shuts      -> door.closed found=True |
"""
ENTERED = """
    1.0 badge ana outside    -> entry.first_badge | badge_needed
        badge ben outside    -> entry.granted | release granted
        door opens           -> door.opened | secure
        door shuts           -> door.closed |
"""
"""Ana and Ben are inside."""


class EntryPlayer(Player):
    """A station with the duty of entry."""

    def __init__(self, policy: Policy | None = POLICY) -> None:
        super().__init__(policy)
        self.commands = 0

    def _start(self, words: str) -> Input:
        """As any start; each is an hour after the one before."""
        back_ms = (OFFSET_MS - BOOT_MS) * self.boots
        return super()._start(words if "back_ms" in words else f"{words} back_ms={back_ms}")

    def _device(self, source: str, verb: str, rest: str = "") -> Input:
        match source, verb:
            case "badge", name:
                return BadgePresented(rest, self.at, rest, hmac_of(name))
            case "spoilt", reason:
                return BadgeSpoiled(rest, self.at, rest, reason)
            case "pin", person:
                return PinKeyed("pins", self.at, "" if person == "nobody" else person, rest == "right")
            case "door", ("opens" | "shuts"):
                return DoorMoved(self.at, verb == "opens")
            case "fire", _:
                return FireChanged(self.at, verb == "on")
            case "input", name:
                return SourceFound(name, self.at) if rest == "rests" else SourceLost(name, self.at, rest)
            case "tamper", _:
                return TamperChanged(self.at, verb == "opens")
            case "lock", _:
                return LockFailed(self.at, "no chip") if verb == "fails" else LockWorks(self.at)
            case "lockdown", _:
                self.commands += 1
                return lockdown(self.at, self.commands, is_set=verb == "on")
            case "roster", version:
                return self._roster(int(version), *rest.split())
            case "card", _:
                return super()._device("gun", "card", f"{verb} {rest}".strip())
        return super()._device(source, verb, rest)

    def _roster(self, version: int, word: str = "", value: str = "") -> Input:
        if word == "until":
            return offered(self.at, version, not_after=value)
        return offered(self.at, version, tuple(value.split(",")) if value else ())


def enter(text: str, policy: Policy = POLICY, begin: str = BEGIN) -> EntryPlayer:
    """Play the lines after `BEGIN`, where a roster is loaded and the door is shut."""
    player = EntryPlayer(policy)
    play(text, begin, player)
    return player


def entered(text: str, policy: Policy = POLICY) -> EntryPlayer:
    """Play the lines after Ana and Ben have entered and the door is shut, at 1.0."""
    return enter(ENTERED + text, policy)


def inside(player: EntryPlayer) -> set[str]:
    """The ids of those presumed inside."""
    return {person.actor.id for person in player.station.entry.inside}
