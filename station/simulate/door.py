"""Plays the steps of a scenario that are about the vault's door."""

from collections.abc import Iterator

from station.simulate.machine import Machine
from station.simulate.outcome import Outcome
from station.simulate.scenario import SPOILED, Step
from station.simulate.troubles import NotAsExpected
from station.simulate.vault import Vault


def doing(vault: Vault, step: Step) -> Iterator[Outcome]:
    """Yield what each part of a step came to; raise `NotAsExpected` where people are not where they must be then."""
    words = step.argument.split()
    match step.verb:
        case "badge":
            yield vault.spoil(words[1]) if words[0] == SPOILED else vault.badge(*words)
        case "enter":
            yield from _moving(vault, step, vault.enter(*words), 2)
        case "leave":
            yield from _moving(vault, step, vault.leave(words[0], " ".join(words[1:])), -1)
        case "until":
            yield vault.until(words[0], " ".join(words[1:]))
        case "open-for":
            yield vault.stand_open(int(words[0]))
        case "vault":
            yield Outcome("a station with a door" + (", these times shorter than usual" if words else ""))
        case _:
            yield _sensed(vault, step)


def _sensed(vault: Vault, step: Step) -> Outcome:
    match step.verb:
        case "door":
            return vault.move(step.argument == "opens")
        case "lever":
            return vault.press_lever()
        case "fire":
            return vault.fire(step.argument == "on")
        case _:
            return vault.tamper(step.argument == "on")


def _moving(vault: Vault, step: Step, parts: Iterator[Outcome], more: int) -> Iterator[Outcome]:
    wanted = vault.entry.occupancy + more
    yield from parts
    found = vault.entry.occupancy
    if found != wanted:
        raise NotAsExpected(f"line {step.line}: {step.text}: {found} are presumed inside; must be {wanted}")


def expect(machine: Machine, what: str, wanted: int) -> Outcome:
    """Check what the journal says of the door, and what its lock and its siren do; raise `Trouble` otherwise."""
    machine.look()
    watching = machine.watching
    if what in ("released", "siren"):
        watching.wait(
            lambda: (watching.is_released if what == "released" else watching.is_sounding) == bool(wanted),
            f"{what} {wanted}",
        )
        return Outcome(f"{what} {wanted}")
    entry = machine.vault.entry
    found = entry.occupancy if what == "inside" else machine.account().alarms
    if found != wanted or (what == "inside" and entry.uncertain):
        doubt = f" ({entry.uncertain})" if what == "inside" and entry.uncertain else ""
        raise NotAsExpected(f"expect {what} {wanted}: the journal says {found}{doubt}; must be {wanted}")
    return Outcome(f"{what} {wanted}")
