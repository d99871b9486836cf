"""The broker of provisioning/mosquitto, as it stands there, with certificates: who gets in and what each may do."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.relay.link import tls_context
from station.relay.options import TlsFiles
from tests.brokers import Subscriber, until
from tests.certificates import Authority
from tests.relay.world import MemoryJournal, Station, StationMaker, leaf
from tests.yard import Yard

Subscribe = Callable[..., Subscriber]


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    yard = Yard(tmp_path)
    yard.authority.revoke(yard.authority.issue("stolen", "greenleaf-414/stolen"))
    with yard:
        yield yard


@pytest.fixture
def office(yard: Yard, subscribe: Subscribe) -> Subscriber:
    return subscribe(yard.broker, tls=tls_context(yard.files("backoffice")))


def test_a_station_with_its_certificate_says_everything_it_has_to_say(
    yard: Yard, office: Subscriber, make_station: StationMaker
) -> None:
    leaves = [leaf(seq) for seq in range(300)]
    station = make_station(leaves, yard.broker, tls=yard.files("vault-1"))
    station.faults = {"source-lost/gun": {"cure": "plug it in"}}
    until(lambda: station.relay.sent == 299, "all sent")
    until(lambda: office.on("/state") and office.on("/info") and office.on("/health"), "its levels")
    until(lambda: office.on("/alert/source-lost/gun"), "its alerts")
    until(lambda: len(office.on("/event/")) == 300, "its leaves")
    assert [each.payload for each in office.on("/event/")] == leaves
    until(lambda: station.reports[-1:] == [(299, 0)], "told")


def test_a_station_cannot_speak_in_the_name_of_another(
    yard: Yard, office: Subscriber, make_station: StationMaker
) -> None:
    station = make_station([leaf(0)], yard.broker, station="vault-2", tls=yard.files("vault-1"))
    until(lambda: station.relay.sent == 0, "settled")
    assert station.relay._cursor.withheld == 1
    assert office.messages == []


def test_a_client_id_of_another_does_not_throw_it_out(yard: Yard, make_station: StationMaker) -> None:
    yard.authority.issue("vault-2", "greenleaf-414/vault-2")
    first = make_station([], yard.broker, tls=yard.files("vault-1"))
    until(lambda: first.relay.is_up, "up")
    thief = make_station([], yard.broker, client_id="greenleaf-414/vault-1", tls=yard.files("vault-2"))
    until(lambda: thief.relay.is_up, "up as itself")
    first.commit(leaf(0))
    until(lambda: first.relay.waiting == 1, "still on its first link")
    assert first.links == [True]


def test_the_broker_tells_its_packet_limit_and_sends_no_event_back(
    yard: Yard, office: Subscriber, make_station: StationMaker
) -> None:
    large = leaf(1, filler="x" * 70_000)
    station = make_station([leaf(0, filler="x" * 32_000), large], yard.broker, tls=yard.files("vault-1"))
    until(lambda: station.relay.sent == 1, "past the one that is too large")
    until(lambda: [json.loads(each.payload)["seq"] for each in office.on("/withheld")] == [1], "its hash")
    until(lambda: len(office.on("/event/")) == 1, "the one of a station's own cap")


def refused(yard: Yard, make_station: StationMaker, tls: TlsFiles | None, **options: object) -> str:
    """Return why this station's link stays down."""
    station = make_station([leaf(0)], yard.broker, tls=tls, **options)
    until(lambda: station.relay.reason.startswith("[broker]"), "tried")
    assert station.links == []
    return station.relay.reason


def test_a_broker_of_another_authority_is_not_trusted(yard: Yard, make_station: StationMaker, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other", "stranger")
    own = yard.files("vault-1")
    reason = refused(yard, make_station, TlsFiles(ca=str(stranger.path), cert=own.cert, key=own.key))
    assert "certificate verify failed" in reason
    assert "tls.ca must have signed" in reason


def test_a_broker_by_another_name_is_not_trusted(yard: Yard, make_station: StationMaker) -> None:
    reason = refused(yard, make_station, yard.files("vault-1"), host="127.1")
    assert "made out to this host name" in reason


def test_without_a_certificate_nobody_gets_in(yard: Yard, make_station: StationMaker) -> None:
    reason = refused(yard, make_station, TlsFiles(ca=str(yard.authority.path)))
    assert "set tls.cert and tls.key" in reason


def test_a_revoked_certificate_does_not_get_in(yard: Yard, make_station: StationMaker) -> None:
    reason = refused(yard, make_station, yard.files("stolen"), station="stolen")
    assert "not be revoked" in reason


def test_a_certificate_of_another_authority_does_not_get_in(
    yard: Yard, make_station: StationMaker, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other", "stranger")
    stranger.issue("forged", "greenleaf-414/vault-1")
    files = TlsFiles(str(yard.authority.path), f"{tmp_path}/other/forged.crt", f"{tmp_path}/other/forged.key")
    assert "signed by the authority the broker trusts" in refused(yard, make_station, files)


def test_without_tls_the_port_answers_nothing(yard: Yard, make_station: StationMaker) -> None:
    assert "[broker] 127.0.0.1" in refused(yard, make_station, None, connect_timeout_s=1.0)


@pytest.mark.parametrize("setting", ["ca", "cert", "key"])
def test_a_missing_file_is_named_with_its_setting(yard: Yard, make_station: StationMaker, setting: str) -> None:
    own = yard.files("vault-1")
    paths = {"ca": own.ca, "cert": own.cert, "key": own.key, setting: "/nowhere/x.pem"}
    reason = refused(yard, make_station, TlsFiles(**paths))
    assert f"tls.{setting} = '/nowhere/x.pem' cannot be read" in reason


def test_files_that_are_no_certificates_are_said_to_be_so(yard: Yard, make_station: StationMaker) -> None:
    own = yard.files("vault-1")
    reason = refused(yard, make_station, TlsFiles(ca=own.ca, cert=own.key, key=own.cert))
    assert "is no PEM file, or the pair differs" in reason


def test_the_link_speaks_tls_1_3(yard: Yard) -> None:
    station = Station(MemoryJournal([]), yard.broker, tls=yard.files("vault-1"))
    assert tls_context(yard.files("vault-1")).minimum_version.name == "TLSv1_3"
    assert station.relay.stop(0)
