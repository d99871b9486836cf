"""The schemas as they stand in the checkout, and messages held to them.

A reader ignores fields that it does not know; what a test sees is held to the schemas closed, so that a field that no
schema names is a fault here.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

DIRECTORY = Path(__file__).parents[2] / "station" / "schemas"
AGAIN = "the structs say otherwise now; run `python -m station.schemas` and commit what it writes"


def standing(path: str) -> Any:
    """A committed file, parsed."""
    return json.loads((DIRECTORY / path).read_text("utf-8"))


def closed(schema: Any) -> Any:
    """The same schema, of objects that have no other fields than those it names."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        found.setdefault("additionalProperties", False)
    return found


@cache
def _validator(path: str, is_closed: bool) -> Any:
    schema = standing(path)
    return Draft202012Validator(closed(schema) if is_closed else schema)


def faults(path: str, instance: Any, is_closed: bool = True) -> list[str]:
    """What of a JSON value, or of a note's text, the committed schema does not allow; where, and why."""
    return [f"{each.json_path}: {each.message}" for each in _validator(path, is_closed).iter_errors(instance)]


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = standing("asyncapi.json")
    return found


def found_at(reference: str) -> Any:
    """What a reference of the document points to; raise KeyError or OSError where there is nothing."""
    path, _, pointer = reference.partition("#")
    found = standing(path) if path else _document()
    for name in pointer.split("/")[1:]:
        found = found[name]
    return found


def channel_of(topic: str) -> tuple[str, dict[str, str]] | None:
    """The channel whose address the topic is, with its parameters; None where the document knows none."""
    for name, channel in _document()["channels"].items():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(channel["address"]))
        if match := re.fullmatch(pattern, topic):
            return name, match.groupdict()
    return None


def message_faults(topic: str, payload: bytes, content_type: str) -> list[str]:
    """What is wrong with a message by the document and the schemas; empty where nothing is."""
    place = channel_of(topic)
    if place is None:
        return [f"{topic}: no channel has this address"]
    name, parameters = place
    if name == "alert" and not payload:
        return []
    messages = found_at(f"#/channels/{name}/messages")
    if (kind := parameters["type"] if name == "event" else next(iter(messages))) not in messages:
        return [f"{topic}: no message is called {kind}"]
    message = found_at(messages[kind]["$ref"])
    if content_type != message["contentType"]:
        return [f"{topic}: content type {content_type!r}; must be {message['contentType']!r}"]
    is_note = content_type.startswith("text/plain")
    path = message["payload"]["$ref"].removeprefix("./")
    return [f"{topic}: {fault}" for fault in faults(path, payload.decode() if is_note else json.loads(payload))]
