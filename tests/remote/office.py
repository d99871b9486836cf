"""The back office as the tests play it: keys, commands, and scenarios with the line `office sends …`."""

import functools
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from station.domain.commands.bodies import BodyFaults
from station.domain.commands.inputs import CommandReceived
from station.domain.commands.verbs import CHUNK_BYTES, Chunked, Command, Here, ReplyTo
from station.domain.core.inputs import Input
from station.domain.station.bodies import read_body
from station.sealing.note import SigningKey, sign
from tests.brokers import WAIT_S, Broker, until
from tests.domain.play import OFFSET_MS, Player, plan_bytes

HERE = Here("greenleaf-414", "vault-1", "20261123T140405Z-7f3a")
BASE = f"custody/v1/{HERE.site}/{HERE.station}"
EVERY = f"custody/v1/{HERE.site}/all"
KEY = SigningKey("greenleaf-commands", 1, bytes(range(32)))
OTHER_KEY = SigningKey("greenleaf-commands", 1, bytes(range(1, 33)))
REPLY = ReplyTo(f"{BASE}/reply/office", b"7")
UNIX = datetime(1970, 1, 1, tzinfo=UTC)


def moment(wall_ms: float) -> str:
    """UTC milliseconds since 1970 as a command writes them."""
    return (UNIX + timedelta(milliseconds=wall_ms)).isoformat().replace("+00:00", "Z")


def roster_bytes(version: int = 1, **changed: Any) -> bytes:
    """A roster as it travels, of one person unless changed."""
    ana = {"id": "ana", "name": "Ana R.", "roles": ["associate"], "badges": ["0a" * 32]}
    return json.dumps({"roster": version, "not_after": "2099-12-31T00:00:00Z", "people": [ana], **changed}).encode()


def chunked(document: bytes) -> tuple[Chunked, list[bytes]]:
    """A body's chunks, and what the command says of them."""
    pieces = [document[at : at + CHUNK_BYTES] for at in range(0, len(document), CHUNK_BYTES)]
    names = tuple(hashlib.sha256(piece).hexdigest() for piece in pieces)
    return Chunked(hashlib.sha256(document).hexdigest(), len(document), names), pieces


def command(verb: str = "ping", counter: int = 1, wall_ms: float = OFFSET_MS, **changed: Any) -> Command:
    """A command that the station of `HERE` accepts for a minute after `wall_ms`."""
    right: dict[str, Any] = {
        "verb": verb,
        "site": HERE.site,
        "station": HERE.station,
        "epoch": HERE.epoch,
        "counter": counter,
        "not_after": moment(wall_ms + 60_000),
        "body": msgspec.Raw(b"{}"),
    }
    return Command(**(right | changed))


def note(made: Command | bytes, key: SigningKey = KEY) -> bytes:
    """The signed note of a command, or of any text."""
    return _signed(made if isinstance(made, bytes) else msgspec.json.encode(made) + b"\n", key)


@functools.lru_cache(maxsize=512)
def _signed(text: bytes, key: SigningKey) -> bytes:
    return sign(text, key)


BODIES = {
    "message": lambda words: json.dumps({"text": words.replace("_", " ")}).encode(),
    "lockdown": lambda words: json.dumps({"set": words == "set", "reason": "alarm"}).encode(),
    "roster": lambda words: roster_bytes(int(words)),
    "plan": lambda words: plan_bytes(*_plan_words(words)),
}


def _plan_words(words: str) -> tuple[str, int, str]:
    name, version, letters = words.split("/")
    return name, int(version), letters


class OfficePlayer(Player):
    """A scenario's station that hears a back office.

        1.0 office sends plan P-1/1/AB counter=3 -> command.accepted, plan.loaded | ok

    Words of a command's field change it; `all=1` sends it to every station, `fresh=1` says that its challenge was
    right, `topic=` names another verb's topic, `later_s=` moves `not_after`, `reply=0` wants none.
    """

    def _device(self, source: str, verb: str, rest: str = "") -> Input:
        if (source, verb) != ("office", "sends"):
            return super()._device(source, verb, rest)
        words = rest.split()
        said = dict(word.split("=", 1) for word in words if "=" in word)
        plain = [word for word in words if "=" not in word]
        return self._command(plain[0], "".join(plain[1:]), said)

    def _command(self, verb: str, body: str, said: dict[str, str]) -> Input:
        is_to_all = bool(said.pop("all", ""))
        reply = None if said.pop("reply", "1") == "0" else REPLY
        topic, is_fresh = said.pop("topic", verb), bool(said.pop("fresh", ""))
        wall_ms = self.at + self.station.offset_ms + 1000 * (int(said.pop("later_s", "60")) - 60)
        changed: dict[str, Any] = {"station": "all", "epoch": ""} if is_to_all else {}
        changed |= said | {"counter": int(said.get("counter", "1"))}
        made = command(verb, wall_ms=wall_ms, **changed)
        raw = BODIES[verb](body) if verb in BODIES else b"{}"
        received = CommandReceived(self.at, HERE, topic, is_to_all, made, KEY.name, is_fresh, reply, raw=raw)
        try:
            return msgspec.structs.replace(received, content=read_body(verb, raw))
        except BodyFaults as faults:
            return msgspec.structs.replace(received, fault=str(faults))


class Other:
    """Another client: publishes, and keeps what it subscribed to."""

    def __init__(self, broker: Broker, topic: str = "") -> None:
        self.messages: list[MQTTMessage] = []
        is_ready: list[bool] = []
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="office", protocol=MQTTv5)
        self._client.on_message = lambda _client, _, message: self.messages.append(message)
        self._client.on_subscribe = lambda *_: is_ready.append(True)
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        if topic:
            self._client.subscribe(topic, qos=1)
            until(lambda: is_ready, "subscribed")

    def publish(self, topic: str, payload: bytes, retain: bool = False, **properties: object) -> None:
        """Publish, and wait for the broker's answer."""
        given = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        for name, value in properties.items():
            setattr(given, name, value)
        self._client.publish(topic, payload, qos=1, retain=retain, properties=given).wait_for_publish(WAIT_S)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()
