"""Wrong bytes that came first: a checkpoint of the station takes the right ones, and no epoch is blocked by anybody."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from station.backoffice.trust.keys import rotation_text
from station.backoffice.witness.fitting import fitting_choice
from station.sealing.checkpoint import open_cosigned
from station.sealing.merkle import CompactRange, leaf_hash, root_of
from station.sealing.note import SigningKey, sign
from tests.backoffice.world import LATER, VAULT, WITNESS, FakeStation, Message, Office


def forged_event(vault: FakeStation, seq: int, event_type: str = "count.scanned", **content: str) -> Message:
    return f"{vault.base}/event/{event_type}", vault.leaf(seq, event_type, **(content or {"tag": "forged"}))


def forged_hash(vault: FakeStation, seq: int) -> Message:
    body = f'{{"epoch": "{vault.epoch}", "seq": {seq}, "hash": "{"ab" * 32}"}}'
    return f"{vault.base}/withheld", body.encode()


def evidence(office: Office) -> list[tuple[int, bytes | None]]:
    return [(seq, leaf) for seq, leaf in office.store.read_rows("SELECT seq, leaf FROM conflict ORDER BY seq, at_ms")]


@pytest.mark.parametrize("forge", [forged_event, forged_hash])
def test_a_wrong_leaf_for_a_seq_still_to_come_gives_way_to_the_signed_one(
    office: Office, vault: FakeStation, forge: object
) -> None:
    wrong = forge(vault, 3)  # type: ignore[operator]
    vault.write(6)
    office.take(wrong, *vault.events(), vault.checkpoint())

    assert (office.acked(), office.stored(vault)) == (6, vault.leaves)
    assert office.alarms() == [("conflict", 3), ("replaced", 3)]
    assert (3, wrong[1] if forge is forged_event else None) in evidence(office), "the first stays as evidence"


def test_also_where_the_right_ones_come_only_after_the_checkpoint(office: Office, vault: FakeStation) -> None:
    wrong = [forged_event(vault, seq) for seq in (1, 3, 4)]
    vault.write(6)
    office.take(*wrong, vault.event(0), vault.event(2), vault.event(5), vault.checkpoint(), vault.info())
    assert office.acked() == 0

    answered = 0
    for _ in range(20):
        office.pass_s(1)
        for first, last in office.asked()[answered:]:
            office.take(*vault.events(first, last + 1))
            answered += 1

    assert (office.acked(), office.stored(vault)) == (6, vault.leaves)


def test_whoever_goes_on_forging_only_delays_it(office: Office, vault: FakeStation) -> None:
    """More forgeries than are kept of one seq, before and after the right one."""
    vault.write(40)
    for number in range(30):
        office.take(*(forged_event(vault, seq, tag=f"forged {number}") for seq in range(0, 40, 4)))
    office.take(*vault.events(), vault.checkpoint(20), vault.checkpoint())
    assert (office.acked(), office.stored(vault)) == (40, vault.leaves)
    assert office.store.read_rows("SELECT count(*) FROM candidate") == [(0,)]


def test_a_tail_that_the_card_lost_after_it_was_sent(office: Office, vault: FakeStation) -> None:
    vault.write(10)
    office.take(*vault.events(0, 8), vault.checkpoint(8), *vault.events(8))
    again = vault.copy()
    del again.leaves[8:]
    again.boot = "boot-b"
    again.write(5)
    office.take(*again.events(8), again.checkpoint())

    assert (office.acked(), office.stored(again)) == (13, again.leaves)
    assert {"conflict", "replaced"} <= {kind for kind, _ in office.alarms()}
    assert [seq for seq, leaf in evidence(office) if leaf == vault.leaves[seq]] == [8, 9]


def test_what_was_verified_gives_way_to_nothing(office: Office, vault: FakeStation) -> None:
    vault.write(6)
    liar = vault.copy()
    liar.leaves[2] = liar.leaf(2, tag="other")
    liar.write(2)
    office.take(*vault.events(), vault.checkpoint(), *liar.events(), liar.checkpoint())
    office.take(*liar.events(), liar.checkpoint())
    assert (office.acked(), office.stored(vault)[:6]) == (6, vault.leaves)


def test_a_rotation_that_somebody_made_up_does_not_keep_out_the_right_one(office: Office, vault: FakeStation) -> None:
    old, new = vault.key, SigningKey(vault.key.name, 1, b"n" * 32)
    wrong = forged_event(vault, 2, "key.rotated", key=str(new.verifier), note="no note")
    vault.write(2)
    note = sign(rotation_text(vault.origin, str(new.verifier)), old).decode()
    vault.write(1, "key.rotated", key=str(new.verifier), note=note)
    rotated = vault.checkpoint()
    vault.key = new
    vault.write(3)
    office.take(wrong, vault.checkpoint(), *vault.events(), rotated)
    assert (office.acked(), office.stored(vault)) == (6, vault.leaves)


@pytest.mark.parametrize("seq", [10**15, 10**9])
def test_a_head_that_somebody_made_up_is_forgotten_with_the_stations_next_word(
    office: Office, vault: FakeStation, seq: int
) -> None:
    vault.write(5)
    office.take(vault.info(), *vault.events(), vault.checkpoint())
    office.take(vault.health(seq), forged_hash(vault, seq), forged_event(vault, seq - 1))
    office.take(vault.health())
    before = len(office.asked())
    office.pass_s(200)
    (epoch,) = office.store.epochs_of(VAULT)
    assert (len(office.asked()) - before, epoch.known_head, office.store.missing_runs(epoch)) == (0, 4, [])
    vault.write(2)
    office.take(vault.event(6), vault.health())
    office.pass_s(5)
    assert office.asked()[-1] == (5, 5)


def test_an_epoch_that_somebody_made_up_does_not_end_the_true_one(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    office.take(vault.info(), *vault.events(), vault.checkpoint())
    made_up = FakeStation(epoch=LATER)
    made_up.write(1, "epoch.began", reason="made up", previous=vault.epoch)
    office.take(*made_up.events(), made_up.info())
    vault.write(3)
    office.take(*vault.events(5), vault.checkpoint())
    assert office.acked() == 8


def test_an_epoch_began_in_the_middle_of_a_journal_is_nothing(office: Office, vault: FakeStation) -> None:
    vault.write(3)
    vault.write(1, "epoch.began", reason="made up", previous=LATER)
    office.take(*vault.events())
    assert [each.previous for each in office.store.epochs_of(VAULT)] == [""]


def rolled_back(office: Office, vault: FakeStation, size: int, end: int) -> FakeStation:
    """The office cosigned all of the vault's events; then it was put back, and so was the station."""
    vault.write(20)
    office.take(vault.info(), *vault.events(0, size), vault.checkpoint(size))
    backup = Path(f"{office.path}.backup")
    with closing(sqlite3.connect(office.path)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    office.take(*vault.events(size), vault.checkpoint())
    ack = office.published[-1]
    office.store.close()
    backup.replace(office.path)
    office._open()
    office.take((ack.topic, ack.payload))
    again = vault.copy()
    del again.leaves[size:]
    again.boot = "boot-b"
    again.write(end - size)
    return again


def test_a_station_that_was_rolled_back_past_what_the_office_has_is_told(office: Office, vault: FakeStation) -> None:
    """It finds its own signature over another past, and begins an epoch; else nothing of it is ever cosigned again."""
    again = rolled_back(office, vault, 8, 30)
    before = len(office.published)
    office.take(*again.events(), again.checkpoint(15), again.checkpoint(30))
    office.pass_s(40)

    told = {open_cosigned(each.payload, WITNESS.verifier).checkpoint for each in office.published[before:] if each[2]}
    assert [each.size for each in told] == [20], "and no second history is cosigned"
    later = FakeStation(epoch=LATER)
    later.write(2, "epoch.began", reason="rolled back", previous=vault.epoch)
    office.take(*later.events(), later.checkpoint(), later.info())
    office.pass_s(40)
    assert office.acked() == 2


def test_one_that_has_not_grown_so_far_again_is_told_too(office: Office, vault: FakeStation) -> None:
    again = rolled_back(office, vault, 8, 12)
    office.take(*again.events(), again.checkpoint())
    before = len(office.published)
    for _ in range(4):
        office.take(again.health())
        office.pass_s(60)
    told = {
        open_cosigned(each.payload, WITNESS.verifier).checkpoint.size for each in office.published[before:] if each[2]
    }
    assert told == {20}


def test_a_database_of_the_release_before_opens_and_is_mended(tmp_path: Path, vault: FakeStation) -> None:
    """It has no candidates, and a trigger that lets no leaf go."""
    path = tmp_path / "office.db"
    Office(path).store.close()
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "DROP TABLE candidate; DROP TRIGGER leaf_refuses_update; DROP TRIGGER conflict_refuses_delete;"
            "CREATE TRIGGER leaf_refuses_update BEFORE UPDATE ON leaf "
            "WHEN OLD.leaf IS NOT NULL OR NEW.hash <> OLD.hash "
            "BEGIN SELECT RAISE(ABORT, 'leaf: what a station swore to stays'); END"
        )
    office = Office(path)
    office.approve(vault)
    wrong = forged_event(vault, 1)
    vault.write(3)
    office.take(wrong, *vault.events(), vault.checkpoint())
    assert office.acked() == 3


def test_the_likely_choices_are_tried_first_and_not_all_that_there_are() -> None:
    hashes = [leaf_hash(bytes([number])) for number in range(64)]
    junk = [leaf_hash(b"junk %d" % number) for number in range(8)]
    root = root_of(hashes)
    choices = {seq: [hashes[seq], *junk] for seq in range(64)}
    assert fitting_choice(CompactRange.EMPTY, [junk[0]] * 64, choices, root) is not None
    choices = {seq: [junk[1], hashes[seq]] for seq in range(64)}
    assert fitting_choice(CompactRange.EMPTY, [junk[0]] * 64, choices, root) is None, "and it comes to an end"
