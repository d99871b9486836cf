"""The station's key: made once, read by its owner only, never shown."""

import os
from pathlib import Path

import pytest

from station.errors import IntegrityError
from station.sealing.note import SigningKey
from station.spine import keys

NAME = keys.key_name("greenleaf-414", "vault-1")


def test_a_key_is_made_at_the_first_start_and_stays(tmp_path: Path) -> None:
    made = keys.station_key(tmp_path / "var", NAME)

    assert made.name == "custody/greenleaf-414/vault-1"
    assert keys.station_key(tmp_path / "var", NAME).verifier == made.verifier
    assert os.stat(tmp_path / "var" / keys.NAME).st_mode & 0o777 == 0o600
    assert sorted(path.name for path in (tmp_path / "var").iterdir()) == [keys.NAME]


def test_two_stations_have_two_keys(tmp_path: Path) -> None:
    assert keys.station_key(tmp_path / "a", NAME).verifier != keys.station_key(tmp_path / "b", NAME).verifier


def test_a_credential_of_systemd_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    given = SigningKey.generate(NAME)
    keys.write_key(credentials / keys.NAME, given)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))

    assert keys.station_key(tmp_path / "var", NAME).verifier == given.verifier
    assert not (tmp_path / "var").exists()


def test_credentials_without_a_key_are_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    keys.station_key(tmp_path / "var", NAME)

    assert (tmp_path / "var" / keys.NAME).exists()


@pytest.mark.parametrize("content", [b"", b"\xff", b"PRIVATE+KEY+custody/x+00000000+AAAA", b"secret words"])
def test_a_file_that_is_no_key_is_an_error_that_does_not_show_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / keys.NAME).write_bytes(content)

    with pytest.raises(IntegrityError, match=r"station\.key: .*move it away and a new one is made") as caught:
        keys.station_key(tmp_path, NAME)
    assert "secret" not in str(caught.value)


def test_another_stations_key_is_refused(tmp_path: Path) -> None:
    keys.write_key(tmp_path / keys.NAME, SigningKey.generate("custody/greenleaf-414/dock-1"))

    with pytest.raises(IntegrityError, match="is the key of custody/greenleaf-414/dock-1; must be that of"):
        keys.station_key(tmp_path, NAME)


def test_what_a_power_cut_left_of_a_write_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f"{keys.NAME}.new").write_text("half a k")
    made = keys.station_key(tmp_path, NAME)

    assert keys.read_key(tmp_path / keys.NAME, NAME).verifier == made.verifier


def test_a_key_is_not_shown_by_printing_it(tmp_path: Path) -> None:
    made = keys.station_key(tmp_path, NAME)
    secret = (tmp_path / keys.NAME).read_text().strip().split("+", 4)[4]

    assert secret not in f"{made} {made!r}"
