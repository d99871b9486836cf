"""The `station` command: thin; every reading command takes `-c FILE` or `--dir DIR`, and has `--json`."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from station import __version__, config
from station.domain.station.duties import DOCUMENTS
from station.errors import StationError, UsageError

DEFAULT_SETTINGS = "/etc/station/station.toml"


class Commands(click.Group):
    """Turns a `StationError` into its text and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except config.SettingsError as error:
            click.echo(config.faults_text(error), err=True)
            sys.exit(error.exit_code)
        except StationError as error:
            click.echo(str(error), err=True)
            sys.exit(error.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """A custody station: records scans, tells what it recorded, proves it."""


def settings_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("-c", "--config", "settings_path", default=DEFAULT_SETTINGS, show_default=True, metavar="FILE")(
        command
    )


def reads_journal(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a reading command its `directory`, from `--dir` or from the settings, and its `as_json`."""
    return takes_directory(click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")(command))


def takes_directory(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its `directory` alone."""

    @settings_option
    @click.option("--dir", "directory", metavar="DIR", help="The data directory, instead of the settings.")
    @functools.wraps(command)
    def wrapped(*, settings_path: str, directory: str | None, **rest: Any) -> Any:
        found = Path(directory or config.load(settings_path).station.data_dir)
        if not (found / "journal.db").exists():
            raise UsageError(f"{found}: has no journal.db; must be a station's data directory; give it by --dir or -c")
        return command(directory=found, **rest)

    return wrapped


@main.command()
@settings_option
def run(settings_path: str) -> None:
    """Run the station in the foreground.

    Example: station run -c /etc/station/station.toml
    """
    from station import wiring

    wiring.run_station(settings_path)


@main.command()
@click.option("--demo", metavar="NAME", help="Play a scenario: moves, vault-count, vault-entry, or a file.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="How many times faster than life.")
@click.option("--headless", is_flag=True, help="Lines instead of a picture.")
@click.option("--broker", metavar="HOST:PORT", help="Use this broker instead of a private one.")
@click.option("--dir", "directory", metavar="DIR", help="Keep the station's files here.")
def simulate(**options: Any) -> None:
    """The real daemon on simulated hardware.

    Example: station simulate --demo vault-count
    """
    from station.simulate import command

    sys.exit(command.simulate(**options))


@main.command("lock-safe")
@settings_option
def lock_safe(settings_path: str) -> None:
    """Put the lock's output in its safe state, whatever else is broken; systemd runs it when the station ends.

    Example: station lock-safe -c /etc/station/station.toml
    """
    from station.door import lock_safe as safe

    sys.exit(safe.lock_safe(settings_path))


@main.command("rotate-key")
@settings_option
def rotate_key(settings_path: str) -> None:
    """Give the running station a new signing key, vouched for by its present one.

    Example: station rotate-key
    """
    from station.importing.command import rotate_key

    click.echo(rotate_key(config.load(settings_path)))


@main.group("config")
def config_group() -> None:
    """Check or show the settings."""


@config_group.command("check")
@click.argument("file", type=click.Path())
def config_check(file: str) -> None:
    """Say every error of a settings file at once.

    Example: station config check /etc/station/station.toml
    """
    faults = config.check_files(config.load(file))
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        sys.exit(config.SettingsError.exit_code)
    click.echo(f"{file}: fine")


@config_group.command("show")
@click.argument("file", type=click.Path())
def config_show(file: str) -> None:
    """The effective settings, with every default.

    Example: station config show /etc/station/station.toml
    """
    click.echo(config.show(config.load(file)), nl=False)


@main.command()
@reads_journal
def status(directory: Path, as_json: bool) -> None:
    """What the station is doing.

    Example: station status --dir /var/lib/station
    """
    from station.reports import commands as reports

    reports.print_status(directory, as_json)


@main.command()
@reads_journal
@click.option("--since", type=int, default=0, metavar="SEQ", help="From this sequence number on.")
@click.option("--type", "event_type", metavar="T", help="Only events of this type.")
@click.option("--subject", metavar="TAG", help="Only events about this tag, session or source.")
def events(directory: Path, as_json: bool, since: int, event_type: str | None, subject: str | None) -> None:
    """The events, oldest first; with --json the leaves, one a line, byte for byte.

    Example: station events --type count.scanned --json
    """
    from station.reports import commands as reports

    reports.print_events(directory, as_json, since, event_type, subject)


def trusts(*options: str) -> Callable[..., Any]:
    """Give a command its `trust` from `--key` and those of `witness` and `checkpoint` that are named."""
    known = {
        "key": click.option("--key", metavar="KEY", help="The station's key or its fingerprint, or a file of it."),
        "witness": click.option("--witness", multiple=True, metavar="KEY", help="A witness's key, or a file of it."),
        "checkpoint": click.option(
            "--checkpoint",
            multiple=True,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A checkpoint from elsewhere: a witness's copy, or the three lines of the signed paper.",
        ),
    }

    def with_trust(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def wrapped(**given: Any) -> Any:
            from station.evidence.trust import trust_of

            trust = trust_of(given.pop("key"), given.pop("witness", ()), given.pop("checkpoint", ()))
            return command(trust=trust, **given)

        return functools.reduce(lambda made, name: known[name](made), options, wrapped)

    return with_trust


@main.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@trusts("key", "witness", "checkpoint")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
def verify(path: Path, trust: Any, as_json: bool) -> None:
    """Recompute what a journal, an export or a bundle swears to; exit code 6 where anything is wrong.

    Example: station verify /var/lib/station --key "1f2e 3d4c ..." --checkpoint witness.txt
    """
    from station.reports import commands as reports

    sys.exit(reports.print_verified(path, trust, as_json))


@main.command()
@takes_directory
@click.option("--format", "form", default="bundle", show_default=True, metavar="FORMAT", help="jsonl or bundle.")
@click.option("--from", "first", default="", metavar="SEQ|DATE", help="From this event or UTC date on.")
@click.option("--to", "last", default="", metavar="SEQ|DATE", help="Up to and with this event or UTC date.")
@click.option("--subject", default="", metavar="TAG", help="Only events about this tag, session or source.")
@trusts("key")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
def export(directory: Path, form: str, trust: Any, output: Path, **chosen: str) -> None:
    """Events with their proofs, for an inspector; or as plain lines, for another system.

    Example: station export --from 2026-11-23 --to 2026-11-23 -o monday.zip
    """
    from station.evidence.exports import Selection
    from station.reports import commands as reports

    reports.export_events(directory, Selection(**chosen), trust, form, output)


@main.command()
@reads_journal
@trusts("key")
def checkpoint(directory: Path, as_json: bool, trust: Any) -> None:
    """The newest signed checkpoint and the key's fingerprint, to print and for two people to sign.

    Example: station checkpoint | lp
    """
    from station.reports import commands as reports

    reports.print_checkpoint(directory, trust, as_json)


@main.command("import")
@click.argument("kind", type=click.Choice(sorted(DOCUMENTS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@settings_option
def import_file(kind: str, file: Path, settings_path: str) -> None:
    """Bring in what the back office would have sent; recorded with who did it.

    A roster's badge numbers and PINs are sealed before they leave this command.

    Example: station import plan tuesday.json
    """
    from station.importing import command as importing

    click.echo(importing.import_file(config.load(settings_path), kind, file))


@main.command()
@reads_journal
@click.option("--now", "is_now", is_flag=True, help="Only who is inside.")
@click.option("--from", "first", default="", metavar="DATE|SEQ", help="From this local day, moment or event on.")
@click.option("--to", "last", default="", metavar="DATE|SEQ", help="Up to and with this local day, moment or event.")
@click.option("--format", "form", type=click.Choice(["text", "csv", "html"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def access(directory: Path, as_json: bool, is_now: bool, form: str, output: Path | None, **bounds: str) -> None:
    """Who was in, with whom, how long; what was refused; the door; gaps in the record.

    A day or moment is of the station's own time, or of UTC where it ends in Z.

    Example: station access --from 2026-11-23 --to 2026-11-23 --format html -o monday.html
    """
    from station.reports import commands as reports
    from station.reports.access.span import Span

    span = Span(**bounds)
    if (as_json or is_now) and form != "text":
        raise UsageError(f"--format {form}: must be left out with --json and --now; leave one out")
    reports.write_access(directory, span, "json" if as_json else form, output, is_now=is_now)


@main.group("roster")
def roster_group() -> None:
    """Who may enter."""


@roster_group.command("show")
@reads_journal
def roster_show(directory: Path, as_json: bool) -> None:
    """The roster that is loaded: its people, their roles, how many badges; never a badge or a PIN.

    Example: station roster show --dir /var/lib/station
    """
    from station.reports import commands as reports

    reports.print_roster(directory, as_json)


@main.command()
@click.option("--locations", default="", metavar="A,B", help="Also a card for each of these locations.")
@click.option("--json", "as_json", is_flag=True, help="The texts instead of a page to print.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file.")
def cards(locations: str, as_json: bool, output: Path | None) -> None:
    """Command cards and scanner setup cards, as a page to print.

    Example: station cards --locations "Vault A,Vault B" -o cards.html
    """
    from station.cards.sheet import cards_printout

    try:
        text = cards_printout([name.strip() for name in locations.split(",") if name.strip()], as_json=as_json)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if output is None:
        click.echo(text)
    else:
        output.write_text(text, encoding="utf-8")
