"""Plays the steps of a scenario on a machine. Each step waits for what it is to bring about."""

from collections.abc import Callable, Iterator

from station.domain.core.effects import Verdict
from station.domain.core.view import View
from station.simulate import door_steps
from station.simulate.machine import Machine
from station.simulate.outcome import Outcome
from station.simulate.scenario import AT_THE_DOOR, DOOR_VERBS, Step
from station.simulate.troubles import NotAsExpected

LATER = ("say", "expect", "until")
"""Steps that look back at the one before."""


def play_step(machine: Machine, step: Step, name: str) -> Iterator[Outcome]:
    """Yield what each scan of a step came to; raise `NotAsExpected` at the first that is not as it must be."""
    if machine.has_door and step.verb not in LATER:
        machine.vault.mark_newest()
    for outcome in _step_outcomes(machine, step):
        yield outcome
        if step.verdict is not None and outcome.verdict is not step.verdict:
            came_to = f"{outcome.verdict} ({outcome.text})"
            raise NotAsExpected(f"{name} line {step.line}: {step.text}: came to {came_to}; must be {step.verdict}")


def _step_outcomes(machine: Machine, step: Step) -> Iterator[Outcome]:
    match step.verb:
        case "card":
            verb, _, argument = step.argument.partition(" ")
            yield machine.scan_card(verb, argument.strip())
        case "unit":
            yield machine.scan_unit(int(step.argument))
        case "units":
            for unit_index in range(step.times):
                yield machine.scan_unit(unit_index, of_next=unit_index == 0)
        case "keys":
            yield machine.key_number(step.argument)
        case "network":
            yield machine.cut_network() if step.argument == "cut" else machine.restore_network()
        case "power":
            yield machine.pull_power(mid_scan=step.argument.endswith("mid-scan"))
        case "expect":
            yield check_expected(machine, *step.argument.split())
        case "say":
            yield Outcome("")
        case verb if verb == "vault" or verb in DOOR_VERBS:
            yield from door_steps.door_outcomes(machine.vault, step)
        case _:
            for _ in range(step.times):
                yield _scan_action(machine, step)()


def _scan_action(machine: Machine, step: Step) -> Callable[[], Outcome]:
    return {
        "scan": machine.scan_next,
        "repeat": machine.scan_again,
        "unknown": machine.scan_unknown,
        "garble": lambda: machine.scan_code("~~garbled~~"),
    }[step.verb]


def check_expected(machine: Machine, what: str, number: str) -> Outcome:
    """Check what the journal says, and wait until the screen says it too. Raise `Trouble` where it does not."""
    wanted = int(number)
    if what in AT_THE_DOOR:
        return door_steps.check_door(machine, what, wanted)
    if what == "waiting":
        if machine.cable is None:
            return Outcome("no broker: nothing is sent")
        if wanted:
            machine.wait_until_shown(lambda view: view.waiting == wanted, f"{wanted} waiting")
        else:
            machine.wait_until_sent()
        return Outcome(f"{wanted} waiting")
    found = _found(machine, what)
    if found != wanted:
        raise NotAsExpected(f"expect {what} {wanted}: the journal says {found}; must be {wanted}")
    if what == "counted" and machine.ledger.is_open:
        machine.wait_until_shown(lambda view: _shown_count(view) == number, f"{number} on the screen")
    return Outcome(f"{what} {wanted}", Verdict.NOTED)


def _found(machine: Machine, what: str) -> int:
    """What the journal says."""
    count, moves = machine.ledger.station.count, machine.ledger.station.moves
    if what in ("in-hand", "moved"):
        return len(moves.in_hand if what == "in-hand" else moves.put_down)
    return {"counted": len(count.packages), "units": count.units, "refused": count.refused}[what]


def _shown_count(view: View) -> str:
    return view.fact.args[0] if view.fact.key in ("progress", "counted") and view.fact.args else ""
