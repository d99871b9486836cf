"""How large a message is on the wire: what exceeds the broker's limit ends the connection."""

PACKET_BYTES_MAX = 268_435_460
"""MQTT's own limit, where a broker tells none (MQTT 5, 2.1.4 and 3.2.2.3.6)."""


def packet_bytes(topic: str, payload: bytes, properties_bytes: int = 0) -> int:
    """Return the most that a PUBLISH packet of QoS 1 has (MQTT 5, 3.3): header, lengths, identifier, topic, payload."""
    return 1 + 4 + 2 + len(topic.encode()) + 2 + 4 + properties_bytes + len(payload)
