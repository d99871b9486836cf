"""Topic names: as the contract spells them, and nothing else in them."""

import pytest

from station.relay.topics import NameRefused, Topics, check_level, check_name, check_station_name


@pytest.fixture
def topics() -> Topics:
    return Topics("greenleaf-414", "vault-1")


def test_the_topics_are_those_of_the_contract(topics: Topics) -> None:
    base = "custody/v1/greenleaf-414/vault-1"
    assert topics.base == base
    assert [topics.state, topics.info, topics.health] == [f"{base}/state", f"{base}/info", f"{base}/health"]
    assert [topics.checkpoint, topics.withheld, topics.resend] == [
        f"{base}/checkpoint",
        f"{base}/withheld",
        f"{base}/resend",
    ]
    assert topics.event_topic("count.scanned") == f"{base}/event/count.scanned"
    assert topics.alert_topic("source-lost", "gun") == f"{base}/alert/source-lost/gun"
    assert topics.ack_topic("greenleaf-backoffice") == f"{base}/ack/greenleaf-backoffice"
    assert topics.command_topic("plan") == f"{base}/command/plan"
    assert topics.reply_topic("backoffice") == f"{base}/reply/backoffice"


def test_the_identity_fits_a_certificate() -> None:
    assert Topics("greenleaf-414", "vault-1").identity == "greenleaf-414/vault-1"
    assert len(Topics("s" * 31, "n" * 31).identity) <= 64


@pytest.mark.parametrize("text", ["a", "vault-1", "Vault_1.b", "9", "x" * 31])
def test_good_names_are_returned_unchanged(text: str) -> None:
    assert check_name("[station] name", text) == text


@pytest.mark.parametrize(
    "text", ["", "-a", ".", "$SYS", "a/b", "a+", "#", "a b", "a\n", "é", "٣", "x" * 32, "a\0", "x" * 10_000]
)
def test_names_that_would_break_a_topic_are_refused(text: str) -> None:
    with pytest.raises(NameRefused, match=r"^\[station\] name = .*: must be 1\.\.31 of ") as caught:
        check_name("[station] name", text)
    assert len(str(caught.value)) < 500


def test_no_station_is_called_all() -> None:
    assert check_name("[station] site", "all") == "all"
    with pytest.raises(NameRefused, match="stands for every station"):
        check_station_name("[station] name", "all")
    with pytest.raises(NameRefused):
        Topics("greenleaf-414", "all")


@pytest.mark.parametrize("text", ["", "a/b", "+", "#", "count scanned", "x" * 65, "count.scanned\n"])
def test_a_level_is_one_level(topics: Topics, text: str) -> None:
    for make in (
        topics.event_topic,
        topics.ack_topic,
        topics.command_topic,
        topics.reply_topic,
        lambda t: topics.alert_topic("code", t),
    ):
        with pytest.raises(NameRefused, match=r"must be 1\.\.64 of"):
            make(text)


def test_a_level_may_be_as_long_as_64() -> None:
    assert check_level("event type", "x" * 64) == "x" * 64
