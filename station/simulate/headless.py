"""A scenario as lines: each step with what sounded, what lit, and what it came to."""

from collections.abc import Callable

from station.simulate.machine import Machine
from station.simulate.outcome import LIGHTS, SOUNDS, Outcome
from station.simulate.player import play_step
from station.simulate.scenario import Step


def play_headless(machine: Machine, steps: tuple[Step, ...], name: str, tell: Callable[[str], None]) -> None:
    """Play all of it as fast as the station answers; raise what `play_step` raises, after the line of the step."""
    for step in steps:
        if step.verb == "say":
            tell(f"     -- {step.argument}")
            continue
        outcomes: list[Outcome] = []
        try:
            outcomes.extend(play_step(machine, step, name))
        finally:
            tell(step_line(step, outcomes))


def step_line(step: Step, outcomes: list[Outcome]) -> str:
    """`  7  scan 12    one short high, green   x12   count.scanned ..012356`"""
    newest = outcomes[-1] if outcomes else Outcome("nothing: see below")
    sound = f"{SOUNDS[newest.signal]}, {LIGHTS[newest.signal]}" if newest.signal else ""
    times = f"x{len(outcomes)}" if len(outcomes) > 1 else ""
    return f"{step.line:4}  {step.text:<26} {sound:<22} {times:<4} {newest.text}".rstrip()
