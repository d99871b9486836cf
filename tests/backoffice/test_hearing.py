"""A witness that may be an older copy of itself cosigns nothing until it heard what stands retained of its own."""

import pytest

from station.backoffice import settings
from station.backoffice.receiving.hearing import Step
from station.backoffice.receiving.mqtt import QueuedMessage, ReceiverLink
from station.backoffice.trust.approvals import Decision, Verdict
from station.backoffice.wiring import take_decisions
from tests.backoffice.test_cli import Desk, desk
from tests.backoffice.test_mqtt import Wire
from tests.backoffice.world import SITE, VAULT, WITNESS, FakeStation, Office

__all__ = ["desk"]


@pytest.fixture
def restored(office: Office, vault: FakeStation) -> Office:
    """An office that needs to hear, with all events of the vault, connected."""
    made = Office(office.path.with_name("restored.db"), needs_marker=True)
    made.approve(vault)
    vault.write(5)
    made.receiver.begin_connection()
    made.take(*vault.events(), vault.checkpoint())
    return made


def markers(office: Office) -> list[bytes]:
    return [each.payload for each in office.published if each.topic == office.receiver.marker_topic]


def come_back(office: Office) -> None:
    """The broker confirms a subscription, and gives the newest marker back."""
    office.receiver.hearing.note_subscribed()
    office.pass_s(1)
    office.take((office.receiver.marker_topic, markers(office)[-1]))


def test_time_alone_is_no_proof_that_nothing_is_retained(restored: Office) -> None:
    restored.pass_s(3600)
    assert restored.acked() == 0
    restored.receiver.hearing.note_subscribed()
    restored.pass_s(3600)
    assert restored.acked() == 0
    assert restored.alarms() == [("unheard", None)]


def test_its_marker_that_came_back_twice_is(restored: Office) -> None:
    come_back(restored)
    assert (restored.receiver.hearing.step, restored.acked()) == (Step.SUBSCRIBING_AGAIN, 0)
    come_back(restored)
    restored.pass_s(1)
    assert restored.acked() == 5
    assert restored.receiver.marker_topic == f"custody/v1/{SITE}/all/ack/{WITNESS.name}", "no station reads it"


def test_each_connection_begins_anew_and_older_markers_say_nothing(restored: Office) -> None:
    come_back(restored)
    restored.receiver.begin_connection()
    restored.receiver.hearing.note_subscribed()
    restored.take((restored.receiver.marker_topic, markers(restored)[-1]))
    assert restored.receiver.hearing.step is Step.DRAINING


def test_a_marker_that_was_lost_is_sent_again(restored: Office) -> None:
    restored.receiver.hearing.note_subscribed()
    restored.pass_s(25)
    assert len(markers(restored)) == 3
    assert len(set(markers(restored))) == 1


def test_what_is_retained_is_heard_before_and_no_second_history_is_cosigned(
    office: Office, restored: Office, vault: FakeStation
) -> None:
    """The witness that signed 8 was put back to before, and the station too."""
    whole = vault.copy()
    whole.write(3, tag="lost since")
    office.take(*whole.events(), whole.checkpoint())
    restored.take((office.published[-1].topic, office.published[-1].payload))
    vault.write(6)
    restored.take(*vault.events(5), vault.checkpoint())
    come_back(restored)
    come_back(restored)
    restored.pass_s(60)
    assert restored.acked() in (0, 8), "only what it had signed"


def test_a_person_may_say_so_with_a_reason_until_the_receiver_ends(restored: Office, vault: FakeStation) -> None:
    with pytest.raises(ValueError, match="no epoch"):
        restored.receiver.take_decision(Decision(Verdict.COSIGN, VAULT, "x", "why", "ana"))
    decided = Decision(Verdict.COSIGN, VAULT, vault.epoch, "a new broker", "ana")
    restored.published += restored.receiver.take_decision(decided)
    assert restored.acked() == 5
    assert restored.store.read_rows("SELECT reason, user FROM decision") == [("a new broker", "ana")]

    restored.restart()
    vault.write(1)
    restored.take(vault.event(5), vault.checkpoint())
    restored.pass_s(60)
    assert restored.acked() == 5, "of a database that is put back it says nothing"


def test_the_command_reaches_the_receiver(desk: Desk) -> None:
    found = settings.load_settings(str(desk.settings)).backoffice
    assert desk.run("cosign", VAULT, "nowhere", "--reason", "why").exit_code == 2
    assert desk.run("cosign", VAULT, desk.vault.epoch, "--reason", " ").exit_code == 2
    assert desk.run("cosign", VAULT, desk.vault.epoch, "--reason", "a new broker").exit_code == 0
    desk.office.approve(desk.vault)
    assert [each.topic for each in take_decisions(found, desk.office.receiver)] == []
    assert desk.office.store.read_rows("SELECT verdict, reason FROM decision") == [("cosign", "a new broker")]
    assert list(found.approvals_dir.iterdir()) == []


def test_the_link_goes_the_steps(office: Office, vault: FakeStation) -> None:
    slow = Office(office.path.with_name("slow.db"), needs_marker=True)
    link = ReceiverLink(settings.Broker(host="localhost"), SITE, WITNESS.name, slow.receiver)
    wire = Wire(slow, vault)
    link._client = wire  # type: ignore[assignment]
    link._has_connected.set()
    for _ in range(2):
        link._confirmed = 1
        link._tick_due_at = 0.0
        link._do_round()
        payload = slow.receiver.hearing._marker
        link._arrived.put(QueuedMessage(0, 1, 1, slow.receiver.marker_topic, payload))
        link._do_round()
    assert slow.receiver.hearing.is_heard
    assert wire.subscribed == [f"custody/v1/{SITE}/+/ack/{WITNESS.name}"]
    assert wire.published.count(slow.receiver.marker_topic) == 2
