"""The AsyncAPI 3.0.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0) of a station.

`send` and `receive` are what the station does. MQTT bindings are those of version 0.2.0.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from station.domain.core.event import SCHEMA_VERSION, Event
from station.domain.station.bodies import KNOWN
from station.relay.outgoing import LEAF_TYPE
from station.relay.publications import LOST
from station.schemas.leaves import description_of
from station.schemas.messages import MESSAGES
from station.schemas.table import BASE, CHUNK_TYPE, Row

BINDING = {"bindingVersion": "0.2.0"}
REPLY = "reply"
INFO = {
    "title": "Custody station",
    "version": str(SCHEMA_VERSION),
    "description": (
        "What a custody station says and hears over MQTT 5. Every event is a CloudEvents 1.0 JSON object; its bytes are"
        " what the station signed. Fields are only ever added: a reader ignores those that it does not know. The"
        " payloads are JSON Schemas (2020-12) in files of their own."
    ),
}
PARAMETERS = {
    "site": "The site of the station; 1 to 31 of A-Z a-z 0-9 . _ -",
    "station": "The station's name in its site; of the same characters, never `all`.",
    "code": "What kind of fault it is.",
    "instance": "Which device, event type or witness it concerns.",
    "type": "The event's type.",
    "witness": "The witness's name in the settings of the station.",
    "verb": "What to do; there is none that unlocks.",
    "sha256": "Of the chunk, in hex, as the signed command names it.",
    "caller": "Chosen by the caller, whose command names this topic as its response topic.",
}


def asyncapi_document(rows: Iterable[Row], events: Mapping[str, type[Event]]) -> dict[str, Any]:
    """The whole document; payloads are references to the schemas beside it."""
    rows = tuple(rows)
    return {
        "asyncapi": "3.0.0",
        "info": INFO,
        "defaultContentType": "application/json",
        "servers": {"broker": _broker_server()},
        "channels": {row.name: _channel_of(row, events) for row in rows},
        "operations": {f"{row.action}-{row.name}": _operation_of(row, events) for row in rows},
        "components": {"messages": _messages_of(rows, events), "parameters": _topic_parameters(events)},
    }


def _broker_server() -> dict[str, Any]:
    will = {"topic": f"{BASE}/state", "qos": 1, "retain": True, "message": LOST.decode()}
    return {
        "host": "{host}",
        "protocol": "secure-mqtt",
        "protocolVersion": "5",
        "description": "The broker of the station's settings; a client certificate says which station it is.",
        "variables": {"host": {"description": "[broker] host and port", "default": "broker.example:8883"}},
        "bindings": {"mqtt": {"clientId": "{site}/{station}", "lastWill": will, **BINDING}},
    }


def _channel_of(row: Row, events: Mapping[str, type[Event]]) -> dict[str, Any]:
    return {
        "address": row.address,
        "description": row.what,
        "parameters": {
            name: _reference_to("components", "parameters", name) for name in re.findall(r"{(\w+)}", row.address)
        },
        "messages": {name: _reference_to("components", "messages", name) for name in _message_names(row, events)},
    }


def _operation_of(row: Row, events: Mapping[str, type[Event]]) -> dict[str, Any]:
    found = {
        "action": row.action,
        "channel": _reference_to("channels", row.name),
        "summary": row.what,
        "messages": [_reference_to("channels", row.name, "messages", name) for name in _message_names(row, events)],
        "bindings": {"mqtt": {"qos": row.qos, "retain": row.is_retained, **BINDING}},
    }
    if row.is_answered:
        answers = [_reference_to("channels", REPLY, "messages", REPLY)]
        found["reply"] = {"channel": _reference_to("channels", REPLY), "messages": answers}
    return found


def _message_names(row: Row, events: Mapping[str, type[Event]]) -> list[str]:
    return list(events) if row.content_type == LEAF_TYPE else [row.message or row.name]


def _messages_of(rows: tuple[Row, ...], events: Mapping[str, type[Event]]) -> dict[str, Any]:
    found = {row.message or row.name: _message_of(row) for row in rows if row.content_type != LEAF_TYPE}
    return found | {name: _leaf_message(event) for name, event in events.items()}


def _message_of(row: Row) -> dict[str, Any]:
    name = row.message or row.name
    found: dict[str, Any] = {"name": name, "contentType": row.content_type}
    if row.content_type == CHUNK_TYPE:
        return found | {"summary": row.what, "payload": {"type": "string", "format": "binary"}}
    found |= {"summary": MESSAGES[name]["description"], "payload": {"$ref": f"./messages/{name}.json"}}
    if row.is_answered:
        found["bindings"] = {"mqtt": {"correlationData": {"type": "string"}, **BINDING}}
    return found


def _leaf_message(event: type[Event]) -> dict[str, Any]:
    summary = " ".join(description_of(event).split())
    payload = {"$ref": f"./events/{event.TYPE}.json"}
    return {"name": event.TYPE, "contentType": LEAF_TYPE, "summary": summary, "payload": payload}


def _topic_parameters(events: Mapping[str, type[Event]]) -> dict[str, Any]:
    known = {"type": sorted(events), "verb": list(KNOWN)}
    return {
        name: {"description": text} | ({"enum": known[name]} if name in known else {})
        for name, text in PARAMETERS.items()
    }


def _reference_to(*path: str) -> dict[str, str]:
    """A reference within the document (RFC 6901); none of our names holds a slash or a tilde."""
    return {"$ref": "#/" + "/".join(path)}
