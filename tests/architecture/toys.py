"""What the toys of the recipes come to, looked at in the copy in which they were followed; see `test_recipes.py`.

Not collected by itself: the checkout has no toys.
"""

import json
from pathlib import Path
from typing import Any

import click.testing

from drivers.catalog import kinds_of, load_driver
from station import cli
from station.config import load as load_settings
from station.domain.core.conditions import Conditions
from station.domain.core.inputs import BarcodeScanned, DocumentOffered, Input
from station.domain.core.view import Phrase
from station.domain.identifiers import command_text
from station.domain.lifecycle.inputs import Started
from station.domain.station.alerts import alerts
from station.domain.station.bodies import KNOWN, SERVED, read_body
from station.domain.station.duties import CARDS, DOCUMENTS, EVENTS, ROWS, SETTINGS
from station.domain.station.state import is_at_rest
from station.domain.station.viewing import view
from station.screens.catalogues import CATALOGUES, duty_word, worded_phrase
from tests.domain.samples import SAMPLES
from tests.domain.stamping import Stamping
from tests.snapshots import through_snapshot

RAW = b'{"notice": "Back at noon"}'
HELLO, TEST = command_text("hello").encode(), command_text("test").encode()
SETTINGS_TOML = """
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["greeting"]
timezone = "America/Los_Angeles"
data_dir = "{directory}"

[[scanner]]
name = "gun"
kind = "pipe"
port = "{directory}/gun"
"""


def played(*inputs: Input, duties: tuple[str, ...] = ("greeting",)) -> Stamping:
    """A station of the greeting alone that was given these inputs."""
    stamping = Stamping()
    started = {"at": 0, "boot": "b", "version": "1", "settings": "s", "offset_ms": 0, "quality": "synced"}
    stamping.put(Started(**started, duties=duties))  # type: ignore[arg-type]
    for input in inputs:
        stamping.put(input)
    return stamping


def scanned(line: bytes, at: int = 1_000) -> Input:
    return BarcodeScanned("gun", at, line)


def greeting_of(stamping: Stamping) -> Any:
    return vars_of(stamping.station)["greeting"]


def vars_of(state: Any) -> dict[str, Any]:
    return {name: getattr(state, name) for name in state.__struct_fields__}


def test_the_registries_hold_the_toys() -> None:
    assert {"scan.tested", "greeting.said", "notice.loaded"} <= set(EVENTS)
    assert (CARDS["hello"][0].name, DOCUMENTS["notice"][0].name) == ("greeting", "greeting")
    assert "greeting" in SETTINGS
    assert "notice" in KNOWN
    assert "notice" in SERVED


def test_a_card_and_a_document_become_events_and_state() -> None:
    kind = DOCUMENTS["notice"][1]
    stamping = played(
        scanned(HELLO), scanned(TEST), DocumentOffered(2_000, "notice", kind.read(RAW), RAW, "root", 7), scanned(HELLO)
    )

    types = [recorded.event.TYPE for recorded in stamping.recorded]
    assert types == ["station.started", "greeting.said", "scan.tested", "notice.loaded", "greeting.said"]
    assert vars_of(greeting_of(stamping)) | {"notice_document": ""} == {
        "times": 2,
        "scanner": "gun",
        "notice": "Back at noon",
        "notice_document": "",
    }
    assert stamping.replayed() == stamping.station
    again = through_snapshot(stamping.station, stamping.documents)
    assert vars_of(again)["greeting"] == greeting_of(stamping)
    assert again.session == stamping.station.session
    assert is_at_rest(again)


def test_a_card_of_a_duty_that_is_not_named_is_refused() -> None:
    stamping = played(scanned(HELLO), duties=("count",))

    assert [str(getattr(each.event, "reason", "")) for each in stamping.recorded][1:] == ["not_my_duty"]


def test_the_screen_speaks_of_the_toy_in_both_languages() -> None:
    screen = view(played(scanned(HELLO)).station, Conditions(), 9_000)

    assert (screen.duty, screen.fact, screen.detail) == ("greeting", Phrase("greeted"), Phrase("greet_again"))
    assert [worded_phrase(screen.fact, language) for language in CATALOGUES] == ["Hello", "Hola"]
    assert [duty_word("greeting", language) for language in CATALOGUES] == ["Greet", "Saludo"]
    assert view(played().station, Conditions(), 9_000).fact == Phrase("ready")


def test_its_alarm_is_an_alert_with_its_cure() -> None:
    station = played(*(scanned(HELLO) for _ in range(3))).station

    assert alerts(station, Conditions())["greeting/unanswered"] == {
        "reason": "gun",
        "cure": "Go and see who stands at the scanner.",
    }


def test_its_document_may_be_the_body_of_a_command() -> None:
    assert read_body("notice", RAW) == DOCUMENTS["notice"][1].stored(RAW)


def test_its_events_are_described() -> None:
    row = next(row for row in ROWS if row.name == "greeting")
    sample = next(sample for sample in SAMPLES if sample.TYPE == "greeting.said")

    assert row.describe is not None
    assert row.describe(sample) == "gun"


def test_the_commands_know_the_toys(tmp_path: Path) -> None:
    settings, notice = tmp_path / "station.toml", tmp_path / "notice.json"
    settings.write_text(SETTINGS_TOML.format(directory=tmp_path))
    notice.write_bytes(RAW)

    assert {"verb": "hello", "text": HELLO.decode()} in json.loads(_call("cards", "--json"))
    assert _call("config", "check", str(settings)) == f"{settings}: fine\n"
    assert _call("import", "notice", str(notice), "-c", str(settings)) == "notice: Back at noon\n"


def _call(*arguments: str) -> str:
    done = click.testing.CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_catalog_builds_the_driver_that_the_settings_name(tmp_path: Path) -> None:
    settings = tmp_path / "station.toml"
    settings.write_text(SETTINGS_TOML.format(directory=tmp_path))
    (options,) = load_settings(settings).scanners

    assert "pipe" in kinds_of("scanner")
    source = load_driver("scanner", "pipe")(options.name, port=vars_of(options)["port"], now=lambda: 0)
    assert (type(source).__name__, source.name) == ("PipeSource", "gun")
