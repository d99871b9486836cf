"""The settings' file and the keys' files: what is taken, what is refused and how it is said."""

import stat
from pathlib import Path

import pytest

from station.backoffice import settings
from station.backoffice.trust import keyfiles, tls
from station.errors import UsageError
from station.sealing.note import COSIGNATURE, ED25519
from tests.certificates import Authority

TEXT = """
[backoffice]
site = "greenleaf-414"
data_dir = "here"
witness_key = "w.key"
command_key = "/abs/c.key"
[broker]
host = "localhost"
"""
EXAMPLE = Path(__file__).parents[2] / "provisioning" / "examples" / "backoffice.toml"


def written(folder: Path, text: str) -> str:
    path = folder / "backoffice.toml"
    path.write_text(text)
    return str(path)


def test_paths_are_meant_from_the_files_folder_and_defaults_are_filled_in(tmp_path: Path) -> None:
    found = settings.load_settings(written(tmp_path, TEXT))
    assert found.backoffice.database_path == tmp_path / "here" / "backoffice.db"
    assert found.backoffice.witness_key == str(tmp_path / "w.key")
    assert found.backoffice.command_key == "/abs/c.key"
    assert (found.backoffice.witness_name, found.broker.port, found.broker.tls) == (
        "greenleaf-414-backoffice",
        8883,
        None,
    )


def test_the_example_is_fine() -> None:
    assert settings.load_settings(str(EXAMPLE)).broker.host == "broker.example"


def test_a_site_that_no_witness_can_be_called_after_is_spelled_otherwise(tmp_path: Path) -> None:
    found = settings.load_settings(written(tmp_path, TEXT.replace("greenleaf-414", "Green_Leaf")))
    assert found.backoffice.witness_name == "green-leaf-backoffice"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("host", "hots", "hots"),
        ('site = "greenleaf-414"', 'site = "a/b"', '[backoffice] site = "a/b"'),
        ('site = "greenleaf-414"', "", "site"),
        ('host = "localhost"', 'host = "localhost"\nport = 0', "port"),
        ("[broker]", 'name = "A b"\n[broker]', '[backoffice] name = "A b"'),
        ("[broker]", "[broker", "backoffice.toml: "),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(settings.SettingsRefused, match=r"backoffice\.toml") as refused:
        settings.load_settings(written(tmp_path, TEXT.replace(old, new)))
    assert said in str(refused.value)
    assert refused.value.exit_code == 3


def test_every_fault_is_said_at_once_with_what_was_meant(tmp_path: Path) -> None:
    text = """
    [backoffice]
    stie = "greenleaf-414"
    data_dir = ""
    witness_key = 7
    command_key = "/abs/c.key"
    [broker]
    host = "b:8883"
    keepalive_s = 1
    password = "hunter2"
    tls = { cert = "/c" }
    [brokr]
    """
    with pytest.raises(settings.SettingsRefused) as refused:
        settings.load_settings(written(tmp_path, text))
    assert str(refused.value).replace(f"{tmp_path}/", "").split("\n") == [
        "backoffice.toml [brokr]: unknown table; did you mean [broker]?",
        "backoffice.toml [backoffice] stie: unknown key; did you mean site?",
        'backoffice.toml [backoffice] data_dir = "": must be a path, meant from this file\'s folder.',
        "backoffice.toml [backoffice] witness_key = 7: must be a path, meant from this file's folder.",
        "backoffice.toml [broker] password: unknown key; known are host, port, tls, client_id, keepalive_s.",
        'backoffice.toml [broker] host = "b:8883": must be a host name or an IP address, without the port.',
        "backoffice.toml [broker] tls.ca: missing; must be a path, meant from this file's folder.",
        "backoffice.toml [broker] keepalive_s = 1: must be 5..120.",
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(settings.SettingsRefused, match=r"none\.toml: No such file"):
        settings.load_settings(str(tmp_path / "none.toml"))


def test_a_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    path = str(tmp_path / "keys" / "w.key")
    made = keyfiles.make_key("k", path, "w", COSIGNATURE)
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
    assert keyfiles.make_key("k", path, "other", COSIGNATURE).verifier == made.verifier
    assert keyfiles.read_key("k", path, COSIGNATURE).encode_private() == made.encode_private()


def test_a_key_that_is_none_or_of_another_kind_or_open_to_others_is_refused_unseen(tmp_path: Path) -> None:
    path = tmp_path / "w.key"
    with pytest.raises(UsageError, match="make it by backoffice init"):
        keyfiles.read_key("[backoffice] witness_key", str(path), COSIGNATURE)
    keyfiles.make_key("k", str(path), "w", ED25519)
    with pytest.raises(UsageError, match="must be 4"):
        keyfiles.read_key("k", str(path), COSIGNATURE)
    path.chmod(0o644)
    with pytest.raises(UsageError, match="0600"):
        keyfiles.read_key("k", str(path), ED25519)
    path.chmod(0o600)
    path.write_text("PRIVATE+KEY+w+00000000+c2VjcmV0")
    with pytest.raises(UsageError) as refused:
        keyfiles.read_key("k", str(path), ED25519)
    assert "c2VjcmV0" not in str(refused.value)


def test_tls_is_1_3_and_a_wrong_file_is_named(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.issue("backoffice", "backoffice")
    ca, cert, key = str(authority.path), f"{tmp_path}/backoffice.crt", f"{tmp_path}/backoffice.key"
    assert tls.tls_context(settings.Tls(ca=ca, cert=cert, key=key)).minimum_version.name == "TLSv1_3"
    with pytest.raises(settings.SettingsRefused, match=r"tls\.cert = '/none'"):
        tls.tls_context(settings.Tls(ca=ca, cert="/none", key=key))
    with pytest.raises(settings.SettingsRefused, match="no PEM file"):
        tls.tls_context(settings.Tls(ca=ca, cert=key, key=cert))
