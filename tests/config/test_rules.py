"""Rules on single values, and that every field has one."""

import zoneinfo
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from msgspec.structs import fields

from station.config.rules import cosigner_problem, hours_problem, signer_problem, timezone_problem
from station.config.structs import Settings
from station.domain.documents.describing import members
from station.domain.documents.fields import Items, Rule, Table, Text
from station.domain.documents.values import Host
from tests.config.keys import verifier_key

# The example of golang.org/x/mod/sumdb/note, made by another implementation.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_a_key_of_another_implementation_is_taken() -> None:
    assert signer_problem(PETER) is None


def test_a_cosigner_key_is_taken_where_a_cosigner_is_wanted_only() -> None:
    key = verifier_key("witness.example/w1", 4)
    assert cosigner_problem(key) is None
    assert signer_problem(key) == (
        "must hold signature type 0x01 and 32 bytes of Ed25519 key; "
        "a key that signs notes is never one that cosigns checkpoints"
    )


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("", "copy the whole line"),
        (PETER + "\n", "copy the whole line"),
        (PETER.replace("Peter", "Peter "), "copy the whole line"),
        (verifier_key("Peter\x07"), "must be a verifier key"),
        (PETER.replace("c74f20a3", "C74F20A3"), "copy the whole line"),
        (PETER[:-1], "base64 part cannot be read"),
        (PETER[:-4], "this has 30 bytes and starts with 0x01"),
        (PETER.replace("ARpc", "Axpc"), "starts with 0x03"),
        (PETER.replace("c74f20a3", "c74f20a4"), "its key id c74f20a4 must be c74f20a3"),
        (PETER.replace("Peter", "Petra"), "its key id c74f20a3 must be"),
        (PETER.replace("10TW", "10TX"), "its key id c74f20a3 must be"),
        ("x" * 10000, "copy the whole line"),
    ],
)
def test_a_damaged_key_is_refused(key: str, says: str) -> None:
    assert says in str(signer_problem(key))


@pytest.mark.parametrize("hours", ["07:00-22:30", "00:00-24:00", "09:59-10:00"])
def test_hours_are_taken(hours: str) -> None:
    assert hours_problem(hours) is None


@pytest.mark.parametrize(
    "hours",
    ["7:00-22:30", "07:00-24:01", "24:00-24:00", "07:60-08:00", "08:00-08:00", "07:00-22:30\n", "٠٧:00-22:30", ""],
)
def test_other_hours_are_refused(hours: str) -> None:
    assert "two times of a day" in str(hours_problem(hours))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "", "America", "zone.tab", "x" * 999, "a\0b"])
def test_names_that_are_no_timezones_are_refused(name: str) -> None:
    assert "unknown timezone" in str(timezone_problem(name))


def test_a_machine_without_timezones_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    assert timezone_problem("Nowhere/Land") == "this machine has no timezone database; install the package tzdata"


def problem_of(host: str) -> str | None:
    """What the rule of hosts says."""
    rule = get_args(Host)[1]
    assert isinstance(rule, Text)
    return rule.problem(host)


@pytest.mark.parametrize("host", ["broker.example", "10.0.2.2", "localhost", "::1", "fd00::1:2"])
def test_hosts(host: str) -> None:
    assert problem_of(host) is None


@pytest.mark.parametrize("host", ["broker.example:1883", "", "-x", "a b", "mqtt://b", "b\n", "x" * 254, ":"])
def test_no_hosts(host: str) -> None:
    assert problem_of(host) == "must be a host name or an IP address, without the port"


def _leaves(wanted: Any, where: str) -> Iterator[tuple[str, Any, list[Any]]]:
    """Every value type under `wanted` with its rules."""
    rules: list[Any] = []
    if get_origin(wanted) is Annotated:
        wanted, *rules = get_args(wanted)
    if get_origin(wanted) is tuple:
        yield where, tuple, rules
        yield from _leaves(get_args(wanted)[0], where)
    elif members(wanted) != [wanted]:
        for member in members(wanted):
            yield from _leaves(member, where)
    elif isinstance(wanted, type) and issubclass(wanted, Table):
        for field in fields(wanted):
            yield from _leaves(field.type, f"{where} {wanted.__name__}.{field.name}")
    else:
        yield where, wanted, rules


LEAVES = list(_leaves(Settings, ""))


def test_every_number_and_text_has_its_limits_and_every_list_its_length() -> None:
    assert len(LEAVES) > 100
    free = [where for where, wanted, rules in LEAVES if wanted in (int, str) and not _rule(rules)]
    assert free == []
    lists = [where for where, wanted, rules in LEAVES if wanted is tuple and not _rule(rules, Items)]
    several = {"scanners", "badge_readers", "keypads", "witnesses"}
    inner = {" Settings.entry Entry.pairs"}
    assert set(lists) == {f" Settings.{name}" for name in several} | inner


def _rule(rules: list[Any], kind: Any = Rule) -> bool:
    return any(isinstance(rule, kind) for rule in rules)


def test_the_types_are_those_that_the_checker_knows() -> None:
    plain = {wanted for _, wanted, _ in LEAVES if get_origin(wanted) is not Literal}
    assert plain == {int, str, bool, tuple}
