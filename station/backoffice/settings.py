"""The settings of the receiving end: one small TOML file."""

import re
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from station.errors import StationError
from station.relay.topics import check_name

WITNESS = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}", re.ASCII)
"""What a station's settings take as the name of a witness."""


class SettingsRefused(StationError):
    """The settings cannot be used."""

    exit_code: ClassVar[int] = 3


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table in which an unknown key is an error."""


class Tls(Strict, frozen=True, kw_only=True):
    """Paths of PEM files: the broker's authority, the receiver's certificate and its key."""

    ca: str
    cert: str = ""
    key: str = ""


class Broker(Strict, frozen=True, kw_only=True):
    """Where the stations' broker is."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8883
    tls: Tls | None = None
    client_id: str = "backoffice"
    """Its session, for one receiver only. With mosquitto's `use_username_as_clientid` the certificate says it."""
    keepalive_s: Annotated[int, msgspec.Meta(ge=5, le=120)] = 15


class BackOffice(Strict, frozen=True, kw_only=True):
    """The site, where the database is, and the files of the two keys; `name` is the witness's, in its key."""

    site: str
    data_dir: str
    witness_key: str
    command_key: str
    name: str = ""

    @property
    def witness_name(self) -> str:
        """The name under which this office cosigns: `<site>-backoffice` unless it is set."""
        return self.name or f"{re.sub('[^a-z0-9.-]', '-', self.site.lower())}-backoffice"

    @property
    def database_path(self) -> Path:
        """The database's file."""
        return Path(self.data_dir) / "backoffice.db"

    @property
    def approvals_dir(self) -> Path:
        """Where approvals wait for the receiver."""
        return Path(self.data_dir) / "approvals"


class Settings(Strict, frozen=True, kw_only=True):
    """The whole file."""

    backoffice: BackOffice
    broker: Broker


def load_settings(path: str) -> Settings:
    """Read the TOML file at `path`; its relative paths are meant from its folder. Raise `SettingsRefused`."""
    try:
        found = msgspec.toml.decode(Path(path).read_bytes(), type=Settings)
    except OSError as error:
        raise SettingsRefused(f"{path}: {error.strerror}; must be a readable file; see backoffice --help") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise SettingsRefused(f"{path}: {error}; see provisioning/examples/backoffice.toml") from None
    office = found.backoffice
    try:
        check_name("[backoffice] site", office.site)
    except ValueError as error:
        raise SettingsRefused(f"{path} {error}") from None
    if not WITNESS.fullmatch(office.witness_name):
        raise SettingsRefused(
            f"{path} [backoffice] name = {office.witness_name!r}: must be 1..64 of a-z 0-9 . - and begin with a letter "
            "or digit; it is a level of the topic of every acknowledgement"
        )
    return _from_folder(found, Path(path).absolute().parent)


def _from_folder(found: Settings, folder: Path) -> Settings:
    def full(path: str) -> str:
        return str(folder / path) if path else ""

    office = msgspec.structs.replace(
        found.backoffice,
        data_dir=full(found.backoffice.data_dir),
        witness_key=full(found.backoffice.witness_key),
        command_key=full(found.backoffice.command_key),
    )
    tls = found.broker.tls
    if tls is not None:
        tls = Tls(ca=full(tls.ca), cert=full(tls.cert), key=full(tls.key))
    return Settings(backoffice=office, broker=msgspec.structs.replace(found.broker, tls=tls))
