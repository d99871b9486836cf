"""Plays the steps of a scenario that are about the vault's door."""

from collections.abc import Iterator

from station.simulate.machine import Machine
from station.simulate.outcome import Outcome
from station.simulate.scenario import SPOILED, Step
from station.simulate.troubles import NotAsExpected
from station.simulate.vault import Vault


def door_outcomes(vault: Vault, step: Step) -> Iterator[Outcome]:
    """Yield what each part of a step came to; raise `NotAsExpected` where people are not where they must be then."""
    words = step.argument.split()
    match step.verb:
        case "badge":
            yield vault.spoil_badge(words[1]) if words[0] == SPOILED else vault.show_badge(*words)
        case "enter":
            yield from _moving_outcomes(vault, step, vault.come_in(*words), 2)
        case "leave":
            yield from _moving_outcomes(vault, step, vault.go_out(words[0], " ".join(words[1:])), -1)
        case "until":
            yield vault.wait_for_event(words[0], " ".join(words[1:]))
        case "open-for":
            yield vault.stand_open(int(words[0]))
        case "vault":
            yield Outcome("a station with a door" + (", these times shorter than usual" if words else ""))
        case _:
            yield _sensed_outcome(vault, step)


def _sensed_outcome(vault: Vault, step: Step) -> Outcome:
    match step.verb:
        case "door":
            return vault.move_door(step.argument == "opens")
        case "lever":
            return vault.press_lever()
        case "fire":
            return vault.set_fire(step.argument == "on")
        case _:
            return vault.set_tamper(step.argument == "on")


def _moving_outcomes(vault: Vault, step: Step, parts: Iterator[Outcome], more: int) -> Iterator[Outcome]:
    wanted = vault.entry.occupancy + more
    yield from parts
    found = vault.entry.occupancy
    if found != wanted:
        raise NotAsExpected(f"line {step.line}: {step.text}: {found} are presumed inside; must be {wanted}")


def check_door(machine: Machine, what: str, wanted: int) -> Outcome:
    """Check what the journal says of the door, and what its lock and its siren do; raise `Trouble` otherwise."""
    machine.read_journal()
    watching = machine.watching
    if what in ("released", "siren"):
        watching.wait_for_change(
            lambda: (watching.is_released if what == "released" else watching.is_sounding) == bool(wanted),
            f"{what} {wanted}",
        )
        return Outcome(f"{what} {wanted}")
    entry = machine.vault.entry
    found = entry.occupancy if what == "inside" else machine.door_account().alarms
    if found != wanted or (what == "inside" and entry.uncertain):
        doubt = f" ({entry.uncertain})" if what == "inside" and entry.uncertain else ""
        raise NotAsExpected(f"expect {what} {wanted}: the journal says {found}{doubt}; must be {wanted}")
    return Outcome(f"{what} {wanted}")
