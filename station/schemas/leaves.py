"""The schema of each event's leaf: the CloudEvents attributes, and around them what this event type says."""

import inspect
from typing import Any

from station.domain.core.event import SCHEMA_VERSION, Event
from station.domain.station.leaf import Leaf
from station.schemas.structs import DIALECT, PREFIX, struct_schema


def leaf_schema(event: type[Event]) -> dict[str, Any]:
    """The whole leaf; in it `data` is a schema of its own, named as the leaf's `dataschema` says (CloudEvents 1.0)."""
    envelope = struct_schema(Leaf)
    named = dataschema_of(event)
    attributes = envelope["properties"]
    attributes["type"] = {"const": event.TYPE}
    attributes["dataschema"] = {"const": named}
    attributes["subject"].pop("default")  # left out, never empty
    attributes["data"] = {"$id": named, **struct_schema(event), "description": description_of(event)}
    return {
        "$schema": DIALECT,
        "$id": f"{PREFIX}leaf:{event.TYPE}:{SCHEMA_VERSION}",
        "title": event.TYPE,
        "description": description_of(event),
        "type": "object",
        "properties": attributes,
        "required": envelope["required"],
    }


def dataschema_of(event: type[Event]) -> str:
    """What a leaf of this type names as its `dataschema`."""
    return f"{PREFIX}{event.TYPE}:{SCHEMA_VERSION}"


def description_of(struct: type) -> str:
    """The struct's own docstring; empty where it has none."""
    return inspect.cleandoc(struct.__dict__.get("__doc__") or "")
