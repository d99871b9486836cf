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
from station.simulate.cable import Cable
from station.simulate.child import Child
from station.simulate.door_account import Account, account_of
from station.simulate.gun import ANSWERS, BEL, Gun
from station.simulate.ledger import Ledger
from station.simulate.outcome import Outcome, describe_event
from station.simulate.receiver import EventReceiver
from station.simulate.troubles import ANSWER_S, START_S, Trouble
from station.simulate.vault import Vault
from station.simulate.waiting import LOOK_AGAIN_S, wait_until
from station.simulate.watching import Watching
from station.spine.clock import monotonic_ms
from station.spine.lockfile import JournalHeld

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
        receiver: EventReceiver | None = None,
        vault: Mapping[str, int] | None = None,
    ) -> None:
        self.cable, self._receiver = cable, receiver
        self.directory = directory
        self._gun = Gun()
        self._child = Child(directory, self._gun.port, cable.port if cable else None, vault)
        self.watching = Watching(self._child.socket_path)
        self._vault = (
            None if vault is None else Vault(self.watching, lambda: self.ledger, self.read_journal, self._next_outcome)
        )
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
            self.first_seq = _acked_before(self._child.data_dir) + 1
        self.watching.start()
        self._power_on()
        self._ledger = Ledger(self._child.data_dir)
        self._ledger.read_news()
        self._began_seq = self._ledger.station.seq + 1
        if not self._ledger.is_open:
            self._import_document("plan", parcels.plan_file(version=int(time.time())))
        if self.has_door:
            self._import_document("roster", people.roster_file(version=int(time.time())))

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

    def read_journal(self) -> None:
        """Read what the station recorded by itself; raise `Trouble` where it has ended by itself."""
        if not self._child.is_alive:
            raise self._child.trouble_with_log("ended by itself")
        self.ledger.read_news()

    def door_account(self) -> Account:
        """What the journal says of the door since this machine was started."""
        return account_of(self.ledger.recorded_since(self._began_seq))

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
        return self.scan_code(self._next_tag())

    def scan_again(self) -> Outcome:
        """Scan the code that was scanned last."""
        return self.scan_code(self._newest_code or parcels.planned_tags()[0])

    def scan_unknown(self) -> Outcome:
        """Scan a tag that no plan names."""
        return self.scan_code(parcels.STRANGE_TAG)

    def scan_unit(self, unit_index: int, *, of_next: bool = False) -> Outcome:
        """Scan one unit of the package that was scanned last, or of the next one."""
        tag = self._next_tag() if of_next else self._newest_tag or parcels.planned_tags()[0]
        self._newest_tag = tag
        return self.scan_code(parcels.retail_id(tag, unit_index))

    def scan_next_unit(self) -> Outcome:
        """Scan a unit, not counted yet, of the package that was scanned last."""
        units = self.ledger.station.count.package(self._newest_tag).units
        return self.scan_unit(next(index for index in range(len(units) + 1) if index not in units))

    def scan_code(self, code: str) -> Outcome:
        """Scan a code; once it is answered with BEL, BEL BEL or NAK its event must be in the journal."""
        self._newest_code = code
        if code in parcels.planned_tags():
            self._newest_tag = code
        self._gun.send_code(code)
        answer = self._gun.first_answer()
        event = self._newest_event()
        if event is None:
            raise Trouble(f"gun: {answer!r} came before any event was in the journal; must come after the commit")
        if answer == BEL and verdict_of(event) is Verdict.ALREADY:
            answer = self._gun.whole_answer()
        self._gun.forget_answer()
        if ANSWERS.get(answer) is not verdict_of(event):
            raise Trouble(f"gun: was answered {answer!r}; must fit {describe_event(event)}")
        return self._outcome_of(event)

    def scan_card(self, verb: str, argument: str = "") -> Outcome:
        """Scan a command card; it is answered by sound and light, and a refused one by NAK too."""
        self._gun.send_code(command_text(verb, argument))
        return self._next_outcome(f"card {verb}")

    def key_number(self, text: str) -> Outcome:
        """Key a number on the keypad."""
        self.watching.ask_device({"keys": "keypad", "text": text})
        return self._next_outcome(f"keys {text}")

    def cut_network(self) -> Outcome:
        """Cut the network; returns when the screen shows it."""
        return self._move_link(Link.DOWN)

    def restore_network(self) -> Outcome:
        """Restore the network; returns when the screen shows it."""
        return self._move_link(Link.UP)

    def pull_power(self, *, mid_scan: bool = False) -> Outcome:
        """SIGKILL, at rest or right after a code was sent; a new start must bring everything back that was answered."""
        before = self.ledger.packages_handled
        tag = self._next_tag()
        if mid_scan:
            self._gun.send_code(tag)
        self._child.pull_the_power()
        try:
            self.pause(DARK_S)
        finally:
            self._power_on()
        self._newest_event()
        after = self.ledger.packages_handled
        if not before <= after <= before + mid_scan:
            raise Trouble(f"power pull: goes on at {after} packages; must be {before} as before; see station.log")
        if not mid_scan:
            inside = f", {self.vault.entry.occupancy} presumed inside" if self.has_door else ""
            return Outcome(f"goes on at {after}{inside}")
        again = self.scan_code(tag)
        twice = Verdict.REFUSED if self.ledger.is_moving else Verdict.ALREADY
        wanted = twice if after > before else Verdict.COUNTED
        if again.verdict is not wanted:
            raise Trouble(f"power pull: the code that was on its way came to {again.verdict}; must be {wanted}")
        return Outcome(f"goes on at {after}; scanned again: {again.text}", None, again.signal)

    def wait_until_sent(self) -> None:
        """Wait until every event has arrived, and the screen says so."""
        receiver, ledger = self._receiver, self.ledger
        if receiver is not None:
            self.read_journal()
            wanted = ledger.events_recorded - self.first_seq
            wait_until(lambda: receiver.events_arrived(ledger.epoch) >= wanted, f"broker: {wanted} events", ANSWER_S)
        self.wait_until_shown(lambda view: view.waiting == 0, "0 waiting")

    def wait_until_shown(self, is_so: Callable[[View], bool], what: str) -> None:
        """Wait until the screen shows it."""
        watching = self.watching
        watching.wait_for_change(lambda: watching.view is not None and is_so(watching.view), what)

    # How

    def _power_on(self) -> None:
        self._gun.lay_down()
        self._child.start()
        wait_until(lambda: self._gun.is_taken() or not self._child.is_alive, "gun: the station at its port", START_S)
        if not self._child.is_alive:
            raise self._child.trouble_with_log("ended at once")
        self._greet_station()

    def _greet_station(self) -> None:
        """Scan the test card until it is answered: what was sent before the port was quite open is lost."""
        watching = self.watching
        watching.wait_for_change(lambda: watching.is_connected, "the control socket")
        before = watching.plays
        for _ in range(GREETINGS_MAX):
            self._gun.send_code(command_text("test"))
            try:
                watching.wait_for_change(lambda: watching.plays > before, "the test card's sound", GREETING_S)
            except Trouble:
                continue
            self._plays = watching.plays
            return
        raise self._child.trouble_with_log("did not answer a test card")

    def _import_document(self, kind: str, content: bytes) -> None:
        path = self.directory / f"{kind}.json"
        path.write_bytes(content)
        settings = config.load(str(self._child.settings_path))
        deadline = time.monotonic() + ANSWER_S
        while True:
            try:
                importing.import_file(settings, kind, path)
            except JournalHeld:  # its control socket is not there yet
                if time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_AGAIN_S)
            else:
                break
        self.ledger.read_news()

    def _next_tag(self) -> str:
        tags = parcels.planned_tags()
        return next((tag for tag in tags if not self.ledger.is_handled(tag)), tags[-1])

    def _newest_event(self) -> Event | None:
        """The newest event since the last look that is about a scan."""
        events = [recorded.event for recorded in self.ledger.read_news()]
        return next((event for event in reversed(events) if verdict_of(event) is not None), None)

    def _outcome_of(self, event: Event | None) -> Outcome:
        self._wait_for_sound()
        signal = self.watching.signals[-1]
        if event is None:
            return Outcome("nothing to record", Verdict.NOTED, signal)
        return Outcome(describe_event(event), verdict_of(event), signal)

    def _next_outcome(self, what: str) -> Outcome:
        self._wait_for_sound(what)
        self._plays -= 1  # `_outcome_of` finds the same sound
        outcome = self._outcome_of(self._newest_event())
        if outcome.verdict is Verdict.REFUSED and what.startswith("card"):
            self._gun.first_answer()
            self._gun.forget_answer()
        return outcome

    def _wait_for_sound(self, what: str = "its sound") -> None:
        watching, wanted = self.watching, self._plays + 1
        watching.wait_for_change(lambda: watching.plays >= wanted, f"the sound of {what}")
        self._plays = wanted

    def _move_link(self, link: Link) -> Outcome:
        if self.cable is None:
            return Outcome("no broker: nothing to cut or restore")
        if link is Link.DOWN:
            self.cable.cut()
        else:
            self.cable.restore()
        self.wait_until_shown(lambda view: view.link is link, f"link {link}")
        return Outcome(f"link {link}")


def _acked_before(data_dir: Path) -> int:
    reader = Reader.open_at(data_dir / "journal.db")
    try:
        return reader.acked()
    finally:
        reader.close()
