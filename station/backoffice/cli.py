"""The `backoffice` command: thin; `--json` on every command that reads."""

import getpass
import sqlite3
import sys
from pathlib import Path
from typing import Any

import click
import peewee

from station import __version__
from station.backoffice import overview, settings
from station.backoffice.sending.rosters import make_site_key
from station.backoffice.sending.send_command import send
from station.backoffice.store.stations import Stations
from station.backoffice.store.store import Store
from station.backoffice.trust import approvals, keyfiles
from station.backoffice.trust.approvals import Decision, Verdict
from station.backoffice.trust.keys import KeyNotApproved, StationKeys
from station.backoffice.witness import audit
from station.errors import IntegrityError, StationError, UsageError
from station.sealing.note import COSIGNATURE, ED25519

DEFAULT_SETTINGS = "/etc/station/backoffice.toml"


CURE_OF_BROKEN = (
    "must be one that backoffice run wrote; keep it as it is, and put no older copy in its place: that one would sign "
    "again what it forgot; set it aside, start anew, and the stations send what they still have"
)


class Commands(click.Group):
    """Turns a `StationError` into its text and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StationError as error:
            click.echo(str(error), err=True)
            sys.exit(error.exit_code)
        except (peewee.OperationalError, sqlite3.OperationalError) as error:
            click.echo(
                f"the database: {error}; must be free, on a disk with room, and yours to read; try again", err=True
            )
            sys.exit(UsageError.exit_code)
        except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
            click.echo(f"the database: {error}; {CURE_OF_BROKEN}", err=True)
            sys.exit(IntegrityError.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """The receiving end of custody stations: stores what they swear to, checks it, and cosigns it."""


main.add_command(send)

with_settings = click.option(
    "-c", "--config", "settings_path", default=DEFAULT_SETTINGS, show_default=True, metavar="FILE"
)
with_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")


@main.command()
@with_settings
def run(settings_path: str) -> None:
    """Receive in the foreground, until SIGTERM.

    Example: backoffice run -c /etc/station/backoffice.toml
    """
    from station.backoffice import wiring

    wiring.run(settings_path)


@main.command()
@with_settings
def init(settings_path: str) -> None:
    """Make the keys that are not there yet, and print what the stations' settings need.

    Example: backoffice init -c /etc/station/backoffice.toml
    """
    office = settings.load_settings(settings_path).backoffice
    made = [path for path in (office.witness_key, office.command_key) if not Path(path).exists()]
    witness = keyfiles.make_key("[backoffice] witness_key", office.witness_key, office.witness_name, COSIGNATURE)
    commands = office.witness_name.removesuffix("-backoffice") + "-commands"
    command = keyfiles.make_key("[backoffice] command_key", office.command_key, commands, ED25519)
    site_key = Path(office.data_dir) / "site.key"
    made += [str(site_key)] if make_site_key(site_key) else []
    for path in made:
        click.echo(f"made {path}: new; where the stations know another one, put that in its place", err=True)
    click.echo(f'[backoffice]\ncommand_key = "{command.verifier}"\n')
    click.echo(f'[[witness]]\nname = "{witness.name}"\nkey = "{witness.verifier}"')


@main.command()
@with_settings
@click.argument("station")
@click.argument("key")
def approve(settings_path: str, station: str, key: str) -> None:
    """Trust a station's KEY: the verifier key, or the fingerprint of the one that the station announced.

    Example: backoffice approve vault-1 "3f0c 77aa ..."
    """
    office = settings.load_settings(settings_path).backoffice
    keys = StationKeys(_open_for_reading(office), office.site)
    try:
        found = keys.parse_key(station, _key_text(office, station, key))
        keys.check_not_rotated_away(station, found)
    except KeyNotApproved as error:
        raise UsageError(f"{error}; see backoffice stations") from None
    if found in keys.approved_keys(station):
        click.echo(f"{station}: {found.fingerprint}: was approved before")
        return
    approvals.leave_approval(office.approvals_dir, approvals.Approval(station, str(found)))
    click.echo(f"{station}: {found.fingerprint}: approved; the receiver takes it within a second, or when it starts")


@main.command()
@with_settings
@click.argument("station")
@click.argument("epoch")
@click.option("--reason", required=True, help="Why, for those who read it later.")
def cosign(settings_path: str, station: str, epoch: str, reason: str) -> None:
    """Cosign EPOCH of STATION though nobody knows what stands retained at the broker; until the receiver ends.

    Only where its alarm `unheard` says that it waits: of a larger cosignature of its own it does not know then. It
    never signs two histories of which it knows.

    Example: backoffice cosign vault-1 20261123T140405Z-7f3a --reason "the broker is new"
    """
    _leave_decision(settings_path, Decision(Verdict.COSIGN, station, epoch, reason, getpass.getuser()))


@main.command()
@with_settings
@click.argument("station")
@click.argument("epoch")
@click.option("--reason", required=True, help="Why, for those who read it later.")
def accept(settings_path: str, station: str, epoch: str, reason: str) -> None:
    """Accept EPOCH of STATION though it does not name the one before it: ends its alarm `unnamed`.

    Example: backoffice accept vault-1 20261123T140405Z-7f3a --reason "a new card; the old one is in the safe"
    """
    _leave_decision(settings_path, Decision(Verdict.ACCEPT, station, epoch, reason, getpass.getuser()))


def _leave_decision(settings_path: str, decision: Decision) -> None:
    store = _store_knowing(settings_path, decision.station)
    known = [each.name for each in store.epochs_of(decision.station)]
    if decision.epoch not in known:
        raise UsageError(f"{decision.epoch}: is no epoch of {decision.station}; must be one of {', '.join(known)}")
    if not decision.reason.strip():
        raise UsageError("--reason: is empty; must say why, for those who read it later")
    approvals.leave_decision(settings.load_settings(settings_path).backoffice.approvals_dir, decision)
    click.echo(f"{decision.station} {decision.epoch}: noted; the receiver takes it within a second, or when it starts")


def _key_text(office: settings.BackOffice, station: str, key: str) -> str:
    """Return the verifier key that a person means."""
    if "+" in key:
        return key
    store = _open_for_reading(office)
    announced = Stations(store).said_by(station).key
    hexadecimal = "".join(key.lower().split()).replace(":", "")
    if announced:
        found = StationKeys(store, office.site).parse_key(station, announced)
        if found.fingerprint.replace(" ", "") == hexadecimal:
            return announced
    raise UsageError(
        f"{station}: announced {'another key' if announced else 'no key'}; the fingerprint must be that of the key in "
        "its info, all 64 digits; see backoffice stations"
    )


@main.command("stations")
@with_settings
@with_json
def stations_command(settings_path: str, as_json: bool) -> None:
    """Show what is here of each station and epoch, what is missing, and the alarms.

    Example: backoffice stations --json
    """
    office = settings.load_settings(settings_path).backoffice
    found = overview.stations_seen(_open_for_reading(office), office.site)
    click.echo(overview.to_json(found) if as_json else "\n".join(overview.station_lines(found)))


@main.command()
@with_settings
@with_json
@click.argument("station")
@click.option("--since", type=click.IntRange(0), default=0, help="From this seq of the newest epoch.")
@click.option("--type", "type_name", default="", metavar="TYPE", help="Only these, such as door.forced.")
def events(settings_path: str, as_json: bool, station: str, since: int, type_name: str) -> None:
    """Show the events of STATION; with --json each as it was sworn, byte for byte.

    Example: backoffice events vault-1 --type door.forced
    """
    for event, leaf in overview.events_of_station(_store_knowing(settings_path, station), station, since, type_name):
        click.echo(leaf.decode() if as_json else f"{event.epoch} {event.seq:>8}  {event.time}  {event.type}")


@main.command()
@with_settings
@with_json
@click.argument("station", default="")
def verify(settings_path: str, as_json: bool, station: str) -> None:
    """Recompute every leaf hash, root and signature that is stored, of STATION or of all; exit code 6 at a fault.

    Example: backoffice verify vault-1
    """
    office = settings.load_settings(settings_path).backoffice
    store = _store_knowing(settings_path, station) if station else _open_for_reading(office)
    witness = keyfiles.read_key("[backoffice] witness_key", office.witness_key, COSIGNATURE).verifier
    faults = []
    for each in audit.Audit(store, office.site, witness).audit_epochs(station):
        text = f"{each.station} {each.epoch}: {each.events} events, {each.checkpoints} checkpoints"
        click.echo(overview.as_json(each) if as_json else f"{text}: {each.fault or 'all of it holds'}")
        faults += [each] if each.fault else []
    if faults:
        raise IntegrityError(f"{faults[0].station} {faults[0].epoch}: {faults[0].fault}")


def _store_knowing(settings_path: str, station: str) -> Store:
    store = _open_for_reading(settings.load_settings(settings_path).backoffice)
    known = Stations(store).station_names()
    if station not in known:
        raise UsageError(
            f"{station}: is no station that said anything; must be one of {', '.join(known) or 'none yet'}"
        )
    return store


def _open_for_reading(office: settings.BackOffice) -> Store:
    if not Path(office.database_path).exists():
        raise UsageError(
            f"{office.database_path}: is not there; [backoffice] data_dir must be that of a receiver that ran"
        )
    return Store.open_for_reading(office.database_path)
