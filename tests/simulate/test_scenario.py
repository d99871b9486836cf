"""Scenario files: what their lines come to, and what is said of lines that mean nothing."""

from pathlib import Path

import pytest

from station.domain.core.effects import Verdict
from station.errors import UsageError
from station.simulate.scenario import STEPS_MAX, Step, load_scenario, parse_scenario, scenario_names, vault_of
from station.simulate.troubles import ScenarioFault


def faults(text: str) -> list[str]:
    with pytest.raises(ScenarioFault) as raised:
        parse_scenario(text, "shift")
    return str(raised.value).split("\n")


def test_each_line_is_a_step_and_knows_its_line() -> None:
    steps = parse_scenario("# a shift\n\ncard start-count   # opens\n  card location Vault A\nscan 12\nscan\n", "shift")

    assert steps == (
        Step(3, "card", "start-count", 1, Verdict.NOTED),
        Step(4, "card", "location Vault A", 1, Verdict.NOTED),
        Step(5, "scan", "12", 12, Verdict.COUNTED),
        Step(6, "scan", "", 1, Verdict.COUNTED),
    )


@pytest.mark.parametrize(
    ("line", "times", "verdict"),
    [
        ("repeat", 1, Verdict.ALREADY),
        ("repeat 3", 3, Verdict.ALREADY),
        ("unknown", 1, Verdict.REFUSED),
        ("garble 2", 2, Verdict.REFUSED),
        ("unit 3", 1, Verdict.COUNTED),
        ("units 4", 4, Verdict.COUNTED),
        ("keys 12.5", 1, Verdict.NOTED),
        ("scan 2 -> refused", 2, Verdict.REFUSED),
        ("unit 2 -> already", 1, Verdict.ALREADY),
        ("network cut", 1, None),
        ("network restore", 1, None),
        ("power pull", 1, None),
        ("power pull mid-scan", 1, None),
        ("expect counted 50", 1, None),
        ("expect waiting 0", 1, None),
        ("say Now for lunch", 1, None),
    ],
)
def test_what_a_step_comes_to_as_a_rule_and_by_its_arrow(line: str, times: int, verdict: Verdict | None) -> None:
    (step,) = parse_scenario(line, "shift")

    assert (step.times, step.verdict) == (times, verdict)
    assert step.text == line.partition(" ->")[0]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "scna 12",
            "shift line 1: 'scna': must be one of card, scan, repeat, unknown, garble, unit, units, keys, network, "
            "power, expect, say, vault, badge, door, lever, fire, tamper, enter, leave, until, open-for; "
            "correct the word",
        ),
        (
            "scan twelve",
            "shift line 1: scan 'twelve': must be followed by nothing, or a number of times 1..10000; correct it",
        ),
        ("scan 0", "shift line 1: scan '0': must be followed by nothing, or a number of times 1..10000; correct it"),
        ("scan ١٢", "shift line 1: scan '١٢': must be followed by nothing, or a number of times 1..10000; correct it"),
        ("unit", "shift line 1: unit '': must be followed by the index of a unit 0..2147483647; correct it"),
        ("units 99999", "shift line 1: units '99999': must be followed by a number of units 1..10000; correct it"),
        ("network", "shift line 1: network '': must be followed by cut or restore; correct it"),
        ("power off", "shift line 1: power 'off': must be followed by pull or pull mid-scan; correct it"),
        (
            "expect counted",
            "shift line 1: expect 'counted': must be followed by one of counted, units, refused, waiting, "
            "in-hand, moved, inside, released, siren, alarms and a number, such as counted 50; correct it",
        ),
        ("say", "shift line 1: say '': must be followed by words; correct it"),
        (
            "card start",
            "shift line 1: card 'start': must be followed by a card's verb and argument, such as start-count or "
            "location Vault A; correct it",
        ),
        (
            "scan -> fine",
            "shift line 1: scan -> fine: must be counted, already, refused, noted, badge_needed, pin_needed, "
            "granted, denied; correct it",
        ),
        ("network cut -> counted", "shift line 1: network -> counted: must be no -> in this step; correct it"),
        ("", f"shift: 0 steps; must be 1..{STEPS_MAX}; see station/simulate/scenarios"),
    ],
)
def test_a_line_that_means_nothing_is_told_with_what_is_allowed(line: str, fault: str) -> None:
    assert faults(line) == [fault]


def test_every_fault_is_told_at_once() -> None:
    assert [fault.partition(":")[0] for fault in faults("scan x\nscan 1\nfly\n")] == ["shift line 1", "shift line 3"]


def test_too_many_steps_are_refused() -> None:
    assert len(parse_scenario("scan\n" * STEPS_MAX, "shift")) == STEPS_MAX
    assert faults("scan\n" * (STEPS_MAX + 1)) == ["shift: 1001 steps; must be 1..1000; see station/simulate/scenarios"]


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_of_the_package_is_understood(name: str) -> None:
    assert load_scenario(name)


def test_the_shift_shows_all_that_can_happen() -> None:
    steps = load_scenario("vault-count")

    assert {step.verb for step in steps} >= {"card", "scan", "repeat", "unknown", "garble", "unit", "units", "keys"}
    assert {step.text for step in steps} >= {"network cut", "network restore", "power pull", "power pull mid-scan"}


@pytest.mark.parametrize(
    ("line", "argument", "verdict"),
    [
        ("badge ana outside -> badge_needed", "ana outside", Verdict.BADGE_NEEDED),
        ("badge sam desk", "sam desk", Verdict.NOTED),
        ("badge spoiled inside -> denied", "spoiled inside", Verdict.DENIED),
        ("door opens", "opens", None),
        ("lever", "", None),
        ("fire off", "off", None),
        ("enter ana ben", "ana ben", None),
        ("leave ana lever badge", "ana lever badge", None),
        ("until door.held warn", "door.held warn", None),
        ("open-for 6", "6", None),
        ("expect siren 1", "siren 1", None),
    ],
)
def test_what_is_done_at_a_door(line: str, argument: str, verdict: Verdict | None) -> None:
    _, step = parse_scenario(f"vault\n{line}", "shift")

    assert (step.argument, step.verdict) == (argument, verdict)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("badge eve outside", "must be followed by one of ana, ana2, ben, cleo, sam, lost, stranger, spoiled and one"),
        ("badge ana roof", "and one of outside, inside, desk; correct it"),
        ("door ajar", "must be followed by opens or shuts; correct it"),
        ("lever twice", "must be followed by nothing; correct it"),
        ("tamper", "must be followed by on or off; correct it"),
        ("enter ana", "must be followed by two of ana, "),
        ("leave ana window", "and badge lever, or lever badge; correct it"),
        ("until door.ajar", "must be followed by an event's type and, it may be, a word of it; correct it"),
        ("open-for 61", "must be followed by a number of seconds 1..60; correct it"),
        ("vault", "shift line 2: vault: must be the first step; move it there"),
    ],
)
def test_what_cannot_be_done_at_a_door_is_told(line: str, fault: str) -> None:
    (told,) = faults(f"vault\n{line}")
    assert fault in told


@pytest.mark.parametrize("line", ["badge ana outside", "until door.held", "expect inside 2"])
def test_a_station_without_a_door_is_told_of_before_anything_is_played(line: str) -> None:
    told = f"shift line 1: {line}: this station has no door; must come after a first step `vault`; begin with it"
    assert faults(line) == [told]


def test_a_scenario_chooses_the_settings_of_its_door() -> None:
    assert vault_of(parse_scenario("vault held_warn_s=5 lone_grace_s=0\nlever", "shift")) == {
        "held_warn_s": 5,
        "lone_grace_s": 0,
    }
    assert vault_of(parse_scenario("vault", "shift")) == {}
    assert vault_of(load_scenario("vault-count")) is None
    assert "must be followed by settings such as held_warn_s=5, of release_ms, " in faults("vault people=1")[0]


def test_the_day_at_the_door_shows_all_that_can_happen() -> None:
    texts = {step.text for step in load_scenario("vault-entry")}
    orders = [step.argument.partition(" ")[2] for step in load_scenario("vault-entry") if step.verb == "leave"]

    assert texts >= {"badge ana2 outside", "until entry.denied no_second_badge", "until door.held alarm"}
    assert texts >= {"until door.forced", "until entry.lone_alarm", "badge sam desk", "power pull"}
    assert min(orders.count("badge lever"), orders.count("lever badge")) >= 5


def test_a_file_is_played_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.scenario"
    path.write_text("scan 3\n")

    assert load_scenario(str(path)) == (Step(1, "scan", "3", 3, Verdict.COUNTED),)


def test_a_name_that_is_unknown_is_told_with_those_that_are_not() -> None:
    with pytest.raises(
        UsageError, match=r"--demo vault: is unknown; must be moves, portrait, vault-count, vault-entry, or a file"
    ):
        load_scenario("vault")
