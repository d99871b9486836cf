"""Epochs that do not name the one before: an alarm until a person accepts them."""

from station.backoffice import settings
from station.backoffice.trust.approvals import Decision, Verdict
from station.backoffice.wiring import take_decisions
from tests.backoffice.test_cli import Desk, desk
from tests.backoffice.world import EPOCH, LATER, VAULT, FakeStation, Office

__all__ = ["desk"]
LAST = "20261125T080000Z-22bb"


def began(office: Office, epoch: str, previous: str = "") -> FakeStation:
    """A new journal of the vault, which names another or none."""
    made = FakeStation(epoch=epoch)
    if previous:
        made.write(1, "epoch.began", reason="journal lost", previous=previous)
    made.write(2)
    office.take(*made.events(), made.checkpoint(), made.info())
    office.pass_s(1)
    return made


def unnamed(office: Office) -> list[str]:
    return [each.epoch for each in office.receiver.alarms.standing_alarms() if each.kind == "unnamed"]


def test_the_first_journal_and_those_that_follow_by_name_are_no_alarm(office: Office) -> None:
    began(office, EPOCH)
    began(office, LATER, EPOCH)
    began(office, LAST, LATER)
    assert office.alarms() == []


def test_one_that_names_nothing_is(office: Office) -> None:
    began(office, EPOCH)
    began(office, LATER)
    assert unnamed(office) == [LATER]
    office.restart()
    office.pass_s(3)
    assert unnamed(office) == [LATER], "also after a restart, and once"


def test_one_that_names_a_journal_which_had_its_follower_is(office: Office) -> None:
    began(office, EPOCH)
    began(office, LATER, EPOCH)
    began(office, LAST, EPOCH)
    assert unnamed(office) == [LAST]


def test_one_whose_first_event_was_withheld_is_until_it_comes(office: Office) -> None:
    """Who filters `epoch.began` gains nothing."""
    began(office, EPOCH)
    later = FakeStation(epoch=LATER)
    later.write(1, "epoch.began", reason="journal lost", previous=EPOCH)
    later.write(2)
    office.take(later.withheld(0), *later.events(1), later.checkpoint())
    office.pass_s(1)
    assert unnamed(office) == [LATER]
    office.take(later.event(0))
    office.pass_s(1)
    assert unnamed(office) == []


def test_an_older_journal_that_is_heard_of_later_is_none(office: Office) -> None:
    began(office, LATER, EPOCH)
    began(office, EPOCH)
    assert office.alarms() == []


def test_two_that_name_each_other_end_the_look(office: Office) -> None:
    began(office, EPOCH, LATER)
    began(office, LATER, EPOCH)
    assert unnamed(office) == []


def test_a_person_accepts_it_with_a_reason(office: Office) -> None:
    began(office, EPOCH)
    began(office, LATER)
    office.receiver.take_decision(Decision(Verdict.ACCEPT, VAULT, LATER, "a new card", "ana"))
    office.pass_s(1)
    office.restart()
    office.pass_s(2)
    assert unnamed(office) == []
    assert office.store.read_rows("SELECT epoch, reason, user FROM decision") == [(LATER, "a new card", "ana")]


def test_the_command_reaches_the_receiver(desk: Desk) -> None:
    began(desk.office, LATER)
    assert unnamed(desk.office) == [LATER]
    assert "ALARM unnamed" in desk.run("stations").output
    assert desk.run("accept", VAULT, LATER, "--reason", "a new card").exit_code == 0
    take_decisions(settings.load_settings(str(desk.settings)).backoffice, desk.office.receiver)
    desk.office.pass_s(1)
    assert unnamed(desk.office) == []
