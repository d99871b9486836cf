"""The reply to a command as it goes over MQTT (CONTRACTS.md, `reply/<caller>`)."""

import msgspec
from msgspec import UNSET

from station.domain.core.effects import RemoteReply
from station.domain.station.messages import Reply, ReplyError


def payload_of(reply: RemoteReply) -> bytes:
    """`{"status": "ok" | "error", "error": {"code", "text"}, "data"}` as JSON; what is empty is left out."""
    error = ReplyError(reply.code, reply.text) if reply.code else UNSET
    return msgspec.json.encode(Reply("error" if reply.code else "ok", error, reply.values or UNSET))
