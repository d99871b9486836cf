"""`station access` on a journal in a file: the forms, the span, and a journal that was changed or pruned."""

import json
from pathlib import Path

import pytest

from station.domain.station.leaf import decode, encode
from station.journal import snapshot
from station.journal.journal import Journal, Snapshot
from station.sealing.merkle import leaf_hash
from tests.commands.test_commands import call
from tests.domain.stamping import SOURCE
from tests.entry.play import entered
from tests.journal_files import corrupt_leaf


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The journal of Ana and Ben inside, and somebody unknown at the door; nothing of it is signed."""
    player = entered("5.0 badge nobody outside -> entry.denied | denied")
    journal = Journal(tmp_path)
    epoch = journal.open(0).epoch
    leaves = [encode(decode(leaf), SOURCE, epoch) for leaf in player.stamping.leaves]
    rows = [(seq, leaf, leaf_hash(leaf), seq - 1) for seq, leaf in enumerate(leaves)]
    journal.append(rows, list(player.stamping.documents.items()))
    journal.close()
    return tmp_path


def told(directory: Path, *arguments: str) -> str:
    shown = call("access", "--dir", str(directory), *arguments)
    assert shown.exit_code == 0, shown.output
    return shown.stdout


def test_who_was_in_as_text_and_json(directory: Path) -> None:
    shown = told(directory)
    assert "entries: 2" in shown
    assert "Ana (associate) with Ben; still inside" in shown
    found = json.loads(told(directory, "--json"))
    assert [stay["person"]["name"] for stay in found["stays"]] == ["Ana", "Ben"]
    assert found["refused"][0]["reason"] == "unknown"


def test_who_is_inside_now(directory: Path) -> None:
    assert told(directory, "--now").startswith("inside now: 2\n  Ana (associate), since ")
    assert len(json.loads(told(directory, "--now", "--json"))["people"]) == 2


def test_a_file_is_written_instead(directory: Path, tmp_path: Path) -> None:
    out = tmp_path / "log.html"
    assert told(directory, "--format", "html", "-o", str(out)) == ""
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert told(directory, "--format", "csv").splitlines()[0].startswith("seq,person_id,person,")


@pytest.mark.parametrize(("span", "refused"), [(["--from", "7"], 1), (["--to", "6"], 0), (["--from", "2030-01-01"], 0)])
def test_a_span_leaves_the_rest_out(directory: Path, span: list[str], refused: int) -> None:
    assert len(json.loads(told(directory, "--json", *span))["refused"]) == refused


@pytest.mark.parametrize(
    "arguments",
    [["--from", "monday"], ["--to", "2026-1-1"], ["--json", "--format", "csv"], ["--now", "--format", "html"]],
)
def test_what_means_nothing_is_refused(directory: Path, arguments: list[str]) -> None:
    refused = call("access", "--dir", str(directory), *arguments)
    assert (refused.exit_code, "must be" in refused.stderr) == (2, True)


def test_a_journal_that_was_changed_gives_no_log(directory: Path) -> None:
    corrupt_leaf(directory / "journal.db", seq=5)
    refused = call("access", "--dir", str(directory))
    assert (refused.exit_code, "run: station verify" in refused.stderr) == (6, True)


def test_after_pruning_policy_and_names_are_those_of_today(directory: Path) -> None:
    journal = Journal(directory)
    station = journal.open(0).station
    journal.append([], [], Snapshot(station.seq, snapshot.encode(station)))
    while journal.prune_some(5):
        pass
    journal.close()
    found = json.loads(told(directory, "--json"))
    assert found["has_entry"]
    assert (found["first"]["seq"], found["stays"][0]["person"]["name"]) == (5, "Ana")
