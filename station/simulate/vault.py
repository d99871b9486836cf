"""What can be done at the simulated vault's door: badges, the door itself, the lever, fire, tamper."""

from collections.abc import Callable, Iterator

from station.domain.core.decider import Recorded
from station.domain.core.event import Event
from station.domain.entry.events import DoorClosed, DoorOpened, DoorTampered, EgressRex
from station.domain.entry.state import Entry
from station.simulate.ledger import Ledger
from station.simulate.outcome import Outcome, describe_event
from station.simulate.people import BADGES
from station.simulate.troubles import ANSWER_S
from station.simulate.waiting import wait_until
from station.simulate.watching import Watching
from station.spine.clock import monotonic_ms

UNTIL_S = 90.0
"""The longest time that a policy's settings of a scenario may let pass before an event."""


class Vault:
    """Does things at the door of a running station, and waits for what the station records of them.

    `look` reads what the station recorded; `answered` waits for the next sound and says what it was about.
    """

    def __init__(
        self,
        watching: Watching,
        ledger: Callable[[], Ledger],
        look: Callable[[], None],
        answered: Callable[[str], Outcome],
    ) -> None:
        self._watching, self._ledger, self._look, self._answered = watching, ledger, look, answered
        self._since = 0

    @property
    def entry(self) -> Entry:
        """The state of the entry, as the journal has it."""
        return self._ledger().station.entry

    def mark_newest(self) -> None:
        """From now on `wait_for_event` waits for events after the newest one."""
        self._look()
        self._since = self._ledger().station.seq

    def show_badge(self, name: str, side: str) -> Outcome:
        """Hold a badge of `people.BADGES` to the reader of this side."""
        self._watching.ask_device({"badge": side, "number": BADGES[name]})
        return self._answered(f"badge {name} {side}")

    def spoil_badge(self, side: str) -> Outcome:
        """Hold a badge that cannot be read whole to the reader of this side."""
        self._watching.ask_device({"badge": side, "spoiled": "parity"})
        return self._answered(f"spoiled badge {side}")

    def move_door(self, is_open: bool) -> Outcome:
        """Open or shut the door."""
        if self.entry.door.is_open == is_open:
            return Outcome(f"the door is {'open' if is_open else 'shut'} already")
        return self._ask_and_wait({"door": "open" if is_open else "closed"}, DoorOpened if is_open else DoorClosed)

    def press_lever(self) -> Outcome:
        """Ask to leave, by the lever inside."""
        return self._ask_and_wait({"rex": True}, EgressRex)

    def set_fire(self, is_on: bool) -> Outcome:
        """Begin or end the alarm of the fire panel."""
        if self.entry.door.is_fire == is_on:
            return Outcome(f"the fire alarm is {'on' if is_on else 'off'} already")
        return self._ask_and_wait({"fire": is_on}, EgressRex)

    def set_tamper(self, is_on: bool) -> Outcome:
        """Open the station's case, or shut it."""
        if self.entry.door.is_tampered == is_on:
            return Outcome(f"the case is {'open' if is_on else 'shut'} already")
        return self._ask_and_wait({"tamper": is_on}, DoorTampered)

    def come_in(self, first: str, second: str) -> Iterator[Outcome]:
        """Two people show their badges, open the door and shut it."""
        yield self.show_badge(first, "outside")
        yield self.show_badge(second, "outside")
        yield self.move_door(True)
        yield self.move_door(False)

    def go_out(self, name: str, order: str) -> Iterator[Outcome]:
        """One person goes out: `badge lever` before the door is opened, or `lever badge` with it open already."""
        if order == "badge lever":
            yield self.show_badge(name, "inside")
        yield self.press_lever()
        yield self.move_door(True)
        if order == "lever badge":
            yield self.show_badge(name, "inside")
        yield self.move_door(False)

    def wait_for_event(self, event_type: str, word: str = "") -> Outcome:
        """Wait for an event of this type since `mark_newest`, in whose description the word stands."""

        def is_it(event: Event) -> bool:
            return event_type == event.TYPE and word in describe_event(event)

        found = self._wait_for(is_it, f"{event_type} {word}".rstrip(), UNTIL_S, self._since)
        self._since = found.seq
        return Outcome(describe_event(found.event))

    def stand_open(self, seconds: int) -> Outcome:
        """Wait until the door has stood open for so long."""
        opened_at = self.entry.door.opened_at
        wait_until(lambda: monotonic_ms() - opened_at >= seconds * 1000, "time", seconds + ANSWER_S)
        self._look()
        return Outcome(f"open for {seconds} s")

    def _ask_and_wait(self, request: dict[str, object], kind: type[Event]) -> Outcome:
        """Ask a simulated device for it; return what the station recorded of it."""
        self._look()
        since = self._ledger().station.seq
        self._watching.ask_device(request)
        return Outcome(
            describe_event(self._wait_for(lambda event: isinstance(event, kind), kind.TYPE, ANSWER_S, since).event)
        )

    def _wait_for(self, is_it: Callable[[Event], bool], what: str, within_s: float, since: int) -> Recorded:
        found: list[Recorded] = []

        def is_there() -> bool:
            self._look()
            found[:] = [r for r in self._ledger().newest if r.seq > since and is_it(r.event)]
            return bool(found)

        wait_until(is_there, f"journal: {what}", within_s)
        return found[0]
