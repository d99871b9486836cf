"""What a cosignature proves, and what it does not."""

import pytest

from station.relay.acknowledging import Acknowledgements, WitnessContradicts, WitnessCosigned
from station.sealing.checkpoint import Checkpoint, cosign, sign_checkpoint
from station.sealing.note import COSIGNATURE, SigningKey
from tests.relay.world import EPOCH

OWN = SigningKey.generate("custody/greenleaf-414/vault-1")
OFFICE = SigningKey.generate("greenleaf-backoffice", COSIGNATURE)
SECOND = SigningKey.generate("auditor", COSIGNATURE)
ORIGIN = f"{OWN.name}/{EPOCH}"


def signed(size: int, *, root: bytes = b"r", origin: str = ORIGIN, key: SigningKey = OWN) -> bytes:
    return sign_checkpoint(Checkpoint(origin, size, root * 32), key)


class Journal:
    """Checkpoints of every tenth size, over a hundred events."""

    def __init__(self, events: int = 100) -> None:
        self.events = events

    def head(self) -> int:
        return self.events - 1

    def checkpoints_between(self, first_size: int, last_size: int) -> list[tuple[int, bytes]]:
        sizes = range(10, self.events + 1, 10)
        return [(size, signed(size)) for size in sizes if first_size <= size <= last_size]


def acks(*witnesses: SigningKey, known: dict[str, int] | None = None) -> Acknowledgements:
    keys = {key.name: key.verifier for key in witnesses or (OFFICE,)}
    return Acknowledgements(lambda: [OWN.verifier], ORIGIN, keys, Journal(), known or {})


def test_a_cosigned_checkpoint_of_ours_acknowledges_all_below_its_size() -> None:
    office = acks()
    note = cosign(signed(50), OFFICE, 1)
    assert office.acked == -1

    assert office.read_acknowledgement(OFFICE.name, note) == WitnessCosigned(OFFICE.name, 50, note)
    assert office.acked == 49
    assert office.refusal_alerts() == {}


def test_an_older_or_the_same_one_is_no_news() -> None:
    office = acks()
    office.read_acknowledgement(OFFICE.name, cosign(signed(50), OFFICE, 1))

    assert office.read_acknowledgement(OFFICE.name, cosign(signed(50), OFFICE, 2)) is None
    assert office.read_acknowledgement(OFFICE.name, cosign(signed(40), OFFICE, 3)) is None
    assert office.acked == 49


def test_with_two_witnesses_the_slower_one_counts() -> None:
    both = acks(OFFICE, SECOND)
    both.read_acknowledgement(OFFICE.name, cosign(signed(80), OFFICE, 1))
    assert both.acked == -1

    both.read_acknowledgement(SECOND.name, cosign(signed(30), SECOND, 1))
    assert both.acked == 29


def test_it_goes_on_from_what_the_journal_tells() -> None:
    assert acks(OFFICE, SECOND, known={OFFICE.name: 60, SECOND.name: 20}).acked == 19


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (signed(50), "none of greenleaf-backoffice"),
        (cosign(signed(50), SECOND, 1), "none of greenleaf-backoffice"),
        (cosign(signed(50), SigningKey.generate(OFFICE.name, COSIGNATURE), 1), "none of greenleaf-backoffice"),
        (cosign(signed(55, key=SigningKey.generate(OWN.name)), OFFICE, 1), "no signature of custody/"),
        (b"garbage", "note: it does not end in a newline"),
        (b"\xff\n\n\xe2\x80\x94 a b\n", "is not UTF-8"),
        (cosign(signed(50), OFFICE, 1).replace(b"\n50\n", b"\n60\n"), "is not of this checkpoint"),
    ],
)
def test_what_proves_nothing_acknowledges_nothing_and_is_an_alert(note: bytes, reason: str) -> None:
    office = acks()

    assert office.read_acknowledgement(OFFICE.name, note) is None
    assert office.acked == -1
    [alert] = office.refusal_alerts().values()
    assert reason in alert["reason"]
    assert list(office.refusal_alerts()) == ["ack-refused/greenleaf-backoffice"]


def test_the_alert_ends_with_a_note_that_proves_something() -> None:
    office = acks()
    office.read_acknowledgement(OFFICE.name, b"garbage")
    office.read_acknowledgement(OFFICE.name, cosign(signed(10), OFFICE, 1))

    assert office.refusal_alerts() == {}


def test_strangers_and_cleared_topics_and_ended_epochs_are_nothing() -> None:
    office = acks()
    old = cosign(signed(9_000, origin=f"{OWN.name}/20250101T000000Z-0000"), OFFICE, 1)

    assert office.read_acknowledgement("stranger", cosign(signed(50), OFFICE, 1)) is None
    assert office.read_acknowledgement(OFFICE.name, b"") is None
    assert office.read_acknowledgement(OFFICE.name, old) is None
    assert (office.acked, office.refusal_alerts()) == (-1, {})


def test_a_witness_that_has_more_than_the_journal_shows_an_older_copy() -> None:
    note = cosign(signed(110), OFFICE, 1)
    found = acks().read_acknowledgement(OFFICE.name, note)

    assert isinstance(found, WitnessContradicts)
    assert found.text == "journal: 100 events here, witness greenleaf-backoffice has 110: an older copy"
    assert found.note == note


def test_a_witness_of_another_root_shows_a_rewritten_past() -> None:
    found = acks().read_acknowledgement(OFFICE.name, cosign(signed(50, root=b"x"), OFFICE, 1))

    assert isinstance(found, WitnessContradicts)
    assert "has another past below event 50" in found.text


def test_a_witness_of_a_size_that_this_journal_never_signed_shows_another_journal() -> None:
    assert isinstance(acks().read_acknowledgement(OFFICE.name, cosign(signed(55), OFFICE, 1)), WitnessContradicts)


def test_only_our_own_signature_can_say_that_we_were_rolled_back() -> None:
    office = acks()
    forged = cosign(signed(5_000, key=SigningKey.generate(OWN.name)), OFFICE, 1)

    assert office.read_acknowledgement(OFFICE.name, forged) is None
    assert office.refusal_alerts()
