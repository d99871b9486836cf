"""What is missing is found and asked for, within limits, until it is here; also after an older backup was put back."""

import shutil
from itertools import pairwise

import pytest

from station.backoffice.receiving.gaps import GapRequests, request_windows
from station.sealing.checkpoint import open_cosigned
from tests.backoffice.world import WITNESS, FakeStation, Message, Office


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
    vault.write(300)
    office.take(*vault.events(0, 3), *vault.events(4, 200), *vault.events(202))
    office.pass_s(20)
    assert set(office.asked()) == {(3, 3), (200, 201)}


def test_near_gaps_are_asked_for_together_and_long_ones_in_pieces() -> None:
    assert request_windows([(3, 3), (90, 95), (300, 300), (390, 9_000)]) == [(3, 95), (300, 1299)]
    assert request_windows([(0, 5_000), (6_000, 6_000)]) == [(0, 999), (6_000, 6_000)]
    assert request_windows([]) == []


def test_what_an_answer_left_out_is_asked_for_soon(office: Office, vault: FakeStation) -> None:
    vault.write(50)
    office.take(vault.info(), vault.health())
    office.pass_s(120)
    before = len(office.asked())
    office.take(*vault.events(0, 20), *vault.events(25))
    office.pass_s(5)
    assert office.asked()[before:] == [(20, 24)]


def test_a_large_gap_is_asked_for_in_pieces_without_waiting_between(office: Office, vault: FakeStation) -> None:
    vault.write(5_500)
    office.take(vault.info(), vault.health())
    answered = 0
    for _ in range(20):
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
    told = [open_cosigned(each.payload, WITNESS.verifier).checkpoint for each in office.published if each.retain]
    cosigned = open_cosigned(heard[1], WITNESS.verifier).checkpoint
    assert set(told) <= {cosigned}, "the station learns what was cosigned of it, and no second history is"
    states = {
        each.state for each in office.store.checkpoints_of(office.store.ensure_epoch(vault.name, vault.epoch), 20)
    }
    assert "verified" not in states


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


def test_a_station_is_asked_at_most_30_times_a_minute() -> None:
    asking = GapRequests()
    moments = []
    here = [-1]
    for tenth in range(600):
        now = tenth / 10
        if found := asking.next_request(here[0], 10**6, lambda: [(here[0] + 1, 10**6)], now):
            moments.append(now)
            asking.note_arrival(found[0], now)
            here[0] = found[1]  # all of it comes at once
    assert min(later - earlier for earlier, later in pairwise(moments)) >= 2
    assert 25 < len(moments) <= 30
