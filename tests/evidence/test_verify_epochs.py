"""`station verify` of journals that were pruned, and of keys that changed."""

from pathlib import Path

import msgspec
import pytest

from station.domain.station.leaf import encode
from station.evidence import account
from station.evidence.trust import Trust
from station.evidence.verify import Verified, verify
from station.journal.journal import Journal
from station.sealing.merkle import leaf_hash
from station.sealing.note import ED25519, SigningKey
from tests.evidence.journals import STATION, THIEF, sealed
from tests.journal.rows import SOURCE, WALL_MS, count_events, recorded, rows, without_triggers

KEY = Trust(STATION.verifier)


def lines_of(found: Verified) -> str:
    return "\n".join(account.account_lines(found))


# -- pruned --


def pruned(directory: Path, below: int) -> Path:
    """A journal whose first 20 events went, with an event that says so."""
    journal = Journal(directory)
    epoch = journal.open(WALL_MS).epoch
    written = rows(0, count_events(37), epoch)
    leaf = msgspec.json.decode(encode(recorded(40, count_events(1)[0]), SOURCE, epoch))
    leaf |= {"type": "journal.pruned", "data": {"below": below, "snapshot": 1}}
    raw = msgspec.json.encode(leaf)
    written.append((40, raw, leaf_hash(raw), 39))
    journal.append(written)
    connection = journal._database.connection()
    connection.executemany("INSERT INTO checkpoint VALUES (?, ?, ?)", sealed((row[2] for row in written), epoch))
    connection.execute("UPDATE floor SET seq = 20")
    connection.execute("INSERT INTO pruned SELECT seq, hash FROM event WHERE seq < 20")
    connection.execute("DELETE FROM event WHERE seq < 20")
    journal.close()
    return directory


def test_hashes_stand_for_pruned_events_and_the_account_says_so(tmp_path: Path) -> None:
    found = verify(pruned(tmp_path, 20), KEY)

    assert (found.fault, found.events, found.pruned, found.checkpoints) == ("", 41, 20, 4)
    assert "events 0 to 19 were pruned: their hashes stand for them" in lines_of(found)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE pruned SET hash = zeroblob(32) WHERE seq = 3", "events 0 to 9: one of them is not what checkpoint 10"),
        ("UPDATE pruned SET hash = x'00' WHERE seq = 3", "event 3: is not there, and no hash stands for it"),
        ("DELETE FROM pruned WHERE seq = 3", "event 3: is not there, and no hash stands for it"),
        ("DELETE FROM pruned WHERE seq = 19", "event 20: must be 19; rows are missing"),
        ("DELETE FROM pruned", "event 20: must be 0; rows are missing"),
    ],
)
def test_a_pruned_event_without_its_hash_is_named(tmp_path: Path, statement: str, fault: str) -> None:
    without_triggers(pruned(tmp_path, 20), statement)

    assert verify(tmp_path, KEY).fault.startswith(fault)


def test_more_pruned_than_the_event_says_is_named(tmp_path: Path) -> None:
    assert "event 15: is not there, and no event says it was pruned" in verify(pruned(tmp_path, 15), KEY).fault


# -- keys that change --


def rotated(directory: Path, first: SigningKey, second: SigningKey, covered_by: SigningKey) -> Path:
    """A journal whose event 5 announces a second key; checkpoint 10 is signed by `covered_by`, 20 by the second."""
    journal = Journal(directory)
    epoch = journal.open(WALL_MS).epoch
    written = rows(0, count_events(20), epoch)
    for seq, key, kind in ((0, first, "station.started"), (5, second, "key.rotated")):
        leaf = msgspec.json.decode(written[seq][1])
        leaf |= {
            "type": kind,
            "data": {
                **msgspec.json.decode(written[0][1])["data"],
                "key": str(key.verifier),
                "note": "note\n",
                "by": "root",
            },
        }
        raw = msgspec.json.encode(leaf)
        written[seq] = (seq, raw, leaf_hash(raw), -1)
    journal.append(written)
    hashes = [row[2] for row in written]
    notes = [sealed(hashes, epoch, covered_by)[0], sealed(hashes, epoch, second)[1]]
    journal._database.connection().executemany("INSERT INTO checkpoint VALUES (?, ?, ?)", notes)
    journal.close()
    return directory


def other_key(seed: int) -> SigningKey:
    return SigningKey(STATION.name, ED25519, bytes([seed]) * 32)


def test_the_old_key_from_paper_confirms_the_one_that_it_signed_in(tmp_path: Path) -> None:
    directory = rotated(tmp_path, STATION, other_key(7), STATION)

    for key in (STATION, other_key(7)):
        found = verify(directory, Trust(key.verifier))
        assert (found.fault, found.is_key_confirmed) == ("", True)
    assert verify(directory).fingerprint == other_key(7).verifier.fingerprint


def test_a_key_that_nobody_signed_in_is_not_the_stations(tmp_path: Path) -> None:
    directory = rotated(tmp_path, STATION, THIEF, THIEF)

    assert "that is not the one given" in verify(directory, KEY).fault
