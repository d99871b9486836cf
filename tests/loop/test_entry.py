"""The door and the disk: releasing waits for the commit, securing and the siren never do, also while commits fail."""

from collections.abc import Sequence

import pytest

from station.domain.core.event import Event
from station.domain.entry.events import DoorClosed, DoorForced, DoorOpened, EntryNotUsed
from station.domain.entry.inputs import DoorMoved, FireChanged
from station.domain.lifecycle.inputs import Started
from station.domain.people.inputs import BadgePresented
from station.spine.loop import RETRY_FIRST_MS
from tests.entry.world import POLICY, hmac_of, offered
from tests.loop.stage import OFFSET_MS, Stage


class Vault(Stage):
    """A station with a roster and a door that is known to be shut."""

    def open_up(self) -> None:
        self.step(Started(self.now, "boot-1", OFFSET_MS, "synced", "1.0", "settings", policy=POLICY))
        self.step(offered(self.now, 1), DoorMoved(self.now, False))
        self.commit()
        self.outputs.done.clear()

    def badge(self, *names: str) -> None:
        for name in names:
            self.step(BadgePresented("outside", self.now + 1, "outside", hmac_of(name)))

    def move(self, *, is_open: bool) -> int:
        """Open or shut the door; the moment."""
        self.step(DoorMoved(self.now + 1, is_open))
        return self.now

    def pass_ms(self, ms: int, step_ms: int = 50) -> None:
        for _ in range(ms // step_ms):
            self.step(later_ms=step_ms)

    def moments(self, kind: type[Event]) -> Sequence[int]:
        return [each.at for each in self.recorded() if isinstance(each.event, kind)]


@pytest.fixture
def vault() -> Vault:
    vault = Vault()
    vault.open_up()
    return vault


def test_a_start_secures_and_silences_before_anything_is_recorded() -> None:
    vault = Vault()
    vault.step(Started(vault.now, "boot-1", OFFSET_MS, "synced", "1.0", "settings", policy=POLICY))
    assert vault.outputs.done == ["secure", "siren off"]
    assert vault.rows == []


def test_the_door_is_released_once_the_grant_is_durable_for_what_is_left_of_it(vault: Vault) -> None:
    vault.badge("ana", "ben")
    vault.pass_ms(100)
    assert vault.outputs.done == []
    vault.commit()
    assert vault.outputs.done == ["outside badge_needed", f"release {POLICY.release_ms - 100}", "outside granted"]


def test_a_grant_that_became_durable_too_late_releases_nothing(vault: Vault) -> None:
    vault.badge("ana", "ben")
    vault.pass_ms(POLICY.release_ms + 50)
    vault.commit()
    assert "secure" in vault.outputs.done
    assert not [done for done in vault.outputs.done if done.startswith("release")]
    assert isinstance(vault.events()[-1], EntryNotUsed)


def test_a_grant_that_was_withdrawn_meanwhile_releases_nothing(vault: Vault) -> None:
    vault.badge("ana", "ben")
    vault.lose("door")
    vault.commit()
    assert vault.outputs.done == ["secure", "outside badge_needed", "outside granted"]


def test_a_forced_door_sounds_before_its_event_is_durable(vault: Vault) -> None:
    vault.move(is_open=True)
    vault.pass_ms(POLICY.forced_after_ms)
    assert vault.outputs.done == ["siren on"]
    assert not vault.moments(DoorForced)
    vault.commit()
    assert vault.outputs.done == ["siren on"]
    assert vault.moments(DoorForced)


def test_a_door_that_is_forced_while_commits_fail_sounds_all_the_same(vault: Vault) -> None:
    vault.lose("pole")
    vault.fail()
    opened_at = vault.move(is_open=True)
    assert vault.loop.wait_ms(vault.now) <= POLICY.forced_after_ms
    while "siren on" not in vault.outputs.done:
        assert vault.now < opened_at + 60_000, "nothing sounded"
        vault.step(later_ms=50)
        vault.fail()
    assert vault.now <= opened_at + POLICY.forced_after_ms + 50
    vault.outputs.done.clear()
    vault.pass_ms(10_000)
    vault.commit()
    assert vault.moments(DoorOpened) == [opened_at]
    assert vault.moments(DoorForced) == [opened_at + POLICY.forced_after_ms]
    assert vault.loop.durable.entry.is_alarming
    assert [done for done in vault.outputs.done if done.startswith("siren")][-1] == "siren on"


def test_a_release_ends_at_the_fire_alarm_although_commits_fail(vault: Vault) -> None:
    vault.badge("ana", "ben")
    vault.commit()
    vault.lose("pole")
    vault.fail()
    vault.outputs.done.clear()
    vault.step(FireChanged(vault.now + 1, True))
    assert vault.outputs.done == ["secure"]


def test_facts_that_waited_keep_their_own_moments_after_storage_failed(vault: Vault) -> None:
    vault.badge("ana", "ben")
    vault.commit()
    head = len(vault.rows)
    opened_at = vault.move(is_open=True)
    vault.pass_ms(100)
    vault.lose("pole")
    vault.fail()
    vault.pass_ms(150)
    shut_at = vault.move(is_open=False)
    vault.pass_ms(RETRY_FIRST_MS)
    vault.commit()
    assert vault.types(head) == ["storage.failed", "door.opened", "source.lost", "door.closed"]
    assert vault.moments(DoorOpened) == [opened_at]
    assert vault.moments(DoorClosed)[-1] == shut_at
    assert [event.open_ms for event in vault.events() if isinstance(event, DoorClosed)][-1] == shut_at - opened_at


def test_a_badge_is_refused_aloud_while_nothing_can_be_recorded(vault: Vault) -> None:
    vault.badge("ana")
    vault.commit()
    vault.lose("pole")
    vault.fail()
    vault.outputs.done.clear()
    vault.badge("ben")
    vault.pass_ms(400)
    vault.commit()
    assert vault.outputs.done[0] == "outside refused"
    assert not [done for done in vault.outputs.done if done.startswith("release")]
