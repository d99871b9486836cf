"""The settings of the receiving end: one small TOML file."""

import re
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from station.domain.documents.faults import Fault
from station.domain.documents.fields import Range, Table, Text
from station.domain.documents.toml_files import BYTES_MAX, label, read_toml
from station.domain.documents.top_tables import TopRules, read_tables
from station.domain.documents.values import Host
from station.errors import StationError
from station.relay.topics import NAME_CHARACTERS_MAX, NAME_PATTERN

TOP = TopRules("back office")
FilePath = Annotated[str, Text(r"[^\x00-\x1f\x7f]{1,1024}", "a path, meant from this file's folder")]
FilePathIfAny = Annotated[str, Text(r"[^\x00-\x1f\x7f]{0,1024}", "a path, meant from this file's folder")]
Site = Annotated[
    str,
    Text(
        NAME_PATTERN,
        f"1..{NAME_CHARACTERS_MAX} of A-Z a-z 0-9 . _ - and begin with a letter or digit",
        "it is a level of every MQTT topic",
    ),
]
WitnessName = Annotated[
    str,
    # As a station's settings take it; empty for the site's own.
    Text(
        r"([a-z0-9][a-z0-9.-]{0,63})?",
        "1..64 of a-z 0-9 . - and begin with a letter or digit",
        "it is a level of the topic of every acknowledgement",
    ),
]
ClientId = Annotated[str, Text(r"[^\x00-\x1f\x7f]{1,256}", "1..256 characters on one line")]


class SettingsRefused(StationError):
    """The settings cannot be used; a line a fault."""

    exit_code: ClassVar[int] = 3


class Tls(Table, frozen=True, kw_only=True):
    """Paths of PEM files: the broker's authority, the receiver's certificate and its key."""

    ca: FilePath
    cert: FilePathIfAny = ""
    key: FilePathIfAny = ""


class Broker(Table, frozen=True, kw_only=True):
    """Where the stations' broker is."""

    host: Host
    port: Annotated[int, Range(1, 65535)] = 8883
    tls: Tls | None = None
    client_id: ClientId = "backoffice"
    """Its session, for one receiver only. With mosquitto's `use_username_as_clientid` the certificate says it."""
    keepalive_s: Annotated[int, Range(5, 120)] = 15


class BackOffice(Table, frozen=True, kw_only=True):
    """The site, where the database is, and the files of the two keys; `name` is the witness's, in its key."""

    site: Site
    data_dir: FilePath
    witness_key: FilePath
    command_key: FilePath
    name: WitnessName = ""

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


class Settings(Table, frozen=True, kw_only=True):
    """The whole file."""

    backoffice: BackOffice
    broker: Broker


def load_settings(path: str) -> Settings:
    """Read the TOML file at `path`; its relative paths are meant from its folder.

    Raise `SettingsRefused` with every fault at once.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise SettingsRefused(f"{path}: {error.strerror}; must be a readable file; see backoffice --help") from None
    faults: list[Fault] = []
    tree = read_toml(raw, label(path), faults)
    found = read_tables(tree, Settings, TOP, faults) if tree else None
    if found is None or faults:
        raise SettingsRefused("\n".join(map(str, faults)))
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
