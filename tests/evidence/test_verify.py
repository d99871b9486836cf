"""`station verify`: what it says of a journal, an export and a bundle that hold, and of those that do not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from station.evidence import account
from station.evidence.statements import Witnessed
from station.evidence.trust import Outside, Trust, trust_of
from station.evidence.verify import Verified, check_journal, verify
from station.journal.journal import FILE_NAME
from station.sealing.checkpoint import Checkpoint, cosign, sign_checkpoint
from station.sealing.merkle import leaf_hash
from station.sealing.note import ED25519, SigningKey
from tests.evidence.journals import AT_S, AUDITOR, OFFICE, STATION, THIEF, Made, Memory, sealed
from tests.journal.rows import filled, sql, without_triggers

KEY = Trust(STATION.verifier)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "station")


def change(made: Made, *statements: str) -> None:
    without_triggers(made.directory, *statements)


def lines_of(found: Verified) -> str:
    return "\n".join(account.account_lines(found))


# -- a journal that holds --


def test_all_that_is_known_from_elsewhere_holds(made: Made) -> None:
    found = verify(made.directory, made.trust)

    assert found == Verified(
        made.epoch,
        53,
        checkpoints=5,
        sealed=50,
        fingerprint=STATION.verifier.fingerprint,
        is_key_confirmed=True,
        witnessed=(Witnessed("office", 50, AT_S),),
        outside=("office.txt",),
    )
    assert lines_of(found).splitlines() == [
        f"epoch {made.epoch}: 53 events, chain verified",
        "5 checkpoints, up to 50 events, signed; then 3 not yet under one",
        "witnessed up to 50 events by office at 2026-11-18T11:08:20Z",
        "then 3 not yet witnessed",
        "the checkpoint in office.txt holds",
        f"key confirmed: {STATION.verifier.fingerprint}",
    ]


def test_the_key_beside_the_journal_confirms_nothing(made: Made) -> None:
    made.leave_key()
    found = verify(made.path)

    assert (found.fault, found.is_key_confirmed, found.fingerprint) == ("", False, STATION.verifier.fingerprint)
    assert f"KEY NOT CONFIRMED: compare its fingerprint with the paper: {found.fingerprint}" in lines_of(found)
    assert "by office, NOT CHECKED for want of its key" in lines_of(found)


def test_without_any_key_the_roots_are_held_and_the_signatures_said_not_to_be(made: Made) -> None:
    found = verify(made.path)
    assert (found.fault, found.fingerprint, found.checkpoints) == ("", "", 5)
    assert "NOT CHECKED FOR THEIR SIGNATURE" in lines_of(found)


@pytest.mark.parametrize(
    "written", [STATION.verifier.fingerprint, STATION.verifier.fingerprint.upper().replace(" ", ":")]
)
def test_a_fingerprint_alone_confirms_the_key_that_has_it(made: Made, written: str) -> None:
    made.leave_key()
    assert verify(made.path, trust_of(written)).is_key_confirmed


def test_a_journal_without_checkpoints_says_that_nothing_is_signed(tmp_path: Path) -> None:
    filled(tmp_path)
    assert "no checkpoint: nothing is signed here" in lines_of(verify(tmp_path))
    assert "that is not the one given" in verify(tmp_path, KEY).fault


def test_a_journal_of_the_first_release_is_read(tmp_path: Path) -> None:
    filled(tmp_path)
    sql(tmp_path, *(f"DROP TABLE {name}" for name in ("checkpoint", "cosigned", "pruned", "floor")))
    assert verify(tmp_path).fault == ""


def test_a_copy_without_the_write_ahead_log_is_checked_as_far_as_it_goes(made: Made) -> None:
    assert check_journal(Memory(made.image()).reader(), made.trust).fault == ""


# -- one that does not --


FAULTS: dict[str, tuple[tuple[str, ...], str]] = {
    "a leaf": (("UPDATE event SET leaf = x'00' WHERE seq = 7",), "event 7: its bytes are not those that were hashed"),
    "a row": (("DELETE FROM event WHERE seq = 7",), "event 8: must be 7; rows are missing"),
    "another epoch": (("UPDATE epoch SET name = 'another'",), "event 0: is of epoch"),
    "no epoch": (("DELETE FROM epoch",), "epoch: 0 names; must be one"),
    "the document": (("UPDATE document SET content = x'00'",), "event 1: the document that it names, "),
    "no document": (("DELETE FROM document",), "is not there"),
    "a document of text": (("UPDATE document SET content = 'text'",), "must be bytes as they were written"),
    "the range": (("UPDATE checkpoint SET range = x'00' WHERE size = 20",), "checkpoint 20: its compact range is not"),
    "the note": (("UPDATE checkpoint SET note = x'00' WHERE size = 20",), "checkpoint 20: checkpoint: its last line"),
    "the notes": (
        ("UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 30) WHERE size = 20",),
        "checkpoint 20: is over 30 events; must be over 20",
    ),
    "a note of text": (("UPDATE checkpoint SET note = 'text' WHERE size = 20",), "checkpoint 20: must be bytes"),
    "the tail": (
        ("DELETE FROM event WHERE seq >= 45",),
        "cosigned covers 50 events: the end was cut off, or this is an older copy",
    ),
    "the cosigned size": (("UPDATE cosigned SET size = 40",), "the checkpoint that office cosigned: is over 50"),
    "a cosigned size of text": (("UPDATE cosigned SET size = 'x'",), "cosigned by office: its size must be a whole"),
    "nothing cosigned": (("DELETE FROM cosigned",), "witness office: cosigned nothing that is here; give its"),
    "hidden events": (
        ("INSERT INTO pruned SELECT seq, hash FROM event WHERE seq < 5", "DELETE FROM event WHERE seq < 5"),
        "event 0: is not there, and no event says it was pruned",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_fault_is_named_with_its_place(made: Made, name: str) -> None:
    statements, fault = FAULTS[name]
    change(made, *statements)

    found = verify(made.path, Trust(STATION.verifier, "", (OFFICE.verifier,)))

    assert fault in found.fault
    assert found.fault in lines_of(found)


def rewrite(made: Made, key: SigningKey) -> None:
    """Event 17 told otherwise, its hash made to fit, and every checkpoint signed anew."""
    leaf = made.rows[17][1].replace(b"Vault A", b"Vault B")
    made.rows[17] = (17, leaf, leaf_hash(leaf), -1)
    checkpoints = sealed((row[2] for row in made.rows), made.epoch, key)
    triggers = [name for (name,) in sql(made.directory, "SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    with closing(sqlite3.connect(made.path)) as connection, connection:
        for name in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE event SET leaf = ?, hash = ? WHERE seq = 17", (leaf, leaf_hash(leaf)))
        connection.execute("DELETE FROM checkpoint")
        connection.execute("DELETE FROM cosigned")
        connection.executemany("INSERT INTO checkpoint VALUES (?, ?, ?)", checkpoints)


def test_a_rewritten_past_is_told_by_the_checkpoint_from_outside(made: Made) -> None:
    rewrite(made, STATION)
    made.leave_key()
    assert verify(made.path, KEY).fault == ""

    found = verify(made.path, made.trust)

    assert found.fault == "events 0 to 49: one of them is not what the checkpoint in office.txt swears to"
    earlier = Outside("paper.txt", made.sealed[0][1].partition(b"\n\n")[0] + b"\n")
    narrower = verify(made.path, Trust(STATION.verifier, "", (), (earlier, *made.trust.outside)))
    assert narrower.fault == "events 10 to 49: one of them is not what the checkpoint in office.txt swears to"


def test_a_rewritten_past_under_the_old_checkpoints_is_told_to_within_ten_events(made: Made) -> None:
    leaf = made.rows[17][1].replace(b"Vault A", b"Vault B")
    change(made, f"UPDATE event SET leaf = x'{leaf.hex()}', hash = x'{leaf_hash(leaf).hex()}' WHERE seq = 17")

    assert verify(made.path).fault == "events 10 to 19: one of them is not what checkpoint 20 swears to"


def test_a_thiefs_key_is_told_by_the_fingerprint(made: Made) -> None:
    rewrite(made, THIEF)
    (made.directory / "station.key").write_text(THIEF.encode_private())

    assert verify(made.path).fault == ""
    assert "that is not the one given" in verify(made.path, KEY).fault
    assert "that is not the one given" in verify(made.path, trust_of(STATION.verifier.fingerprint)).fault


def test_a_checkpoint_of_another_epoch_or_station_is_no_word_on_this_journal(made: Made) -> None:
    root = made.sealed[0][1].split(b"\n")[2]
    for name in ("custody/greenleaf-414/vault-1/another", "custody/greenleaf-414/vault-2/" + made.epoch):
        text = f"{name}\n10\n".encode() + root + b"\n"
        found = verify(made.path, Trust(outside=(Outside("paper.txt", text),)))
        assert "the checkpoint in paper.txt: is of " in found.fault


def test_the_three_lines_of_the_paper_are_enough_and_a_wrong_letter_is_seen(made: Made) -> None:
    text = made.witnessed.partition(b"\n\n")[0] + b"\n"
    assert verify(made.path, Trust(outside=(Outside("paper.txt", text),))).outside == ("paper.txt",)

    wrong = bytearray(text)
    wrong[-10] ^= 1
    assert verify(made.path, Trust(outside=(Outside("paper.txt", bytes(wrong)),))).fault
    assert verify(made.path, Trust(outside=(Outside("paper.txt", b"no checkpoint\n"),))).fault.startswith(
        "the checkpoint in paper.txt: "
    )


def test_a_checkpoint_from_outside_with_a_wrong_signature_is_refused(made: Made) -> None:
    note = made.witnessed.replace(b"\xe2\x80\x94 office ", b"\xe2\x80\x94 others ")
    assert verify(made.path, Trust(STATION.verifier, "", (), (Outside("w.txt", note),))).fault == ""
    other = sign_checkpoint(Checkpoint("custody/x/y/z", 50, bytes(32)), STATION).splitlines()[-1]
    spoiled = made.witnessed.partition(b"\n\n")[0] + b"\n\n" + other + b"\n"
    found = verify(made.path, Trust(STATION.verifier, "", (), (Outside("w.txt", spoiled),)))
    assert "is not of this text" in found.fault


def test_a_second_witness_that_saw_less_is_told_as_such(made: Made) -> None:
    note = cosign(made.sealed[1][1], AUDITOR, AT_S)
    trust = Trust(STATION.verifier, "", (OFFICE.verifier, AUDITOR.verifier), (Outside("a.txt", note),))

    assert [(each.witness, each.size) for each in verify(made.path, trust).witnessed] == [
        ("office", 50),
        ("auditor", 20),
    ]


def test_what_is_no_journal_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all")
    assert "file is not a database" in verify(tmp_path).fault


def test_a_checkpoint_that_the_station_did_not_sign_is_named(made: Made) -> None:
    note = sign_checkpoint(Checkpoint.parse(made.sealed[1][1].partition(b"\n\n")[0] + b"\n"), THIEF)
    change(made, f"UPDATE checkpoint SET note = x'{note.hex()}' WHERE size = 20")
    assert verify(made.path, KEY).fault == "checkpoint 20: is not signed by the station's key"

    kept = cosign(note.replace(b"\n20\n", b"\n50\n"), OFFICE, AT_S)
    change(made, f"UPDATE checkpoint SET note = x'{made.sealed[1][1].hex()}' WHERE size = 20")
    change(made, f"UPDATE cosigned SET note = x'{kept.hex()}'")
    assert "the checkpoint that office cosigned" in verify(made.path, KEY).fault


def test_the_key_of_another_station_signs_nothing_here(tmp_path: Path) -> None:
    other = SigningKey("custody/greenleaf-414/vault-2", ED25519, bytes(32))
    made = Made(tmp_path / "station", key=other)

    found = verify(made.path, Trust(other.verifier))

    assert found.fault == "checkpoint 10: is signed by 'custody/greenleaf-414/vault-2', the key of another station"
