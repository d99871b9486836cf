"""The reply to a command as it goes over MQTT (CONTRACTS.md, `reply/<caller>`)."""

from typing import Any

import msgspec

from station.domain.effects import RemoteReply


def payload_of(reply: RemoteReply) -> bytes:
    """`{"status": "ok" | "error", "error": {"code", "text"}, "data"}` as JSON; what is empty is left out."""
    told: dict[str, Any] = {"status": "error" if reply.code else "ok"}
    if reply.code:
        told["error"] = {"code": reply.code, "text": reply.text}
    if reply.values:
        told["data"] = reply.values
    return msgspec.json.encode(told)
