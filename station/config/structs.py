"""All settings of a station, as frozen structs."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from station.config.devices import BadgeReader, Display, Indicator, Keypad, NoDisplay, NoIndicator, Scanner
from station.config.door import Door, Entry, NoDoor
from station.config.rules import CosignerKey, Name, Path, SignerKey, SocketPath, Timezone
from station.config.served import driven, driven_door
from station.domain.documents.fields import Items, Range, Table, Text, Unique
from station.domain.documents.values import Host
from station.domain.station.duties import SETTINGS

if TYPE_CHECKING:
    Duty = str
else:
    Duty = Literal[SETTINGS]  # those of the table of duties


class Station(Table, frozen=True, kw_only=True):
    """Which station this is and what it is for. `pins = "mock"` runs the GPIO drivers without a header.

    `site_key_file` holds the key under which badge numbers become HMACs: the site's one, that of its back office.
    """

    site: Name
    name: Name
    duties: Annotated[tuple[Duty, ...], Items(1, len(SETTINGS))]
    timezone: Timezone
    language: Literal["en", "es"] = "en"
    data_dir: Path = "/var/lib/station"
    site_key_file: Path = "/etc/station/site.key"
    pins: Literal["real", "mock"] = "real"


class Tls(Table, frozen=True, kw_only=True):
    """Paths of the broker's authority and of the station's own certificate and key (PEM)."""

    ca: Path
    cert: Path
    key: Path


class Retention(Table, frozen=True, kw_only=True):
    """Events stay here until they are acked and for so many days; after that a hash stands for each."""

    days: Annotated[int, Range(30, 3650, "records of some months must lie at the site")] = 400


class Broker(Table, frozen=True, kw_only=True):
    """Where events go by MQTT 5. `window` is how many messages may wait for their acknowledgement at once."""

    host: Host
    port: Annotated[int, Range(1, 65535)] = 8883
    tls: Tls | None = None
    keepalive_s: Annotated[int, Range(5, 120, "longer notices a dead broker too late")] = 15
    window: Annotated[int, Range(1, 1000)] = 100
    reconnect_max_s: Annotated[int, Range(1, 300)] = 30


class BackOffice(Table, frozen=True, kw_only=True):
    """Verifier keys of what the back office signs, one a purpose."""

    command_key: SignerKey
    release_key: SignerKey | None = None


class Witness(Table, frozen=True, kw_only=True):
    """Who cosigns this station's checkpoints; the name is part of the topic `ack/<name>`."""

    name: Annotated[
        str,
        Text(r"[a-z0-9][a-z0-9.-]{0,63}", "a name of 1..64 characters a-z, 0-9, - and ."),
        Unique("witness name"),
    ]
    key: CosignerKey


class Simulated(Table, frozen=True, kw_only=True):
    """The Unix socket that drives `kind = "simulated"` devices; left out, the simulator does."""

    control: SocketPath | None = None


class Settings(Table, frozen=True, kw_only=True):
    """Everything. A field that holds several is `[[...]]` in the file, any other `[...]`."""

    station: Station
    scanners: tuple[Annotated[Scanner, driven("scanner")], ...] = msgspec.field(name="scanner", default=())
    badge_readers: tuple[Annotated[BadgeReader, driven("badge_reader")], ...] = msgspec.field(
        name="badge_reader", default=()
    )
    keypads: tuple[Annotated[Keypad, driven("keypad")], ...] = msgspec.field(name="keypad", default=())
    door: Annotated[Door, driven_door()] = NoDoor()
    entry: Entry = Entry()
    display: Annotated[Display, driven("display")] = NoDisplay()
    indicator: Annotated[Indicator, driven("indicator")] = NoIndicator()
    retention: Retention = Retention()
    broker: Broker | None = None
    backoffice: BackOffice | None = None
    witnesses: tuple[Witness, ...] = msgspec.field(name="witness", default=())
    simulated: Simulated | None = None


def across(tables: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Triples of table, key and problem that only several tables show; `tables` are those that are well."""
    station = tables.get("station")
    if not isinstance(station, Station) or "entry" not in station.duties:
        return
    if isinstance(tables.get("door"), NoDoor):
        yield "station", "duties", '"entry" needs a [door]; add it or take "entry" out'
    readers = tables.get("badge_reader")
    if isinstance(readers, tuple) and not any(reader.side == "outside" for reader in readers):
        yield (
            "station",
            "duties",
            '"entry" needs a [[badge_reader]] with side = "outside"; add it or take "entry" out',
        )
