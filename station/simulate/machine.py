"""A whole station on simulated hardware, with everything that can be done to it. One thread uses it."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from station import config
from station.domain.core.conditions import Link
from station.domain.core.effects import Verdict
from station.domain.core.event import Event
from station.domain.core.view import View
from station.domain.identifiers import command_text
from station.domain.station.deadlines import due
from station.domain.station.viewing import verdict_of
from station.importing import command as importing
from station.journal.reader import Reader
from station.simulate import parcels, people
from station.simulate.account import Account, account
from station.simulate.cable import Cable
from station.simulate.child import Child
from station.simulate.gun import ANSWERS, BEL, Gun
from station.simulate.ledger import Ledger
from station.simulate.outcome import Outcome, describe
from station.simulate.receiver import Receiver
from station.simulate.troubles import ANSWER_S, START_S, Trouble
from station.simulate.vault import Vault
from station.simulate.waiting import LOOK_AGAIN_S, wait_until
from station.simulate.watching import Watching
from station.spine.clock import monotonic_ms
from station.spine.lockfile import Held

DARK_S = 1.0
PATIENCE = 0.5
"""Of the time that is left, the rest is for what must be done in it."""
GREETINGS_MAX = 5
GREETING_S = 3.0


class Machine:
    """`directory` holds the station; `cable` leads to its broker and `receiver` listens there, None without one.

    `vault` are the settings of its vault's entry that are other than usual; None where it has no door.
    """

    def __init__(
        self,
        directory: Path,
        cable: Cable | None = None,
        receiver: Receiver | None = None,
        vault: Mapping[str, int] | None = None,
    ) -> None:
        self.cable, self._receiver = cable, receiver
        self.directory = directory
        self._gun = Gun()
        self._child = Child(directory, self._gun.port, cable.port if cable else None, vault)
        self.watching = Watching(self._child.socket_path)
        self._vault = None if vault is None else Vault(self.watching, lambda: self.ledger, self.look, self._answered)
        self._ledger: Ledger | None = None
        self._newest_code = ""
        self._newest_tag = ""
        self._plays = 0
        self.pause: Callable[[float], None] = lambda _: None
        """Called with seconds where a person is to see something, such as a station without power."""
        self.first_seq = 0
        """What this station has to send begins here: a directory that is used again was sent in part."""
        self._began_seq = 0

    @property
    def has_door(self) -> bool:
        return self._vault is not None

    @property
    def vault(self) -> Vault:
        """The door and what is around it; there where `has_door`."""
        if self._vault is None:
            raise AssertionError("this station has no door")
        return self._vault

    @property
    def ledger(self) -> Ledger:
        """The journal; there once `start` has returned."""
        if self._ledger is None:
            raise AssertionError("the machine was not started")
        return self._ledger

    @property
    def data_dir(self) -> Path:
        return self._child.data_dir

    @property
    def is_powered(self) -> bool:
        return self._child.is_alive

    def start(self) -> None:
        """Power on, wait until a scan is answered, and bring in the plan and the roster."""
        if (self._child.data_dir / "journal.db").exists():
            self.first_seq = _sent(self._child.data_dir) + 1
        self.watching.start()
        self._power_on()
        self._ledger = Ledger(self._child.data_dir)
        self._ledger.read()
        self._began_seq = self._ledger.station.seq + 1
        if not self._ledger.is_open:
            self._import("plan", parcels.plan(version=int(time.time())))
        if self.has_door:
            self._import("roster", people.roster(version=int(time.time())))

    def stop(self) -> None:
        """Power off in order. Raise `Trouble` where the station does not end so."""
        try:
            self._child.stop()
        finally:
            self.close()

    def close(self) -> None:
        """Leave nothing running, whatever happened before."""
        self._child.pull_the_power()
        self.watching.close()
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None
        self._gun.close()

    def look(self) -> None:
        """Read what the station recorded by itself; raise `Trouble` where it has ended by itself."""
        if not self._child.is_alive:
            raise self._child.trouble("ended by itself")
        self.ledger.read()

    def account(self) -> Account:
        """What the journal says of the door since this machine was started."""
        return account(self.ledger.recorded(self._began_seq))

    def patience_s(self, seconds: float) -> float:
        """So much of `seconds` that somebody may look on before the door, where there is one, decides by itself."""
        if not self.has_door:
            return seconds
        station, now = self.ledger.station, monotonic_ms()
        moments = [moment for moment in (due(station), station.entry.door.rex_until) if moment and moment > now]
        return min([seconds, *((moment - now) / 1000 * PATIENCE for moment in moments)])

    # What is done at the station

    def scan_next(self) -> Outcome:
        """The next package of the plan that is not counted, or in a list of moves not carried yet."""
        return self.scan(self._next_tag())

    def repeat(self) -> Outcome:
        """The code that was scanned last."""
        return self.scan(self._newest_code or parcels.tags()[0])

    def scan_unknown(self) -> Outcome:
        """A tag that no plan names."""
        return self.scan(parcels.STRANGE_TAG)

    def scan_unit(self, unit_index: int, *, of_next: bool = False) -> Outcome:
        """One unit of the package that was scanned last, or of the next one."""
        tag = self._next_tag() if of_next else self._newest_tag or parcels.tags()[0]
        self._newest_tag = tag
        return self.scan(parcels.retail_id(tag, unit_index))

    def scan_next_unit(self) -> Outcome:
        """A unit of the package that was scanned last, which is not counted yet."""
        units = self.ledger.station.count.package(self._newest_tag).units
        return self.scan_unit(next(index for index in range(len(units) + 1) if index not in units))

    def scan(self, code: str) -> Outcome:
        """Any code that is answered with BEL, BEL BEL or NAK; its event must be in the journal by then."""
        self._newest_code = code
        if code in parcels.tags():
            self._newest_tag = code
        self._gun.send(code)
        answer = self._gun.answer()
        event = self._newest_event()
        if event is None:
            raise Trouble(f"gun: {answer!r} came before any event was in the journal; must come after the commit")
        if answer == BEL and verdict_of(event) is Verdict.ALREADY:
            answer = self._gun.second()
        self._gun.forget()
        if ANSWERS.get(answer) is not verdict_of(event):
            raise Trouble(f"gun: was answered {answer!r}; must fit {describe(event)}")
        return self._sounded(event)

    def card(self, verb: str, argument: str = "") -> Outcome:
        """A command card; it is answered by sound and light, and a refused one by NAK too."""
        self._gun.send(command_text(verb, argument))
        return self._answered(f"card {verb}")

    def key(self, text: str) -> Outcome:
        """A number on the keypad."""
        self.watching.ask({"keys": "keypad", "text": text})
        return self._answered(f"keys {text}")

    def cut_network(self) -> Outcome:
        """Cut the network; returns when the screen shows it."""
        return self._move_link(Link.DOWN)

    def restore_network(self) -> Outcome:
        """Restore the network; returns when the screen shows it."""
        return self._move_link(Link.UP)

    def pull_power(self, *, mid_scan: bool = False) -> Outcome:
        """SIGKILL, at rest or right after a code was sent; a new start must bring everything back that was answered."""
        before = self.ledger.handled
        tag = self._next_tag()
        if mid_scan:
            self._gun.send(tag)
        self._child.pull_the_power()
        try:
            self.pause(DARK_S)
        finally:
            self._power_on()
        self._newest_event()
        after = self.ledger.handled
        if not before <= after <= before + mid_scan:
            raise Trouble(f"power pull: goes on at {after} packages; must be {before} as before; see station.log")
        if not mid_scan:
            inside = f", {self.vault.entry.occupancy} presumed inside" if self.has_door else ""
            return Outcome(f"goes on at {after}{inside}")
        again = self.scan(tag)
        twice = Verdict.REFUSED if self.ledger.is_moving else Verdict.ALREADY
        wanted = twice if after > before else Verdict.COUNTED
        if again.verdict is not wanted:
            raise Trouble(f"power pull: the code that was on its way came to {again.verdict}; must be {wanted}")
        return Outcome(f"goes on at {after}; scanned again: {again.text}", None, again.signal)

    def all_sent(self) -> None:
        """Wait until every event has arrived, and the screen says so."""
        receiver, ledger = self._receiver, self.ledger
        if receiver is not None:
            self.look()
            wanted = ledger.events - self.first_seq
            wait_until(lambda: receiver.arrived(ledger.epoch) >= wanted, f"broker: {wanted} events", ANSWER_S)
        self.shown(lambda view: view.waiting == 0, "0 waiting")

    def shown(self, is_so: Callable[[View], bool], what: str) -> None:
        """Wait until the screen shows it."""
        watching = self.watching
        watching.wait(lambda: watching.view is not None and is_so(watching.view), what)

    # How

    def _power_on(self) -> None:
        self._gun.lay_down()
        self._child.start()
        wait_until(lambda: self._gun.is_taken() or not self._child.is_alive, "gun: the station at its port", START_S)
        if not self._child.is_alive:
            raise self._child.trouble("ended at once")
        self._greet()

    def _greet(self) -> None:
        """Scan the test card until it is answered: what was sent before the port was quite open is lost."""
        watching = self.watching
        watching.wait(lambda: watching.is_connected, "the control socket")
        before = watching.plays
        for _ in range(GREETINGS_MAX):
            self._gun.send(command_text("test"))
            try:
                watching.wait(lambda: watching.plays > before, "the test card's sound", GREETING_S)
            except Trouble:
                continue
            self._plays = watching.plays
            return
        raise self._child.trouble("did not answer a test card")

    def _import(self, kind: str, content: bytes) -> None:
        path = self.directory / f"{kind}.json"
        path.write_bytes(content)
        settings = config.load(str(self._child.settings_path))
        deadline = time.monotonic() + ANSWER_S
        while True:
            try:
                importing.import_file(settings, kind, path)
            except Held:  # its control socket is not there yet
                if time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_AGAIN_S)
            else:
                break
        self.ledger.read()

    def _next_tag(self) -> str:
        tags = parcels.tags()
        return next((tag for tag in tags if not self.ledger.is_handled(tag)), tags[-1])

    def _newest_event(self) -> Event | None:
        """The newest event since the last look that is about a scan."""
        events = [recorded.event for recorded in self.ledger.read()]
        return next((event for event in reversed(events) if verdict_of(event) is not None), None)

    def _sounded(self, event: Event | None) -> Outcome:
        self._wait_for_sound()
        signal = self.watching.signals[-1]
        if event is None:
            return Outcome("nothing to record", Verdict.NOTED, signal)
        return Outcome(describe(event), verdict_of(event), signal)

    def _answered(self, what: str) -> Outcome:
        self._wait_for_sound(what)
        self._plays -= 1  # `_sounded` finds the same sound
        outcome = self._sounded(self._newest_event())
        if outcome.verdict is Verdict.REFUSED and what.startswith("card"):
            self._gun.answer()
            self._gun.forget()
        return outcome

    def _wait_for_sound(self, what: str = "its sound") -> None:
        watching, wanted = self.watching, self._plays + 1
        watching.wait(lambda: watching.plays >= wanted, f"the sound of {what}")
        self._plays = wanted

    def _move_link(self, link: Link) -> Outcome:
        if self.cable is None:
            return Outcome("no broker: nothing to cut or restore")
        if link is Link.DOWN:
            self.cable.cut()
        else:
            self.cable.restore()
        self.shown(lambda view: view.link is link, f"link {link}")
        return Outcome(f"link {link}")


def _sent(data_dir: Path) -> int:
    reader = Reader.open_at(data_dir / "journal.db")
    try:
        return reader.acked()
    finally:
        reader.close()
