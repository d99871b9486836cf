"""The generated files: which there are, what stands in them, and writing them."""

import json
from pathlib import Path
from typing import Any

from station.domain.station.duties import EVENTS
from station.schemas.asyncapi import asyncapi_document
from station.schemas.leaves import leaf_schema
from station.schemas.messages import MESSAGES
from station.schemas.table import ROWS


def generated_files() -> dict[str, bytes]:
    """Every generated file, by its path below the directory."""
    found = {f"events/{name}.json": leaf_schema(event) for name, event in EVENTS.items()}
    found |= {f"messages/{name}.json": schema for name, schema in MESSAGES.items()}
    found["asyncapi.json"] = asyncapi_document(ROWS, EVENTS)
    return {path: _json_text(content) for path, content in sorted(found.items())}


def write_files(directory: Path) -> int:
    """Write all of them, and delete the schemas of what is no more; return how many there are. Raise OSError."""
    wanted = generated_files()
    for path in standing_files(directory) - wanted.keys():
        (directory / path).unlink()
    for path, content in wanted.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return len(wanted)


def standing_files(directory: Path) -> set[str]:
    """The paths of the generated files that stand there, whatever is in them."""
    places = ("asyncapi.json", "events/*.json", "messages/*.json")
    return {path.relative_to(directory).as_posix() for place in places for path in directory.glob(place)}


def _json_text(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
