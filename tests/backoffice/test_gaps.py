"""What is missing is found and asked for, within limits, until it is here; also after an older backup was put back."""

import shutil
from itertools import pairwise

import pytest

from station.backoffice.gaps import Asking
from tests.backoffice.world import FakeStation, Message, Office


def answer(office: Office, vault: FakeStation, answered: int) -> int:
    """Send what was asked for since; return how many requests there were in all."""
    for first, last in office.asked()[answered:]:
        office.take(*vault.events(first, min(last + 1, len(vault.leaves))))
    return len(office.asked())


def test_a_gap_that_stands_is_asked_for_and_one_that_fills_is_not(office: Office, vault: FakeStation) -> None:
    vault.write(10)
    office.take(*vault.events(0, 3), *vault.events(5))
    office.pass_s(2)
    office.take(*vault.events(3, 5))
    assert office.pass_s(100) == []

    vault.write(10)
    office.take(*vault.events(15))
    office.pass_s(5)
    assert office.asked() == [(10, 14)]


def test_a_lost_tail_shows_by_the_head_of_the_health(office: Office, vault: FakeStation) -> None:
    vault.write(10)
    office.take(vault.info(), *vault.events(0, 6), vault.health())
    office.pass_s(5)
    assert office.asked() == [(6, 9)]


def test_a_lost_journal_of_which_only_the_checkpoint_is_retained(office: Office, vault: FakeStation) -> None:
    vault.write(10)
    office.take(vault.info(), vault.checkpoint())
    office.pass_s(5)
    assert office.asked() == [(0, 9)]


def test_a_request_without_an_answer_comes_again_ever_more_seldom(office: Office, vault: FakeStation) -> None:
    vault.write(10)
    office.take(vault.event(9))
    office.pass_s(120)
    assert 4 <= len(office.asked()) <= 6
    office.pass_s(60)
    before = len(office.asked())
    office.pass_s(50)
    assert len(office.asked()) > before


def test_a_gap_that_nobody_fills_does_not_hold_up_the_next(office: Office, vault: FakeStation) -> None:
    vault.write(2_030)
    office.take(*vault.events(0, 3), *vault.events(4, 2_020), *vault.events(2_022))
    office.pass_s(20)
    assert set(office.asked()) == {(3, 3), (2_020, 2_021)}


def test_scattered_gaps_are_asked_for_together(office: Office, vault: FakeStation) -> None:
    vault.write(1_300)
    office.take(*(vault.event(seq) for seq in range(1_300) if seq % 7))
    office.pass_s(5)
    assert office.asked() == [(0, 693)]  # a hundred gaps
    answered = 0
    for _ in range(5):
        office.pass_s(1)
        answered = answer(office, vault, answered)
    assert office.asked() == [(0, 693), (700, 1295)]
    assert office.contiguous(vault) == 1_299


def test_after_a_request_that_brought_nothing_the_other_gaps_are_filled_without_waiting(
    office: Office, vault: FakeStation
) -> None:
    """One event that a station cannot send must not make every other gap wait as long as it does."""
    vault.write(30_100)
    office.take(*(vault.event(seq) for seq in range(30_100) if seq % 1_500 != 3))
    for _ in range(30):
        before = len(office.asked())
        office.pass_s(1)
        for first, last in office.asked()[before:]:
            if first != 3:
                office.take(*vault.events(first, last + 1))
    assert len(set(office.asked())) == 21
    assert office.store.missing(office.store.epoch(vault.name, vault.epoch)) == [(3, 3)]


def test_a_large_gap_is_asked_for_in_pieces_without_waiting_between(office: Office, vault: FakeStation) -> None:
    vault.write(5_500)
    office.take(vault.info(), vault.health())
    answered = 0
    for _ in range(12):
        office.pass_s(1)
        answered = answer(office, vault, answered)
    assert max(last - first for first, last in office.asked()) == 999
    assert office.contiguous(vault) == 5_499
    assert len(office.asked()) == 6


def test_a_backlog_that_streams_in_is_not_asked_for(office: Office, vault: FakeStation) -> None:
    vault.write(100)
    office.take(*vault.events(99))
    for seq in range(99):
        office.take(vault.event(seq))
        office.pass_s(1)
    assert office.asked() == []


def test_an_older_backup_put_back_finds_its_gap_and_tells_no_smaller_cosignature(
    office: Office, vault: FakeStation
) -> None:
    vault.write(2_000)
    office.take(vault.info(), *vault.events(0, 300), vault.checkpoint(300))
    office.store.close()
    backup = office.path.with_suffix(".backup")
    shutil.copy(office.path, backup)
    office.restart()
    office.take(*vault.events(300), vault.checkpoint())
    retained: list[Message] = [
        vault.info(),
        vault.checkpoint(),
        (office.published[-1].topic, office.published[-1].payload),
    ]
    assert office.acked() == 2_000
    office.store.close()
    shutil.copy(backup, office.path)
    office.restart()
    office.published.clear()

    office.take(*retained)
    assert office.contiguous(vault) == 299
    answered = 0
    for _ in range(20):
        office.pass_s(1)
        answered = answer(office, vault, answered)

    assert office.asked() == [(300, 1299), (1300, 1999)]
    assert office.stored(vault) == vault.leaves
    assert (office.acked(), office.alarms()) == (2_000, [])
    assert all("/resend" in each.topic or b"\n2000\n" in each.payload for each in office.published)


@pytest.mark.parametrize("is_heard_first", [True, False])
def test_an_older_backup_never_cosigns_another_past_than_what_it_cosigned_before(
    office: Office, vault: FakeStation, is_heard_first: bool
) -> None:
    vault.write(20)
    before = Office(office.path.with_name("before.db"))
    before.approve(vault)
    before.take(*vault.events(), vault.checkpoint())
    heard = (before.published[-1].topic, before.published[-1].payload)
    liar = vault.copy()
    liar.leaves[15] = liar.leaf(15, tag="other")
    liar.write(5)

    said = [*liar.events(), liar.checkpoint(18), liar.checkpoint(20), liar.checkpoint(25)]
    office.take(*([heard, *said] if is_heard_first else [*said, heard]))
    office.pass_s(60)

    assert {"fork", "rewritten_past"} & {kind for kind, _ in office.alarms()}
    assert office.acked() == 0


def test_two_witnesses_under_one_name_are_told(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    other = vault.copy()
    other.leaves[2] = other.leaf(2, tag="other")
    before = Office(office.path.with_name("before.db"))
    before.approve(vault)
    before.take(*other.events(), other.checkpoint())
    office.take(*vault.events(), vault.checkpoint())
    office.take((before.published[-1].topic, before.published[-1].payload))
    assert ("fork", None) in office.alarms()


def test_a_held_receiver_tells_nothing_until_what_is_retained_was_heard(vault: FakeStation, office: Office) -> None:
    slow = Office(office.path.with_name("slow.db"), hold_s=2.0)
    slow.approve(vault)
    vault.write(5)
    slow.receiver.connected()
    slow.take(*vault.events(), vault.checkpoint())
    assert slow.published == []
    slow.pass_s(3)
    assert slow.acked() == 5


def test_requests_are_at_least_half_a_second_apart() -> None:
    asking = Asking()
    moments = []
    here = [-1]
    for tenth in range(200):
        now = tenth / 10
        if found := asking.request(here[0], 10**6, lambda first, last: [(first, last)] if first > here[0] else [], now):
            moments.append(now)
            here[0] = found[1]  # all of it comes at once
    assert min(later - earlier for earlier, later in pairwise(moments)) >= 0.5
    assert len(moments) > 30


def test_a_long_stretch_is_searched_in_pieces() -> None:
    asking, looked = Asking(), list[tuple[int, int]]()
    gap = (180_000, 180_003)

    def gaps(first: int, last: int) -> list[tuple[int, int]]:
        looked.append((first, last))
        return [gap] if first <= gap[0] <= last else []

    found = [asking.request(9, 200_000, gaps, now / 2) for now in range(20)]
    assert [each for each in found if each] == [gap]
    assert max(last - first for first, last in looked) < 50_000
    assert looked[0] == (10, 50_009)
