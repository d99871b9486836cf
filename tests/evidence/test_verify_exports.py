"""`station verify` of exports, and what it is given from elsewhere."""

from collections.abc import Callable
from pathlib import Path

import pytest

from station.errors import UsageError
from station.evidence import account
from station.evidence.exports import json_lines
from station.evidence.trust import Trust, trust_of
from station.evidence.verify import Verified, verify
from station.journal.reader import Reader
from tests.evidence.journals import OFFICE, STATION, Made
from tests.journal.rows import without_triggers

KEY = Trust(STATION.verifier)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "station")


def lines_of(found: Verified) -> str:
    return "\n".join(account.account_lines(found))


# -- exports --


@pytest.fixture
def export(tmp_path: Path, made: Made) -> Callable[[int, int], Path]:
    def write(first: int, last: int) -> Path:
        path = tmp_path / "events.jsonl"
        path.write_bytes(json_lines((row[0], row[1]) for row in made.rows[first : last + 1]))
        return path

    return write


def test_a_whole_export_is_held_to_a_checkpoint_from_outside(made: Made, export: Callable[[int, int], Path]) -> None:
    found = verify(export(0, 52), made.trust)
    assert (found.fault, found.kind, found.events, found.outside) == ("", "export", 53, ("office.txt",))
    assert found.is_key_confirmed

    cut = verify(export(0, 48), made.trust)
    assert "event 49: is not there; the checkpoint in office.txt covers 50 events" in cut.fault


def test_an_export_with_a_changed_event_is_told_by_the_checkpoint(
    made: Made, export: Callable[[int, int], Path]
) -> None:
    path = export(0, 52)
    path.write_bytes(path.read_bytes().replace(b"Vault A", b"Vault B", 1))

    assert verify(path).fault == ""
    assert "is not what the checkpoint in office.txt swears to" in verify(path, made.trust).fault


def test_a_part_of_an_export_is_a_selection_that_no_checkpoint_can_be_held_to(
    made: Made, export: Callable[[int, int], Path]
) -> None:
    path = export(5, 20)
    assert lines_of(verify(path)).splitlines()[0].endswith("16 events, a selection, each in itself as published")
    with pytest.raises(UsageError, match="export a bundle"):
        verify(path, made.trust)


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda raw: raw.replace(b'"sequence":"000000000006"', b'"sequence":"000000000004"'), "line 2: is event"),
        (lambda raw: raw.replace(b"/vault-1", b"/vault-2", 1), "line 2: is event"),
        (lambda raw: raw + b"{]\n", "must be an event as it was published"),
        (lambda raw: raw + b'{"a":' * 90_000, "must be an event as it was published"),
    ],
)
def test_an_export_that_is_none_is_named_by_its_line(
    export: Callable[[int, int], Path], harm: Callable[[bytes], bytes], fault: str
) -> None:
    path = export(5, 20)
    path.write_bytes(harm(path.read_bytes()))

    assert fault in verify(path).fault


# -- what is given --


def test_keys_and_checkpoints_come_as_text_or_from_files(tmp_path: Path, made: Made) -> None:
    (tmp_path / "key").write_text(f"{STATION.verifier}\n")
    (tmp_path / "office").write_text(f"{OFFICE.verifier}\n")
    (tmp_path / "office.txt").write_bytes(made.witnessed)

    assert trust_of(str(tmp_path / "key"), (str(tmp_path / "office"),), (tmp_path / "office.txt",)) == made.trust
    assert trust_of(str(STATION.verifier), (str(OFFICE.verifier),)) == Trust(STATION.verifier, "", (OFFICE.verifier,))
    assert trust_of(None) == Trust()


@pytest.mark.parametrize("text", ["", "nonsense", "cb39 f0f6", STATION.encode_private(), str(OFFICE.verifier)])
def test_what_is_no_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        trust_of(text or "?")
    assert STATION.encode_private().rpartition("+")[2] not in str(refused.value)
    with pytest.raises(UsageError):
        trust_of(None, (str(STATION.verifier),))


def test_a_reader_is_closed_whatever_was_found(made: Made) -> None:
    verify(made.path, made.trust)
    without_triggers(made.directory, "DELETE FROM epoch")
    verify(made.path)
    assert Reader.open_at(made.path).head() == 52
