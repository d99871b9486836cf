"""The committed files: what the generator writes now, and JSON Schemas by themselves."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from jsonschema import Draft202012Validator

from station.domain.session.events import TagEvent
from station.domain.station.duties import EVENTS
from station.schemas import files
from station.schemas.__main__ import USAGE, main
from station.schemas.leaves import description_of, leaf_schema
from station.schemas.structs import portable_pattern, struct_schema
from tests.schemas.held import AGAIN, DIRECTORY, standing

ROOT = DIRECTORY.parents[1]
WRITTEN = files.generated_files()
SCHEMAS = sorted(files.standing_files(DIRECTORY) - {"asyncapi.json"})


def named(schema: Any, name: str) -> Iterator[Any]:
    """Yield every value of this name, wherever it stands."""
    if isinstance(schema, dict):
        yield from (value for key, value in schema.items() if key == name)
    children = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for child in children:
        yield from named(child, name)


def test_the_same_files_stand_there_as_the_generator_writes() -> None:
    assert files.standing_files(DIRECTORY) == set(WRITTEN), AGAIN


@pytest.mark.parametrize("path", sorted(WRITTEN))
def test_a_file_says_what_the_structs_say(path: str) -> None:
    assert standing(path) == json.loads(WRITTEN[path]), f"station/schemas/{path}: {AGAIN}"


def test_a_struct_that_changed_is_told() -> None:
    class Scanned(TagEvent, frozen=True):
        """A package was seen."""

        TYPE: ClassVar[str] = "count.scanned"
        unit_index: str

    assert leaf_schema(Scanned) != standing("events/count.scanned.json")


@pytest.mark.parametrize("path", SCHEMAS)
def test_a_schema_is_one_by_its_metaschema_and_names_itself(path: str) -> None:
    schema = standing(path)

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert schema["$id"].startswith("urn:custody-station:")
    assert schema["title"] == Path(path).stem


@pytest.mark.parametrize("path", SCHEMAS)
def test_a_schema_is_read_alike_by_every_reader(path: str) -> None:
    schema = standing(path)

    assert list(named(schema, "$ref")) == []
    for pattern in named(schema, "pattern"):
        assert not re.search(r"\\[AZ]|\(\?", pattern), "means something else to ECMA-262"


def test_no_two_schemas_have_one_name() -> None:
    names = [name for path in SCHEMAS for name in named(standing(path), "$id")]

    assert len(names) == len(set(names)) == len(SCHEMAS) + len(EVENTS)


@pytest.mark.parametrize("event_type", EVENTS)
def test_each_event_type_has_a_schema_and_a_line_of_its_own(event_type: str) -> None:
    schema = standing(f"events/{event_type}.json")
    first = description_of(EVENTS[event_type]).splitlines()[0]

    assert first.endswith(".")
    assert schema["description"].splitlines()[0] == first
    assert schema["properties"]["type"] == {"const": event_type}


@pytest.mark.parametrize("path", [path for path in SCHEMAS if path.startswith("messages/")])
def test_each_message_says_what_it_is(path: str) -> None:
    assert re.match(r"[A-Z].{20,}", standing(path)["description"])


def test_a_description_is_never_another_structs() -> None:
    class Silent(TagEvent, frozen=True):
        pass

    assert description_of(Silent) == ""


# -- writing them --


def test_writing_makes_every_file_and_takes_away_what_is_no_more(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "count.dreamt.json").write_text("{}")
    (tmp_path / "README").write_text("mine")

    assert files.write_files(tmp_path) == len(files.generated_files())
    assert files.standing_files(tmp_path) == set(files.generated_files())
    assert (tmp_path / "asyncapi.json").read_bytes() == files.generated_files()["asyncapi.json"]
    assert (tmp_path / "README").read_text() == "mine"


def test_the_command_writes_where_it_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "station.schemas", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'out'}: {len(files.generated_files())} files\n"
    assert files.standing_files(tmp_path / "out") == set(files.generated_files())


@pytest.mark.parametrize("arguments", [["a", "b"], ["--help"], ["-o"]])
def test_other_arguments_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"{USAGE}\n"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")

    assert main([str(tmp_path / "file")]) == 1
    assert "must be a directory that can be written" in capsys.readouterr().err


# -- of a struct --


class Inner(msgspec.Struct, frozen=True):
    """Within."""

    size: int = 3


class Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Around."""

    inner: Inner
    first: str = msgspec.field(name="from", default="here")
    body: msgspec.Raw = msgspec.Raw(b"null")
    other: Inner | None = None


def test_a_struct_within_is_written_out_and_what_is_kept_unread_may_be_anything() -> None:
    schema = struct_schema(Outer)

    assert schema["properties"]["inner"]["properties"] == {"size": {"type": "integer", "default": 3}}
    assert schema["properties"]["from"] == {"type": "string", "default": "here"}
    assert schema["properties"]["body"] == {"default": None}
    assert schema["properties"]["other"]["anyOf"][1] == {"type": "null"}
    assert schema["required"] == ["inner"]
    assert schema["additionalProperties"] is False


def test_anchors_are_those_of_every_reader() -> None:
    assert portable_pattern(r"\A[a-z]\Z") == "^[a-z]$"
