"""Scenario files: one step a line, played by the demo and by tests.

    card start-count            a command card, as `station cards` prints it: its verb, then its argument
    scan 12                     the next 12 packages of the plan that are not counted, or not carried yet
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
    expect in-hand 3            and moved: what the journal says of the list of moves
    say Now a shift begins      words for who watches

and, where the first step says that the station has the vault's door:

    vault held_warn_s=5         with settings of the entry that are other than usual, as many as wanted
    badge ana outside           also inside and desk; `station.simulate.people` has the badges; `badge spoiled outside`
    door opens                  and: door shuts
    lever                       somebody asks to leave
    fire on                     and: fire off; tamper on; tamper off
    enter ana ben               two badges outside, the door opens, the door shuts
    leave ana badge lever       the badge inside, the lever, the door opens, the door shuts
    leave ana lever badge       the same, with the badge only when the door is open
    until door.held warn        an event of this type since the step before, and a word of it: waits until it comes
    open-for 6                  until the door has stood open for 6 s
    expect inside 2             and released, siren (1 or 0), alarms: how many there were since the station was started

A step that scans, keys or shows a badge may end in `-> counted`, `already`, `refused`, `noted`, `badge_needed`,
`pin_needed`, `granted` or `denied`, where it is to come to something else than usual. `#` begins a comment.
"""

import re
from collections.abc import Callable
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from station.domain.core.effects import Verdict
from station.domain.identifiers import command_text
from station.domain.station.duties import CARDS, EVENTS
from station.errors import UsageError
from station.simulate.child import VAULT_KEYS
from station.simulate.people import BADGES, SIDES
from station.simulate.troubles import ScenarioFault

SUFFIX = ".scenario"
SPOILED = "spoiled"
STEPS_MAX = 1000
TIMES_MAX = 10_000
UNIT_INDEX_MAX = 2**31 - 1
EXPECTABLE = ("counted", "units", "refused", "waiting", "in-hand", "moved")
AT_THE_DOOR = ("inside", "released", "siren", "alarms")
OPEN_S_MAX = 60


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


class StepRule(msgspec.Struct, frozen=True):
    """What may follow a verb: the text it must match, its description, and what a scan comes to as a rule."""

    allowed: Callable[[str], bool]
    meaning: str
    verdict: Verdict | None = None


def _is_whole(least: int, most: int) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) is not None and least <= int(text) <= most


def _is_card(argument: str) -> bool:
    verb, _, rest = argument.partition(" ")
    try:
        command_text(verb, rest.strip())
    except ValueError:
        return False
    return verb in CARDS and CARDS[verb][1].takes(rest.strip())


def _is_expectable(argument: str) -> bool:
    what, _, number = argument.partition(" ")
    return what in EXPECTABLE + AT_THE_DOOR and _is_whole(0, TIMES_MAX)(number.strip())


def _is_times(text: str) -> bool:
    return not text or _is_whole(1, TIMES_MAX)(text)


def _is_vault(argument: str) -> bool:
    pairs = [word.partition("=") for word in argument.split()]
    return all(key in VAULT_KEYS and _is_whole(0, TIMES_MAX)(number) for key, _, number in pairs)


def _is_badge(argument: str) -> bool:
    name, _, side = argument.partition(" ")
    return name in (*BADGES, SPOILED) and side in SIDES


def _is_two(argument: str) -> bool:
    return len(argument.split(" ")) == 2 and set(argument.split(" ")) <= set(BADGES)


def _is_leaving(argument: str) -> bool:
    name, _, order = argument.partition(" ")
    return name in BADGES and order in ("badge lever", "lever badge")


_ON_OFF = ("on", "off").__contains__
_NAMES = ", ".join(BADGES)
_HOW_OFTEN = f"nothing, or a number of times 1..{TIMES_MAX}"
RULES = {
    "card": StepRule(_is_card, "a card's verb and argument, such as start-count or location Vault A", Verdict.NOTED),
    "scan": StepRule(_is_times, _HOW_OFTEN, Verdict.COUNTED),
    "repeat": StepRule(_is_times, _HOW_OFTEN, Verdict.ALREADY),
    "unknown": StepRule(_is_times, _HOW_OFTEN, Verdict.REFUSED),
    "garble": StepRule(_is_times, _HOW_OFTEN, Verdict.REFUSED),
    "unit": StepRule(_is_whole(0, UNIT_INDEX_MAX), f"the index of a unit 0..{UNIT_INDEX_MAX}", Verdict.COUNTED),
    "units": StepRule(_is_whole(1, TIMES_MAX), f"a number of units 1..{TIMES_MAX}", Verdict.COUNTED),
    "keys": StepRule(
        lambda text: bool(text) and text.isascii(), "what is typed before Enter, such as 12.5", Verdict.NOTED
    ),
    "network": StepRule(("cut", "restore").__contains__, "cut or restore"),
    "power": StepRule(("pull", "pull mid-scan").__contains__, "pull or pull mid-scan"),
    "expect": StepRule(
        _is_expectable, f"one of {', '.join(EXPECTABLE + AT_THE_DOOR)} and a number, such as counted 50"
    ),
    "say": StepRule(bool, "words"),
    "vault": StepRule(_is_vault, f"settings such as held_warn_s=5, of {', '.join(VAULT_KEYS)}"),
    "badge": StepRule(_is_badge, f"one of {_NAMES}, {SPOILED} and one of {', '.join(SIDES)}", Verdict.NOTED),
    "door": StepRule(("opens", "shuts").__contains__, "opens or shuts"),
    "lever": StepRule(lambda text: not text, "nothing"),
    "fire": StepRule(_ON_OFF, "on or off"),
    "tamper": StepRule(_ON_OFF, "on or off"),
    "enter": StepRule(_is_two, f"two of {_NAMES}"),
    "leave": StepRule(_is_leaving, f"one of {_NAMES} and badge lever, or lever badge"),
    "until": StepRule(lambda text: text.partition(" ")[0] in EVENTS, "an event's type and, it may be, a word of it"),
    "open-for": StepRule(_is_whole(1, OPEN_S_MAX), f"a number of seconds 1..{OPEN_S_MAX}"),
}
DOOR_VERBS = frozenset(("badge", "door", "lever", "fire", "tamper", "enter", "leave", "until", "open-for"))
_REPEATED = ("scan", "repeat", "unknown", "garble", "units")


def parse_scenario(text: str, name: str) -> tuple[Step, ...]:
    """Read a scenario; raise `ScenarioFault` with every fault of it, as `name line N: ...`."""
    steps, faults = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].strip()
        if words:
            step, fault = _parse_step(number, words)
            steps.append(step)
            fault = fault or _misplaced_step(step, steps)
            faults += [f"{name} line {number}: {fault}"] if fault else []
    if not steps or len(steps) > STEPS_MAX:
        faults.append(f"{name}: {len(steps)} steps; must be 1..{STEPS_MAX}; see station/simulate/scenarios")
    if faults:
        raise ScenarioFault("\n".join(faults))
    return tuple(steps)


def vault_of(steps: tuple[Step, ...]) -> dict[str, int] | None:
    """The settings of the vault's entry that a scenario chooses; None where its station has no door."""
    if not steps or steps[0].verb != "vault":
        return None
    pairs = (word.split("=") for word in steps[0].argument.split())
    return {key: int(number) for key, number in pairs}


def load_scenario(name: str) -> tuple[Step, ...]:
    """A scenario of this package by its name, or a file by its path. Raise `UsageError` where there is none."""
    path = Path(name)
    if path.suffix == SUFFIX and path.is_file():
        return parse_scenario(path.read_text("utf-8"), path.name)
    if name not in scenario_names():
        raise UsageError(
            f"--demo {name}: is unknown; must be {', '.join(scenario_names())}, or a file that ends in {SUFFIX}"
        )
    return parse_scenario((_shipped_folder() / (name + SUFFIX)).read_text("utf-8"), name)


def scenario_names() -> list[str]:
    """The scenarios of this package."""
    return sorted(
        each.name.removesuffix(".scenario") for each in _shipped_folder().iterdir() if each.name.endswith("scenario")
    )


def _shipped_folder() -> Traversable:
    return resources.files("station.simulate") / "scenarios"


def _parse_step(number: int, words: str) -> tuple[Step, str]:
    words, arrow, expected = (part.strip() for part in words.partition("->"))
    verb, _, argument = words.partition(" ")
    argument = argument.strip()
    rule = RULES.get(verb)
    if rule is None:
        return Step(number, verb), f"{verb!r}: must be one of {', '.join(RULES)}; correct the word"
    step = Step(number, verb, argument, _times_of(verb, argument), _verdict_of(expected) or rule.verdict)
    if not rule.allowed(argument):
        return step, f"{verb} {argument!r}: must be followed by {rule.meaning}; correct it"
    if arrow and (rule.verdict is None or _verdict_of(expected) is None):
        allowed = ", ".join(Verdict) if rule.verdict else "no -> in this step"
        return step, f"{verb} -> {expected}: must be {allowed}; correct it"
    return step, ""


def _misplaced_step(step: Step, steps: list[Step]) -> str:
    """What is wrong with the place of this step, the last of these; "" if nothing."""
    if step.verb == "vault" and len(steps) > 1:
        return "vault: must be the first step; move it there"
    is_at_door = step.verb in DOOR_VERBS or (step.verb == "expect" and step.argument.startswith(AT_THE_DOOR))
    if is_at_door and vault_of(tuple(steps)) is None:
        return f"{step.text}: this station has no door; must come after a first step `vault`; begin with it"
    return ""


def _times_of(verb: str, argument: str) -> int:
    return int(argument) if verb in _REPEATED and argument.isdecimal() and argument.isascii() else 1


def _verdict_of(expected: str) -> Verdict | None:
    return Verdict(expected) if expected in list(Verdict) else None
