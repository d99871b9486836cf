"""What is here of each station and epoch, for people and programs; read beside the receiver."""

from collections.abc import Iterator
from typing import Any

import msgspec

from station.backoffice.store.alarms import Alarm, Alarms
from station.backoffice.store.epochs import Epoch
from station.backoffice.store.leaves import LeafEvent, read_stored
from station.backoffice.store.stations import Stations
from station.backoffice.store.store import Store
from station.backoffice.trust.keys import StationKeys
from station.domain.station.leaf import rfc3339


class EpochSeen(msgspec.Struct, frozen=True):
    """Seqs are -1 for none; `acked` is the highest event that a cosignature covers."""

    epoch: str
    is_current: bool
    head: int
    contiguous: int
    acked: int
    missing: list[tuple[int, int]]
    previous: str
    reason: str


class StationSeen(msgspec.Struct, frozen=True):
    """`key`: the fingerprint that the station announces; `is_approved`: whether that key is trusted."""

    station: str
    state: str
    last_seen: str
    key: str
    is_approved: bool
    epochs: list[EpochSeen]
    alarms: list[Alarm]


def stations_seen(store: Store, site: str) -> list[StationSeen]:
    """Return every station that ever said anything."""
    said, alarms, keys = Stations(store), Alarms(store), StationKeys(store, site)
    return [_see_station(store, each, said, alarms, keys) for each in said.station_names()]


def _see_station(store: Store, name: str, said: Stations, alarms: Alarms, keys: StationKeys) -> StationSeen:
    row, current = said.said_by(name), said.current_epoch(name)
    approved = [str(key) for key in keys.approved_keys(name)]
    return StationSeen(
        station=name,
        state=row.state,
        last_seen=rfc3339(row.seen_ms) if row.seen_ms else "",
        key=keys.parse_key(name, row.key).fingerprint if row.key else "",
        is_approved=row.key in approved if row.key else bool(approved),
        epochs=[_see_epoch(store, each, current) for each in store.epochs_of(name)],
        alarms=alarms.standing_alarms(name),
    )


def _see_epoch(store: Store, epoch: Epoch, current: str) -> EpochSeen:
    cosigned = store.find_cosignature(epoch)
    return EpochSeen(
        epoch=epoch.name,
        is_current=epoch.name == current,
        head=epoch.known_head,
        contiguous=epoch.contiguous,
        acked=cosigned[0] - 1 if cosigned else -1,
        missing=store.missing_runs(epoch),
        previous=epoch.previous,
        reason=epoch.reason,
    )


def station_lines(found: list[StationSeen]) -> Iterator[str]:
    """Say it to people."""
    for each in found:
        trust = "approved" if each.is_approved else "NOT APPROVED: compare, then backoffice approve"
        yield f"{each.station}  {each.state or 'unknown'}  last seen {each.last_seen or 'never'}"
        yield f"  key {each.key or 'not announced'}  {trust}"
        for epoch in each.epochs:
            yield f"  epoch {epoch.epoch}{'' if epoch.is_current else ' (past)'}: {_epoch_state(epoch)}"
        for alarm in each.alarms:
            yield f"  ALARM {alarm.kind} ({alarm.times}x) {alarm.epoch}: {_event_place(alarm)}{alarm.text}"


def _event_place(alarm: Alarm) -> str:
    return "" if alarm.seq is None else f"first differing event {alarm.seq}: "


def _epoch_state(epoch: EpochSeen) -> str:
    missing = ", ".join(f"{first}..{last}" for first, last in epoch.missing)
    text = f"head {epoch.head}, all here up to {epoch.contiguous}, cosigned up to {epoch.acked}"
    text += f", MISSING {missing}" if missing else ""
    return text + (f"; after {epoch.previous} ({epoch.reason})" if epoch.previous else "")


def events_of_station(
    store: Store, station: str, since: int = 0, type_name: str = ""
) -> Iterator[tuple[LeafEvent, bytes]]:
    """Yield the events of a station, epoch by epoch; `since` is a seq of the newest epoch and leaves out the others."""
    epochs = store.epochs_of(station)
    for epoch in epochs[-1:] if since else epochs:
        for _, _, leaf in store.stored_leaves(epoch, since):
            event = read_stored(leaf) if leaf else None
            if leaf and event and type_name in ("", event.type):
                yield event, leaf


def to_json(found: list[StationSeen]) -> str:
    """Return it as a JSON list; an alarm is an object."""
    return as_json(
        [{**msgspec.structs.asdict(each), "alarms": [alarm._asdict() for alarm in each.alarms]} for each in found]
    )


def as_json(found: Any) -> str:
    """Return a struct, or what holds some, as JSON."""
    return msgspec.json.encode(found).decode()
