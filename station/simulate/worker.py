"""The thread that does things to the machine while another shows it: a demo first, then what keys ask for."""

import queue
import threading

from station.errors import StationError
from station.simulate.door_keys import Action
from station.simulate.machine import Machine
from station.simulate.outcome import Outcome
from station.simulate.player import play_step
from station.simulate.scenario import Step

WAITING_MAX = 8
LOOK_S = 0.2
JOIN_S = 60.0
SEEN_S = {
    "vault": 0.0,
    "enter": 0.4,
    "leave": 0.4,
    "say": 1.6,
    "scan": 0.3,
    "repeat": 0.9,
    "unknown": 0.9,
    "units": 0.5,
    "power": 1.6,
    "network": 1.6,
}
"""How long somebody who watches a demo looks at a step of each kind, at speed 1."""
OTHER_SEEN_S = 0.9


class NobodyWatches(Exception):
    """Nobody watches any more."""


class Worker(threading.Thread):
    """Plays `steps`, then does what `do_soon` is given, until `end_soon`. Its fields may be read from any thread."""

    def __init__(self, machine: Machine, steps: tuple[Step, ...], name: str, speed: float) -> None:
        super().__init__(name="worker", daemon=True)
        self._machine, self._steps, self.demo, self._speed = machine, steps, name, speed
        self._actions: queue.Queue[tuple[str, Action]] = queue.Queue(WAITING_MAX)
        self._ending = threading.Event()
        self.newest: Outcome | None = None
        self.caption = ""
        self.trouble = ""
        self.played = threading.Event()
        if not steps:
            self.played.set()
        self.failure: Exception | None = None
        """What ended the demo before its end, or this thread."""
        machine.pause = self.pause_for

    def run(self) -> None:
        try:
            self._play_demo()
            while not self._ending.is_set():
                self._do_next()
        except NobodyWatches:
            pass
        except Exception as error:  # whatever it is: it is raised again where it is seen
            self.failure = error
        finally:
            self.played.set()

    @property
    def is_playing(self) -> bool:
        """Whether the demo has not come to its end."""
        return not self.played.is_set()

    def do_soon(self, caption: str, action: Action) -> bool:
        """Have this done soon; return False while a demo plays, or when `WAITING_MAX` wait already."""
        if self.is_playing:
            return False
        try:
            self._actions.put_nowait((caption, action))
        except queue.Full:
            return False
        return True

    def end_soon(self) -> None:
        """End after what is being done now, and wait for that."""
        self._ending.set()
        self.join(JOIN_S)

    def pause_for(self, seconds: float) -> None:
        """Let somebody look, at the speed asked for; raise `NobodyWatches` where nobody does any more."""
        if self._ending.wait(seconds / self._speed):
            raise NobodyWatches

    def _let_see(self, seconds: float) -> None:
        """A pause, shorter where somebody at the door would come too late after it."""
        if self._ending.wait(self._machine.patience_s(seconds / self._speed)):
            raise NobodyWatches

    def _play_demo(self) -> None:
        said = ""
        for step in self._steps:
            if step.verb == "say":
                said = step.argument
            self.caption = f"{said}: {step.text}" if step.verb != "say" else said
            for outcome in play_step(self._machine, step, self.demo):
                if step.verb not in ("say", "expect"):
                    self.newest = outcome
                self._let_see(SEEN_S.get(step.verb, OTHER_SEEN_S))
        if self._steps:
            self.caption = f"{self.demo}: played; now the keys are yours"
        self.played.set()

    def _do_next(self) -> None:
        try:
            caption, action = self._actions.get(timeout=LOOK_S)
        except queue.Empty:
            action = None
        try:
            if action is None:
                self._machine.read_journal()
                return
            self.caption, self.trouble = caption, ""
            self.newest = action(self._machine)
        except (StationError, OSError) as error:
            self.trouble = str(error)
