"""Settings -> the relay: what it sends, whom it believes, and what it tells the loop."""

import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec

from station import __version__, config
from station.config import Settings
from station.domain.commands.verbs import Here
from station.domain.core.conditions import Link
from station.domain.core.event import SCHEMA_VERSION
from station.domain.station import alerts, messages
from station.journal.journal import Opened
from station.journal.reader import Reader
from station.journal.sealer import origin_of
from station.relay import acknowledging
from station.relay.chunks import Chunks
from station.relay.commands import CommandIntake
from station.relay.listening import Listeners
from station.relay.options import DEFAULT_PAUSES_S, RelayOptions, TlsFiles
from station.relay.topics import Topics
from station.sealing.note import VerifierKey
from station.spine.clock import monotonic_ms
from station.spine.daemon import Daemon
from station.spine.inbox import Acked, CosignatureCame, LinkMoved, RolledBack
from station.spine.machine_health import machine_health

SESSION_S = 24 * 3600
"""For how long the broker keeps commands for a station that is away."""


def make_relay(settings: Settings, daemon: Daemon, opened: Opened) -> Any:
    """The relay to the settings' broker; None where they name none."""
    if settings.broker is None:
        return None
    from station.relay.mqtt import Relay

    inbox, reader = daemon.inbox, Reader.open_at(daemon.journal_path)
    commands, acks = _command_intake(settings, daemon, opened), _acknowledgements(settings, daemon, opened, reader)
    inbox.put(LinkMoved(Link.DOWN))
    if acks is not None:
        inbox.put(Acked(acks.acked, 0))
    return Relay(
        _relay_options(settings),
        reader,
        on_link=lambda is_up: inbox.put(LinkMoved(Link.UP if is_up else Link.DOWN)),
        on_acked=lambda seq, withheld: inbox.put(Acked(seq, withheld)),
        info=_info_source(settings, daemon, opened, commands),
        health=_health_source(daemon, opened.epoch),
        alerts=lambda: alerts.alerts(daemon.loop.durable, daemon.loop.conditions),
        state=lambda: alerts.state_word(daemon.loop.durable, daemon.loop.conditions),
        sent=opened.acked,
        listeners=Listeners(acks, commands, lambda news: inbox.put(_of_a_witness(news)), inbox.put),
    )


def _relay_options(settings: Settings) -> RelayOptions:
    broker, station = settings.broker, settings.station
    assert broker is not None
    return RelayOptions(
        host=broker.host,
        port=broker.port,
        site=station.site,
        station=station.name,
        tls=TlsFiles(broker.tls.ca, broker.tls.cert, broker.tls.key) if broker.tls else None,
        keepalive_s=broker.keepalive_s,
        session_s=SESSION_S,
        window=broker.window,
        connect_pauses_s=tuple(min(pause_s, broker.reconnect_max_s) for pause_s in DEFAULT_PAUSES_S),
    )


def _acknowledgements(
    settings: Settings, daemon: Daemon, opened: Opened, reader: Reader
) -> acknowledging.Acknowledgements | None:
    """What counts as acknowledged where the settings name witnesses; None where a PUBACK has to do."""
    if not settings.witnesses:
        return None
    witnesses = {witness.name: VerifierKey.parse(witness.key) for witness in settings.witnesses}
    known = {name: size for name, size, _ in reader.cosigned_checkpoints()}
    origin = origin_of(daemon.key.name, opened.epoch)
    return acknowledging.Acknowledgements(lambda: daemon.own_keys, origin, witnesses, reader, known)


def _of_a_witness(
    news: acknowledging.WitnessCosigned | acknowledging.WitnessContradicts,
) -> CosignatureCame | RolledBack:
    return CosignatureCame(*news) if isinstance(news, acknowledging.WitnessCosigned) else RolledBack(*news)


def _command_intake(settings: Settings, daemon: Daemon, opened: Opened) -> CommandIntake | None:
    """What hears the back office's commands; None where the settings name no key of theirs."""
    if settings.backoffice is None:
        return None
    station = settings.station
    return CommandIntake(
        Topics(station.site, station.name),
        Here(station.site, station.name, opened.epoch),
        VerifierKey.parse(settings.backoffice.command_key),
        Chunks(daemon.journal_path.parent / "chunks"),
        station=lambda: daemon.loop.durable,
        now=monotonic_ms,
    )


def _info_source(
    settings: Settings, daemon: Daemon, opened: Opened, commands: CommandIntake | None
) -> Callable[[], dict[str, Any]]:
    def info() -> dict[str, Any]:
        found = messages.Info(
            epoch=opened.epoch,
            version=__version__,
            python=sys.version.split()[0],
            settings=settings_hash,
            duties=tuple(settings.station.duties),
            schema=SCHEMA_VERSION,
            key=str(daemon.key.verifier),
        )
        if commands is None:
            return messages.as_json(found)
        counters = daemon.loop.durable.commands.counters
        heard = {"command_counter": counters.own, "command_counter_all": counters.every}
        return messages.as_json(msgspec.structs.replace(found, **heard, challenge=commands.challenge))

    settings_hash = config.settings_hash(settings)
    return info


def _health_source(daemon: Daemon, epoch: str) -> Callable[[], dict[str, Any]]:
    started_at = time.monotonic()

    def health() -> dict[str, Any]:
        known = alerts.health(daemon.loop.durable, daemon.loop.conditions)
        machine = machine_health(daemon.journal_path.parent)
        return messages.as_json(
            messages.Health(epoch=epoch, **known, **machine, uptime_s=round(time.monotonic() - started_at))
        )

    return health
