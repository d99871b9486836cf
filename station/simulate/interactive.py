"""The simulator in a terminal: this thread shows the machine and reads keys, the worker does what they ask for."""

import time

from station.domain.core.view import View
from station.screens.braille import braille_rows
from station.screens.picture import render_view
from station.simulate.child import NAME, SITE
from station.simulate.keys import QUIT, TURN, press_key
from station.simulate.machine import Machine
from station.simulate.outcome import describe_event
from station.simulate.receiver import EventReceiver
from station.simulate.scene import DARK, AtDoor, TerminalScene, scene_lines
from station.simulate.terminal import Terminal
from station.simulate.worker import Worker

TICK_S = 0.05
LIT_S = 0.6
"""For how long a light stays on after its sound."""


class Interactive:
    """One evening at the station."""

    def __init__(self, machine: Machine, receiver: EventReceiver | None, worker: Worker, title: str) -> None:
        self._machine, self._receiver, self._worker, self._title = machine, receiver, worker, title
        self._typed: str | None = None
        self._is_at_door = machine.has_door and worker.is_playing
        self._hint = ""
        self._view: View | None = None
        self._picture = DARK

    def run(self, terminal: Terminal) -> None:
        """Show the machine and do what keys ask for until `q`, or until a demo fails: then raise why."""
        self._worker.start()
        try:
            while self._worker.failure is None:
                terminal.draw_lines(scene_lines(self.current_scene(), *terminal.size))
                if any(self._press_key(key) for key in terminal.read_keys(TICK_S)):
                    break
        finally:
            self._worker.end_soon()
        if self._worker.failure is not None:
            raise self._worker.failure

    def current_scene(self) -> TerminalScene:
        """Gather what there is to see now."""
        machine, worker, watching = self._machine, self._worker, self._machine.watching
        view, held = watching.view, watching.held
        sounded = watching.signals[-1] if watching.signals else None
        return TerminalScene(
            title=self._title,
            caption=self._hint or worker.caption,
            picture=self._drawn_rows(view),
            is_powered=machine.is_powered and view is not None,
            lit=held or (sounded if time.monotonic() - watching.played_at < LIT_S else None),
            sounded=held or sounded,
            newest=worker.newest,
            trouble=worker.trouble,
            typed=self._typed,
            link=view.link if view else None,
            waiting=view.waiting if view else 0,
            events=machine.ledger.events_recorded,
            arrived=self._receiver.events_arrived(machine.ledger.epoch) if self._receiver else None,
            door=self._door_state() if machine.has_door else None,
            event_texts=tuple(f"{each.seq:4} {describe_event(each.event)}" for each in list(machine.ledger.newest)),
        )

    def _press_key(self, key: str) -> bool:
        """Do what a key asks for; true where it is the last one."""
        if key == QUIT and self._typed is None:
            return True
        if key == TURN and self._machine.has_door and self._typed is None:
            self._is_at_door = not self._is_at_door
            return False
        pressed = press_key(self._typed, key, is_at_door=self._is_at_door)
        self._typed, self._hint = pressed.typed, ""
        if pressed.action is not None and not self._worker.do_soon(pressed.caption, pressed.action):
            self._hint = "the demo is playing; q quits" if self._worker.is_playing else "one thing after another"
        return False

    def _door_state(self) -> AtDoor:
        watching = self._machine.watching
        return AtDoor(
            self._machine.vault.entry.door.is_open, watching.is_released, watching.is_sounding, self._is_at_door
        )

    def _drawn_rows(self, view: View | None) -> tuple[str, ...]:
        if view != self._view:
            self._view = view
            self._picture = tuple(braille_rows(render_view(view, "en", "UTC"))) if view else DARK
        return self._picture


def show_machine(machine: Machine, receiver: EventReceiver | None, worker: Worker, terminal: Terminal) -> None:
    """Show the machine in `terminal`, play the worker's demo, do what keys ask for, until `q`."""
    title = f"station simulate: {SITE}/{NAME}" + (f", demo {worker.demo}" if worker.is_playing else "")
    Interactive(machine, receiver, worker, title).run(terminal)
