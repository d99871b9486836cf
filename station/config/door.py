"""The door's wiring and times, and who may enter."""

from collections.abc import Iterator
from typing import Annotated, Literal

from station.config.rules import LOW_AT_BOOT, Hours, Pin
from station.domain.documents.fields import Items, Kind, Range, Table, Text

MAGLOCK = (
    "needs hardwired_rex = true and hardwired_fire = true; a maglock holds people in "
    "unless an exit button and the fire alarm cut its power without software"
)

HIGH_AT_BOOT = (
    "must be 9..27 without 14 and 15: any other is high while the Pi starts, and high releases; "
    "choose another, or fit a resistor to ground (1 kilohm) and say lock_pulled_down = true"
)

SENSING = ("contact_pin", "rex_pin", "tamper_pin", "fire_pin", "contact", "rex", "tamper", "fire", "debounce_ms")
LOCKING = ("lock_pin", "lock_line", "siren_pin", "siren")


class DoorTimes(Kind, frozen=True, kw_only=True):
    """Times that hold for a real and a simulated door alike."""

    release_ms: Annotated[int, Range(500, 15000, "a strike coil overheats beyond that")] = 5000
    rex_window_ms: Annotated[int, Range(200, 10000, "longer hides a forced door")] = 1500
    held_warn_s: Annotated[int, Range(5, 600)] = 30
    held_alarm_s: Annotated[int, Range(10, 1800)] = 60

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """The warning comes before the alarm."""
        if self.held_warn_s >= self.held_alarm_s:
            yield (
                "held_warn_s",
                f"must be less than held_alarm_s = {self.held_alarm_s}; the warning comes first",
            )


class GpioDoor(DoorTimes, frozen=True, kw_only=True, tag="gpio"):
    """A door on pins. The lock line is secure when nobody drives it, as at boot: high releases.

    `lock_pulled_down` says that a resistor outside the Pi holds the line low against the Pi's own pull.
    """

    contact_pin: Pin
    lock_pin: Pin
    rex_pin: Pin | None = None
    tamper_pin: Pin | None = None
    fire_pin: Pin | None = None
    siren_pin: Pin | None = None
    contact: Literal["closed-when-shut", "open-when-shut"]
    rex: Literal["closed-when-pressed", "open-when-pressed"] = "closed-when-pressed"
    tamper: Literal["open-when-tampered", "closed-when-tampered"] = "open-when-tampered"
    fire: Literal["open-on-alarm", "closed-on-alarm"] = "open-on-alarm"
    lock: Literal["fail-secure-strike", "maglock"]
    lock_line: Literal["high-releases"] = "high-releases"
    lock_pulled_down: bool = False
    siren: Literal["sounds-when-high", "sounds-when-low"] = "sounds-when-high"
    hardwired_rex: bool = False
    hardwired_fire: bool = False
    debounce_ms: Annotated[int, Range(5, 500, "shorter sees contacts bounce, longer misses a quick door")] = 30

    def sensing(self) -> dict[str, object]:
        """What the driver of the switches is given."""
        return {key: getattr(self, key) for key in SENSING}

    def locking(self) -> dict[str, object]:
        """What the driver of the lock is given."""
        return {key: getattr(self, key) for key in LOCKING}

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """A maglock needs a way out that no program can block; a lock that is not driven is secure."""
        yield from DoorTimes.contradictions(self)
        if self.lock_pin not in LOW_AT_BOOT and not self.lock_pulled_down:
            yield "lock_pin", HIGH_AT_BOOT
        if self.lock == "maglock" and not (self.hardwired_rex and self.hardwired_fire):
            yield "lock", MAGLOCK


class SimulatedDoor(DoorTimes, frozen=True, tag="simulated"):
    """A door that the control socket of `[simulated]` opens and shuts."""


class NoDoor(Kind, frozen=True, tag="none"):
    """This station has no door."""


Door = GpioDoor | SimulatedDoor | NoDoor

Role = Annotated[str, Text(r"[a-z][a-z0-9-]{0,31}", "a role of the roster, 1..32 characters a-z, 0-9 and -")]


class Entry(Table, frozen=True, kw_only=True):
    """Who may enter: how many people, in which pairs of roles, in which hours of local time.

    `other_roles` may stand in a roster as well, and let nobody in.
    """

    people: Annotated[int, Range(1, 2, "2 is the two-person rule, 1 turns it off")] = 2
    pairs: Annotated[tuple[tuple[Role, Role], ...], Items(1, 32)] = (
        ("associate", "associate"),
        ("associate", "supervisor"),
    )
    other_roles: Annotated[tuple[Role, ...], Items(0, 32)] = ()
    hours: Hours = "07:00-22:30"
    second_badge_s: Annotated[int, Range(3, 60)] = 15
    pin_s: Annotated[int, Range(5, 30, "longer would leave the keypad to whoever comes next")] = 15
    lone_grace_s: Annotated[int, Range(0, 600)] = 60
