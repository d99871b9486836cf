"""The schemas of the messages that are no events: JSON objects of structs, and signed notes as text."""

from typing import Any

import msgspec

from station.domain.commands.verbs import Command
from station.domain.core.event import SCHEMA_VERSION
from station.domain.station import messages
from station.schemas.leaves import description_of
from station.schemas.structs import DIALECT, PREFIX, struct_schema

_SIGNATURE = r"— [^\s+]+ [A-Za-z0-9+/]+={0,2}\n"
"""A line of a signed note (C2SP signed-note): an em dash, the key's name, the key's id and the signature."""
_CHECKPOINT = r"custody/[^/\s]+/[^/\s]+/[^/\s]+\n[1-9][0-9]*\n[A-Za-z0-9+/]{43}=\n"
"""Origin, size, root (C2SP tlog-checkpoint)."""

STRUCTS: dict[str, type[msgspec.Struct]] = {
    "state": messages.State,
    "info": messages.Info,
    "health": messages.Health,
    "alert": messages.Alert,
    "withheld": messages.Withheld,
    "resend": messages.Resend,
    "reply": messages.CommandReply,
    "command-object": Command,
}
NOTES = {
    "checkpoint": (
        rf"^{_CHECKPOINT}\n({_SIGNATURE})+$",
        "A signed checkpoint (C2SP tlog-checkpoint): origin custody/<site>/<station>/<epoch>, size, Merkle root of the"
        " leaves 0 to size - 1 (RFC 6962), an empty line, the signature by `key` of info.",
    ),
    "ack": (
        rf"^{_CHECKPOINT}\n({_SIGNATURE}){{2,}}$",
        "A station's checkpoint with its signature and the witness's cosignature (C2SP tlog-cosignature): the witness"
        " holds every leaf below its size.",
    ),
    "command": (
        rf"^\{{[^\n]*\}}\n\n({_SIGNATURE})+$",
        "A signed note (C2SP signed-note) whose text is one JSON object on one line: messages/command-object.json.",
    ),
}
"""Name -> what the whole text must match, and what it is."""


def _of_struct(name: str, struct: type[msgspec.Struct]) -> dict[str, Any]:
    return _schema_head(name, description_of(struct)) | {
        key: value for key, value in struct_schema(struct).items() if key not in {"title", "description"}
    }


def _of_note(name: str, pattern: str, text: str) -> dict[str, Any]:
    return _schema_head(name, text) | {"type": "string", "pattern": pattern}


def _schema_head(name: str, text: str) -> dict[str, Any]:
    address = f"{PREFIX}message:{name}:{SCHEMA_VERSION}"
    return {"$schema": DIALECT, "$id": address, "title": name, "description": text}


MESSAGES = {name: _of_struct(name, struct) for name, struct in STRUCTS.items()}
MESSAGES |= {name: _of_note(name, *said) for name, said in NOTES.items()}
