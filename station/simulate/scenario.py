"""Scenario files: one step a line, played by the demo and by tests.

    card start-count            a command card, as `station cards` prints it: its verb, then its argument
    scan 12                     the next 12 packages of the plan that are not counted
    repeat                      the code that was scanned last, again
    unknown                     a tag that no plan names
    garble                      a line that is no code
    unit 3                      the Retail ID code of unit 3 of the package that was scanned last
    units 4                     the next package, by the Retail ID codes of 4 of its units
    keys 12.5                   a number on the keypad
    network cut                 and: network restore
    power pull                  SIGKILL and a new start; `power pull mid-scan` right after a code was sent
    expect counted 50           and units, refused, waiting: what the screen and the journal must say; after a cut
                                more may be waiting than have not arrived, since acknowledgements were lost with it
    say Now a shift begins      words for who watches

A step that scans or keys may end in `-> counted`, `already`, `refused` or `noted`, where it is to come to something
else than usual. `#` begins a comment.
"""

import re
from collections.abc import Callable
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from station.domain.effects import Verdict
from station.domain.identifiers import command_text
from station.errors import UsageError
from station.simulate.troubles import ScenarioFault

SUFFIX = ".scenario"
STEPS_MAX = 1000
TIMES_MAX = 10_000
UNIT_INDEX_MAX = 2**31 - 1
EXPECTABLE = ("counted", "units", "refused", "waiting")


class Step(msgspec.Struct, frozen=True):
    """One line: `argument` as written, `times` where it is a number of scans, `verdict` what each must come to."""

    line: int
    verb: str
    argument: str = ""
    times: int = 1
    verdict: Verdict | None = None

    @property
    def text(self) -> str:
        """As a scenario says it."""
        return f"{self.verb} {self.argument}".rstrip()


class Rule(msgspec.Struct, frozen=True):
    """What may follow a verb: the text it must match, its description, and what a scan comes to as a rule."""

    allowed: Callable[[str], bool]
    meaning: str
    verdict: Verdict | None = None


def _whole(least: int, most: int) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) is not None and least <= int(text) <= most


def _is_card(argument: str) -> bool:
    verb, _, rest = argument.partition(" ")
    try:
        command_text(verb, rest.strip())
    except ValueError:
        return False
    return True


def _is_expectable(argument: str) -> bool:
    what, _, number = argument.partition(" ")
    return what in EXPECTABLE and _whole(0, TIMES_MAX)(number.strip())


def _times(text: str) -> bool:
    return not text or _whole(1, TIMES_MAX)(text)


_HOW_OFTEN = f"nothing, or a number of times 1..{TIMES_MAX}"
RULES = {
    "card": Rule(_is_card, "a card's verb and argument, such as start-count or location Vault A", Verdict.NOTED),
    "scan": Rule(_times, _HOW_OFTEN, Verdict.COUNTED),
    "repeat": Rule(_times, _HOW_OFTEN, Verdict.ALREADY),
    "unknown": Rule(_times, _HOW_OFTEN, Verdict.REFUSED),
    "garble": Rule(_times, _HOW_OFTEN, Verdict.REFUSED),
    "unit": Rule(_whole(0, UNIT_INDEX_MAX), f"the index of a unit 0..{UNIT_INDEX_MAX}", Verdict.COUNTED),
    "units": Rule(_whole(1, TIMES_MAX), f"a number of units 1..{TIMES_MAX}", Verdict.COUNTED),
    "keys": Rule(lambda text: bool(text) and text.isascii(), "what is typed before Enter, such as 12.5", Verdict.NOTED),
    "network": Rule(("cut", "restore").__contains__, "cut or restore"),
    "power": Rule(("pull", "pull mid-scan").__contains__, "pull or pull mid-scan"),
    "expect": Rule(_is_expectable, f"one of {', '.join(EXPECTABLE)} and a number, such as counted 50"),
    "say": Rule(bool, "words"),
}
_REPEATED = ("scan", "repeat", "unknown", "garble", "units")


def parse(text: str, name: str) -> tuple[Step, ...]:
    """Read a scenario; raise `ScenarioFault` with every fault of it, as `name line N: ...`."""
    steps, faults = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].strip()
        if words:
            step, fault = _step(number, words)
            steps.append(step)
            faults += [f"{name} line {number}: {fault}"] if fault else []
    if not steps or len(steps) > STEPS_MAX:
        faults.append(f"{name}: {len(steps)} steps; must be 1..{STEPS_MAX}; see station/simulate/scenarios")
    if faults:
        raise ScenarioFault("\n".join(faults))
    return tuple(steps)


def load(name: str) -> tuple[Step, ...]:
    """A scenario of this package by its name, or a file by its path. Raise `UsageError` where there is none."""
    path = Path(name)
    if path.suffix == SUFFIX and path.is_file():
        return parse(path.read_text("utf-8"), path.name)
    if name not in names():
        raise UsageError(f"--demo {name}: is unknown; must be {', '.join(names())}, or a file that ends in {SUFFIX}")
    return parse((_shipped() / (name + SUFFIX)).read_text("utf-8"), name)


def names() -> list[str]:
    """The scenarios of this package."""
    return sorted(
        each.name.removesuffix(".scenario") for each in _shipped().iterdir() if each.name.endswith("scenario")
    )


def _shipped() -> Traversable:
    return resources.files("station.simulate") / "scenarios"


def _step(number: int, words: str) -> tuple[Step, str]:
    words, arrow, expected = (part.strip() for part in words.partition("->"))
    verb, _, argument = words.partition(" ")
    argument = argument.strip()
    rule = RULES.get(verb)
    if rule is None:
        return Step(number, verb), f"{verb!r}: must be one of {', '.join(RULES)}; correct the word"
    step = Step(number, verb, argument, _number(verb, argument), _verdict(expected) or rule.verdict)
    if not rule.allowed(argument):
        return step, f"{verb} {argument!r}: must be followed by {rule.meaning}; correct it"
    if arrow and (rule.verdict is None or _verdict(expected) is None):
        allowed = ", ".join(Verdict) if rule.verdict else "no -> in this step"
        return step, f"{verb} -> {expected}: must be {allowed}; correct it"
    return step, ""


def _number(verb: str, argument: str) -> int:
    return int(argument) if verb in _REPEATED and argument.isdecimal() and argument.isascii() else 1


def _verdict(expected: str) -> Verdict | None:
    return Verdict(expected) if expected in list(Verdict) else None
