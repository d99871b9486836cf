"""`backoffice send STATION VERB FILE`."""

import contextlib
import secrets
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from station.backoffice import settings
from station.backoffice.sending import counters, rosters
from station.backoffice.sending.packing import body_of
from station.backoffice.sending.postbox import Postbox
from station.backoffice.sending.sender import CommandSender, Order, StationReply, reply_subscriptions
from station.backoffice.trust import keyfiles, tls
from station.domain.documents.json_files import BYTES_MAX
from station.errors import StationError, UsageError
from station.relay.topics import NameRefused
from station.sealing.note import ED25519

DEFAULT_SETTINGS = "/etc/station/backoffice.toml"


class StationRefused(StationError):
    """A station refused the command; it did nothing."""


@click.command()
@click.option("-c", "--config", "settings_path", default=DEFAULT_SETTINGS, show_default=True, metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Each reply as one line of JSON.")
@click.option("--wait", "wait_s", type=click.FloatRange(1, 3600), default=30.0, show_default=True, help="Seconds.")
@click.option("--valid", "valid_s", type=click.IntRange(10, 86_400), default=600, show_default=True, help="Seconds.")
@click.option("--cert", envvar="BACKOFFICE_SEND_CERT", default="", metavar="FILE", help="The sender's certificate.")
@click.option("--key", "tls_key", envvar="BACKOFFICE_SEND_KEY", default="", metavar="FILE", help="And its key.")
@click.option("--site-key", default="", metavar="FILE", help="Of the badges' HMACs; site.key in data_dir.")
@click.argument("station")
@click.argument("verb")
@click.argument("file", default="")
def send(settings_path: str, station: str, verb: str, file: str, **options: Any) -> None:
    """Sign FILE as the command VERB, send it to STATION (or to all), and wait for the reply.

    FILE is - for standard input, and may be left out for ping. Over TLS the sender needs a certificate of its own:
    the receiver's would end the receiver's connection.

    Example: backoffice send vault-1 plan plan.json
    """
    found = settings.load_settings(settings_path)
    office = found.backoffice
    key = keyfiles.read_key("[backoffice] command_key", office.command_key, ED25519)
    site_key = Path(options["site_key"] or Path(office.data_dir) / "site.key")
    body = body_of(verb, _read_file(verb, file), lambda raw: rosters.sealed_roster(raw, rosters.site_key(site_key)))
    order = Order(office.site, station, verb, body, options["valid_s"])
    caller = secrets.token_hex(8)
    try:
        topics = reply_subscriptions(office.site, station, caller)
    except NameRefused as error:
        raise UsageError(str(error)) from None
    context = _tls_context(found.broker, options["cert"], options["tls_key"])
    with (
        counters.hold_counters(Path(office.data_dir)) as known,
        Postbox(found.broker.host, found.broker.port, context, topics) as postbox,
    ):
        replies = [
            _print_reply(reply, options["as_json"])
            for reply in _send_and_wait(postbox, caller, key, known, order, options)
        ]
    if refused := [reply.station for reply in replies if reply.code]:
        raise StationRefused(f"{', '.join(refused)}: refused {verb}; nothing of it was done there")


def _send_and_wait(  # noqa: PLR0917
    postbox: Postbox, caller: str, key: Any, known: counters.CounterFile, order: Order, options: dict[str, Any]
) -> Any:
    return CommandSender(postbox, caller, key, known.next_counter).send(order, options["wait_s"])


def _tls_context(broker: settings.Broker, cert: str, key: str) -> Any:
    if broker.tls is None:
        return None
    if not cert or not key:
        raise UsageError(
            "[broker] tls: --cert and --key are missing; must be the sender's own, such as of backoffice-send: with "
            "the receiver's the broker would end the receiver's connection"
        )
    return tls.tls_context(settings.Tls(ca=broker.tls.ca, cert=cert, key=key))


def _read_file(verb: str, file: str) -> bytes:
    if not file:
        if verb != "ping":
            raise UsageError(f"{verb}: FILE is missing; only ping needs none")
        return b"{}"
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as opened:
            raw = opened.read(BYTES_MAX + 1)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}; must be a readable file") from None
    if len(raw) > BYTES_MAX:
        raise UsageError(f"{file}: is longer than {BYTES_MAX} bytes; must not be; split it")
    return raw


def _print_reply(reply: StationReply, as_json: bool) -> StationReply:
    """Print a reply."""
    if as_json:
        click.echo(msgspec.json.encode(reply._asdict()).decode())
    elif reply.code:
        click.echo(f"{reply.station}: {reply.code}: {reply.text}", err=True)
    else:
        click.echo(f"{reply.station}: {reply.text or reply.values.get('text') or 'done'}")
    return reply
