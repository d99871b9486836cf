"""Signature lines that anybody may add to a note: they are neither kept nor cosigned, and end nothing."""

import base64

import pytest

from station.backoffice import settings
from station.backoffice.receiving.mqtt import ReceiverLink
from station.backoffice.sending.postbox import Postbox
from station.errors import UsageError
from station.sealing.note import SigningKey, sign, split_note, with_signatures
from tests.backoffice.test_mqtt import Wire
from tests.backoffice.world import SITE, WITNESS, FakeStation, Message, Office


def junk_lines(count: int, name: str = "junk", signature_bytes: int = 64) -> bytes:
    return b"".join(
        f"— {name} {base64.b64encode(number.to_bytes(4, 'big') + bytes(signature_bytes)).decode()}\n".encode()
        for number in range(count)
    )


def with_junk(checkpoint: Message, junk: bytes) -> Message:
    return checkpoint[0], checkpoint[1] + junk


def signers(note: bytes) -> list[str]:
    return [line.name for line in split_note(note)[1]]


@pytest.mark.parametrize("junk", [junk_lines(63), junk_lines(1, "j" * 200, 40_000)], ids=["63 lines", "one long line"])
def test_only_the_lines_of_approved_keys_are_cosigned(office: Office, vault: FakeStation, junk: bytes) -> None:
    vault.write(5)
    office.take(*vault.events(), with_junk(vault.checkpoint(), junk))

    assert (office.acked(), office.alarms()) == (5, [])
    assert signers(office.published[-1].payload) == [vault.key.name, WITNESS.name]


def test_lines_under_the_stations_own_name_are_kept_only_where_they_hold(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    office.take(*vault.events(), with_junk(vault.checkpoint(), junk_lines(63, vault.key.name)))
    assert (office.acked(), signers(office.published[-1].payload)) == (5, [vault.key.name, WITNESS.name])


def test_junk_that_came_first_does_not_keep_out_the_stations_own_line(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    forged = sign(split_note(vault.note())[0], SigningKey(vault.key.name, 1, b"z" * 32))
    topic, note = vault.checkpoint()
    office.take((topic, forged), (topic, note), (topic, forged), *vault.events())
    assert (office.acked(), office.alarms()) == (5, [])


def test_a_broken_line_of_the_approved_key_spoils_not_the_one_that_holds(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    broken = with_signatures(vault.note(), (vault.key.verifier, bytes(64)))
    office.take((vault.checkpoint()[0], broken), *vault.events())
    assert (office.acked(), office.alarms()) == (5, [])


def test_a_checkpoint_that_nobody_of_the_station_signed_is_not_kept(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    topic, note = vault.checkpoint()
    office.take((topic, split_note(note)[0] + b"\n" + junk_lines(2)), *vault.events())
    assert (office.acked(), office.alarms()) == (0, [("malformed", None)])


def test_what_an_earlier_release_kept_with_its_junk_is_cosigned_without(office: Office, vault: FakeStation) -> None:
    """That release went down at each start."""
    vault.write(5)
    vars(office.receiver)["_acks_due"] = lambda _: []
    office.take(*vault.events(), vault.checkpoint())
    with office.store.group():
        office.store.run_statement("UPDATE checkpoint SET note = ?", vault.note() + junk_lines(63))

    office.restart()
    office.pass_s(1)

    assert signers(office.published[-1].payload) == [vault.key.name, WITNESS.name]


def test_a_retained_acknowledgement_with_junk_is_told_without(office: Office, vault: FakeStation) -> None:
    vault.write(5)
    office.take(*vault.events(), vault.checkpoint())
    ack = office.published[-1]
    twin = Office(office.path.with_name("twin.db"))
    twin.approve(vault)
    twin.take((ack.topic, ack.payload + junk_lines(60)), *vault.events())
    assert signers(twin.published[-1].payload) == [vault.key.name, WITNESS.name]


@pytest.mark.parametrize("broken", ["_settle_checkpoint", "cosign_largest", "standing_cosignature"])
def test_an_epoch_that_cannot_be_settled_fails_alone(
    office: Office, vault: FakeStation, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """Whatever nobody thought of: the other stations go on, and somebody is told."""
    dock = FakeStation("dock-1", seed=b"d" * 32)
    office.approve(dock)
    right = getattr(office.receiver._witness, broken)

    def wrong(epoch: object, *rest: object, **options: object) -> object:
        if getattr(epoch, "station", "") == vault.name:
            raise ValueError("nobody thought of this")
        return right(epoch, *rest, **options)

    monkeypatch.setattr(office.receiver._witness, broken, wrong)
    for each in (vault, dock):
        each.write(3)
    office.take(vault.event(0), *vault.events(1), vault.checkpoint(), *dock.events(), dock.checkpoint())
    office.pass_s(5)

    assert (office.acked("vault-1"), office.acked("dock-1")) == (0, 3)
    assert office.alarms() == [("stuck", None)]
    assert office.stored(vault) == vault.leaves
    monkeypatch.undo()
    office.take(vault.checkpoint())
    office.pass_s(1)
    assert office.acked("vault-1") == 3


def test_what_exceeds_the_brokers_packet_is_never_published(office: Office, vault: FakeStation) -> None:
    """mosquitto ends the connection for it, each second anew."""
    link = ReceiverLink(settings.Broker(host="localhost"), SITE, WITNESS.name, office.receiver)
    wire = Wire(office, vault)
    link._client, link._packet_bytes_max = wire, 100  # type: ignore[assignment]
    vault.write(3)
    office.take(*vault.events(), vault.checkpoint())

    for _ in range(3):
        link._publish_all(office.published)

    assert wire.published == []
    assert office.alarms() == [("untold", None)]


def test_a_command_that_exceeds_it_is_told_to_who_sends_it() -> None:
    postbox = Postbox("localhost", 1, None, [])
    postbox._packet_bytes_max = 1000
    with pytest.raises(UsageError, match="900 bytes; the broker takes packets of at most 1000"):
        postbox.publish("custody/v1/s/v/command/plan", bytes(900))
    assert postbox.on_its_way == frozenset()
