"""What the receiver makes of messages: order, duplicates, withheld leaves, cosignatures, restarts."""

import json
import random
from pathlib import Path

import pytest

from station.sealing.checkpoint import open_checkpoint, open_cosigned
from tests.backoffice.world import SITE, VAULT, WITNESS, FakeStation, Office


def test_leaves_and_their_checkpoint_are_stored_and_cosigned(office: Office, vault: FakeStation) -> None:
    vault.write(150)
    office.take(*vault.events(), vault.checkpoint())

    assert office.stored(vault) == vault.leaves
    ack = office.published[-1]
    assert (ack.topic, ack.retain) == (f"custody/v1/{SITE}/{VAULT}/ack/{WITNESS.name}", True)
    cosigned = open_cosigned(ack.payload, WITNESS.verifier)
    assert cosigned.at_s == int(office.clock.wall())
    assert cosigned.checkpoint == open_checkpoint(ack.payload, [vault.key.verifier])
    assert cosigned.checkpoint.size == 150
    assert office.alarms() == []


def test_nothing_is_cosigned_until_every_leaf_is_here(office: Office, vault: FakeStation) -> None:
    vault.write(10)
    office.take(*vault.events(0, 4), *vault.events(5), vault.checkpoint())
    assert (office.acked(), office.contiguous(vault)) == (0, 3)

    office.take(vault.event(4))

    assert (office.acked(), office.contiguous(vault)) == (10, 9)


def test_live_leaves_before_the_backlog_are_cosigned_in_the_end(office: Office, vault: FakeStation) -> None:
    vault.write(30)
    office.take(*vault.events(20), vault.checkpoint(30))
    for seq in range(20):
        office.take(vault.event(seq))
        assert office.contiguous(vault) == (seq if seq < 19 else 29)
    assert office.acked() == 30


def test_any_order_and_any_duplicates_end_alike(office: Office, vault: FakeStation) -> None:
    vault.write(60)
    messages = [*vault.events(), *(vault.checkpoint(size) for size in (10, 30, 31, 60))] * 2
    random.Random(7).shuffle(messages)
    for message in messages:
        office.take(message)

    assert office.stored(vault) == vault.leaves
    assert (office.acked(), office.alarms()) == (60, [])


def test_a_withheld_leaf_counts_by_its_hash_and_is_filled_in_later(office: Office, vault: FakeStation) -> None:
    vault.write(3)
    office.take(vault.event(0), vault.withheld(1), vault.event(2), vault.checkpoint())
    assert (office.acked(), office.stored(vault)[1]) == (3, None)

    office.take(vault.event(1), vault.withheld(1))

    assert office.stored(vault) == vault.leaves
    assert office.alarms() == []


def test_leaves_of_an_unknown_key_are_stored_and_cosigned_only_once_it_is_approved(tmp_path: Path) -> None:
    vault, office = FakeStation(), Office(tmp_path / "office.db")
    vault.write(5)
    office.take(vault.info(), *vault.events(), vault.checkpoint(3), vault.checkpoint(5))
    assert (len(office.stored(vault)), office.published, office.alarms()) == (5, [], [])

    office.approve(vault)

    assert office.acked() == 5


def test_a_wrong_key_approved_by_mistake_is_mended_by_the_right_one(tmp_path: Path) -> None:
    vault, office = FakeStation(), Office(tmp_path / "office.db")
    office.approve(FakeStation(seed=b"x" * 32))
    vault.write(5)
    office.take(*vault.events(), vault.checkpoint())
    assert office.alarms() == [("bad_signature", None)]

    office.approve(vault)

    assert office.acked() == 5


def test_a_cosignature_is_told_on_change_and_every_30_s(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    office.take(*vault.events(), vault.checkpoint())
    assert len(office.published) == 1
    office.take(vault.checkpoint())
    assert office.pass_s(29) == []

    again = office.pass_s(2)

    assert again == office.published[:1]
    office.receiver.begin_connection()
    assert office.pass_s(1) == again


def test_a_restart_goes_on_where_it_was_and_cosigns_what_was_verified(office: Office, vault: FakeStation) -> None:
    vault.write(20)
    office.take(*vault.events(0, 10), vault.checkpoint(7))
    office.restart()
    office.take(*vault.events(10), vault.checkpoint(20))
    assert (office.acked(), office.contiguous(vault), office.alarms()) == (20, 19, [])


def test_a_kill_between_the_commit_and_the_cosignature_is_made_good(
    office: Office, vault: FakeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.write(5)
    monkeypatch.setattr(office.receiver, "_acks_due", lambda _: [])
    office.take(*vault.events(), vault.checkpoint())
    office.restart()
    office.pass_s(1)
    assert office.acked() == 5


def test_nothing_of_a_group_that_fails_is_kept_and_it_may_come_again(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    office.take(*vault.events(0, 2))

    def broken() -> object:
        yield vault.event(2)
        yield vault.checkpoint(3)
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        office.receiver.take_group(broken())  # type: ignore[arg-type]
    assert (office.contiguous(vault), office.acked(), len(office.stored(vault))) == (1, 0, 2)

    office.take(*vault.events(2), vault.checkpoint())
    assert office.acked() == 5


def test_a_note_that_came_back_with_our_cosignature_is_not_cosigned_twice(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    office.take(*vault.events(), vault.checkpoint())
    note = office.published[-1].payload
    later = FakeStation(epoch="20261124T080000Z-11aa")
    later.write(1, "epoch.began", reason="journal_lost", previous=vault.epoch, checkpoint=note.decode())

    twin = Office(office.path.with_name("other.db"))
    twin.take(*later.events(), *vault.events())
    twin.approve(vault)

    size, cosigned = twin.store.find_cosignature(twin.store.ensure_epoch(VAULT, vault.epoch)) or (0, b"")
    assert (size, cosigned.count(WITNESS.name.encode())) == (5, 1)


def test_two_stations_do_not_mix(office: Office, vault: FakeStation) -> None:
    dock = FakeStation("dock-1", seed=b"d" * 32)
    office.approve(dock)
    vault.write(5)
    dock.write(3)
    office.take(*vault.events(), *dock.events(), dock.checkpoint(), vault.checkpoint())
    assert (office.acked("vault-1"), office.acked("dock-1")) == (5, 3)


def test_topics_of_others_are_passed_over(office: Office) -> None:
    for topic in ("custody/v1/elsewhere/vault-1/info", f"custody/v1/{SITE}/all/event/x", "$SYS/x", ""):
        office.take((topic, b"{}"))
    assert office.alarms() == []


@pytest.mark.parametrize("payload", [b"", b"{", b"[" * 5000, b"\xff", b"{}", b"null", b"x" * 70_000])
@pytest.mark.parametrize("kind", ["event/count.scanned", "withheld", "checkpoint", "info", "health", "state", "ack/w"])
def test_nonsense_changes_nothing_and_raises_nothing(
    office: Office, vault: FakeStation, kind: str, payload: bytes
) -> None:
    office.take((f"{vault.base}/{kind}", payload))
    vault.write(2)
    office.take(*vault.events(), vault.checkpoint())
    assert office.acked() == 2


def test_a_new_epoch_names_the_old_one_and_what_is_missing_of_it(office: Office, vault: FakeStation) -> None:
    vault.write(10)
    office.take(vault.info(), *vault.events(0, 6), vault.checkpoint(6))
    later = FakeStation(epoch="20261124T080000Z-11aa")
    later.write(1, "epoch.began", reason="journal_lost", previous=vault.epoch, checkpoint=vault.note().decode())
    office.take(*later.events(), later.checkpoint(), later.info())

    old, new = office.store.epochs_of(VAULT)
    assert (new.previous, new.reason) == (vault.epoch, "journal_lost")
    assert office.store.missing_runs(old) == [(6, 9)]
    assert json.loads(later.leaves[0])["epoch"] in office.published[-1].payload.decode()
    assert office.acked() == 1
    office.take(vault.info())  # late: it does not make the old journal the current one again
    office.pass_s(40)
    assert (office.acked(), office.asked()) == (1, [])
