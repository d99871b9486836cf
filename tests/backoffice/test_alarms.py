"""Every alarm, with the first event that differs; and none where all is well."""

import json

import pytest

from station.backoffice.trust.keys import rotation_text
from station.sealing.note import SigningKey, sign
from tests.backoffice.world import VAULT, FakeStation, Message, Office


def test_the_same_seq_with_other_bytes(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    office.take(*vault.events())
    office.take((vault.event(3)[0], vault.leaf(3, tag="other")), (vault.event(4)[0], vault.leaf(4, tag="other")))

    assert office.alarms() == [("conflict", 3)]
    assert office.stored(vault) == vault.leaves
    office.take(vault.checkpoint())
    assert office.acked() == 5


def test_a_withheld_hash_that_is_another(office: Office, vault: FakeStation) -> None:
    vault.write(2)
    topic, payload = vault.withheld(1)
    office.take(*vault.events(), (topic, payload.replace(b'"hash": "', b'"hash": "00')[:-4] + b'"}'))
    assert office.alarms() == [("conflict", 1)]


def test_a_fork(office: Office, vault: FakeStation) -> None:
    vault.write(8)
    forked = vault.copy()
    forked.leaves[6] = forked.leaf(6, tag="other")
    office.take(*vault.events(), vault.checkpoint(), forked.checkpoint())

    assert office.alarms() == [("fork", None)]
    assert office.acked() == 8
    assert office.store.checkpoints_of(office.store.ensure_epoch(VAULT, vault.epoch), 8)[1].note in (
        vault.note(),
        forked.note(),
    )


def test_a_smaller_tree_after_a_larger_one(office: Office, vault: FakeStation) -> None:
    vault.write(8)
    forked = vault.copy()
    forked.leaves[2] = forked.leaf(2, tag="other")
    office.take(*vault.events(), vault.checkpoint())
    office.take(forked.checkpoint(5))
    assert office.alarms() == [("smaller_tree", None)]


def test_a_smaller_tree_that_only_came_late_is_none(office: Office, vault: FakeStation) -> None:
    vault.write(8)
    office.take(*vault.events(), vault.checkpoint(), vault.checkpoint(5), vault.checkpoint(3))
    assert (office.alarms(), office.acked()) == ([], 8)


def test_a_journal_that_shrank_below_what_it_signed(office: Office, vault: FakeStation) -> None:
    vault.write(8)
    office.take(vault.info(), *vault.events(), vault.checkpoint())
    for _ in range(2):
        office.take(vault.health(4))
        office.pass_s(60)
    assert office.alarms() == []

    office.take(vault.health(4))

    assert office.alarms() == [("smaller_tree", 5)]


def test_a_late_health_message_is_no_shrinking(office: Office, vault: FakeStation) -> None:
    vault.write(8)
    office.take(vault.info(), *vault.events(), vault.checkpoint())
    for head in (4, 7, 4, 7, 4, 7, 5):
        office.take(vault.health(head))
        office.pass_s(60)
    assert office.alarms() == []


def test_a_rewritten_past_and_the_event_that_differs(office: Office, vault: FakeStation) -> None:
    vault.write(2500)
    office.take(vault.info(), *vault.events(), vault.checkpoint(2400))
    liar = vault.copy()
    liar.leaves[1203] = liar.leaf(1203, tag="other")
    liar.write(5)
    office.take(*liar.events(2500), liar.checkpoint())
    assert office.alarms() == [("rewritten_past", None)]
    assert office.acked() == 2400

    answered = 0
    for _ in range(20):
        office.pass_s(1)
        for first, last in office.asked()[answered:]:
            office.take(*liar.events(first, last + 1))
            answered += 1

    assert office.alarms() == [("rewritten_past", 1203), ("conflict", 1203)]
    assert office.asked() == [(2400, 2504), (0, 999), (1000, 1999)]


def test_a_past_whose_difference_is_known_is_named_at_once(office: Office, vault: FakeStation) -> None:
    vault.write(10)
    office.take(*vault.events(), vault.checkpoint(5))
    liar = vault.copy()
    liar.leaves[7] = liar.leaf(7, tag="other")
    liar.leaves[8] = liar.leaf(8, tag="never sent")
    office.take(liar.event(7), liar.checkpoint(10))
    assert office.alarms() == [("conflict", 7), ("rewritten_past", 7)]
    assert office.acked() == 5


def test_an_answer_to_nothing_is_not_asked_for_ever(office: Office, vault: FakeStation) -> None:
    vault.write(10)
    forked = vault.copy()
    forked.leaves[6] = forked.leaf(6, tag="other")
    office.take(vault.info(), *vault.events(), vault.checkpoint(), forked.checkpoint())
    office.pass_s(1000)
    assert 3 < len(office.asked()) < 12


def test_a_clone_that_writes_other_bytes_in_another_boot(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    clone = vault.copy()
    clone.boot = "boot-b"
    clone.write(3)
    vault.write(3)
    office.take(*vault.events(), *clone.events(5))
    assert office.alarms() == [("conflict", 5), ("cloned", 5)]


def test_a_clone_whose_events_lie_between_those_of_another_boot(office: Office, vault: FakeStation) -> None:
    for boot in ("boot-a", "boot-b", "boot-a"):
        vault.boot = boot
        vault.write(2)
    office.take(*vault.events(0, 2), *vault.events(3))
    assert office.alarms() == [("cloned", 4)]


def test_boots_one_after_the_other_in_any_order_of_arrival_are_no_clone(office: Office, vault: FakeStation) -> None:
    for boot in ("boot-a", "boot-b", "boot-c"):
        vault.boot = boot
        vault.write(4)
    office.take(*reversed(vault.events()), *vault.events())
    office.restart()
    office.take(*vault.events(), vault.checkpoint())
    assert (office.alarms(), office.acked()) == ([], 12)


def test_a_checkpoint_by_a_stranger(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    stranger = vault.copy()
    stranger.key = SigningKey(vault.key.name, 1, b"z" * 32)
    office.take(*vault.events(), stranger.checkpoint(), stranger.checkpoint())
    assert (office.alarms(), office.acked()) == ([("bad_signature", None)], 0)
    office.take(vault.checkpoint())
    assert office.acked() == 5


def _misplaced(vault: FakeStation) -> list[Message]:
    other = FakeStation("dock-1")
    other.write(1)
    topic, leaf = vault.event(0)
    wrong_id = json.dumps({**json.loads(leaf), "id": "x-0"}).encode()
    return [
        (topic.replace(VAULT, "dock-1"), leaf),
        (topic.replace("count.scanned", "count.undone"), leaf),
        (topic, wrong_id),
        (f"{vault.base}/checkpoint", other.note()),
    ]


@pytest.mark.parametrize("which", range(4))
def test_a_message_by_a_topic_that_is_not_its_own(office: Office, vault: FakeStation, which: int) -> None:
    vault.write(1)
    office.take(_misplaced(vault)[which])
    assert office.alarms() == [("misplaced", None)]
    assert office.stored(vault) == []


def test_an_alarm_is_told_once_and_counted(office: Office, vault: FakeStation) -> None:
    vault.write(3)
    office.take(*vault.events())
    for seq in (2, 1, 2):
        office.take((vault.event(seq)[0], vault.leaf(seq, tag="other")))
    (alarm,) = office.receiver.alarms.standing_alarms(VAULT)
    assert (alarm.kind, alarm.seq, alarm.times) == ("conflict", 1, 3)
    assert "event 1" in alarm.text
    assert [each.kind for each in office.receiver.take_alarms()] == ["conflict"]
    assert office.receiver.take_alarms() == []


def _rotation(vault: FakeStation, by: SigningKey, new: SigningKey) -> dict[str, str]:
    text = rotation_text(vault.origin, str(new.verifier))
    return {"key": str(new.verifier), "note": sign(text, by).decode()}


def test_a_key_rotated_by_the_one_before_it_signs_from_there_on(office: Office, vault: FakeStation) -> None:
    old, new = vault.key, SigningKey(vault.key.name, 1, b"n" * 32)
    vault.write(3)
    before = vault.note()
    vault.write(1, "key.rotated", **_rotation(vault, old, new))
    rotated = vault.note()
    vault.write(3)
    stale = vault.checkpoint()
    vault.key = new
    topic = stale[0]
    office.take(vault.checkpoint(), (topic, rotated), (topic, before), *reversed(vault.events()))
    assert (office.acked(), office.alarms()) == (7, [])

    vault.write(1)
    vault.key = old
    office.take(vault.event(7), vault.checkpoint())

    assert (office.acked(), office.alarms()) == (7, [("bad_signature", None)])


def test_a_key_rotated_by_nobody_we_know_is_refused(office: Office, vault: FakeStation) -> None:
    stranger = SigningKey(vault.key.name, 1, b"n" * 32)
    vault.write(3)
    vault.write(1, "key.rotated", **_rotation(vault, stranger, stranger))
    office.take(*vault.events(), vault.checkpoint())
    assert (office.acked(), office.alarms()) == (4, [("bad_rotation", 3)])
    vault.write(1)
    vault.key = stranger
    office.take(vault.event(4), vault.checkpoint())
    assert office.acked() == 4


def test_a_rotation_of_another_epoch_is_refused(office: Office, vault: FakeStation) -> None:
    new = SigningKey(vault.key.name, 1, b"n" * 32)
    other = FakeStation(epoch="20250101T000000Z-0000")
    vault.write(1, "key.rotated", **_rotation(other, vault.key, new))
    office.take(*vault.events(), vault.checkpoint())
    assert office.alarms() == [("bad_rotation", 0)]
