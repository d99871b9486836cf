"""The simulator's screen as text: golden pictures of it, and what each state adds."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from station.domain.core.conditions import Link
from station.domain.core.effects import Signal, Verdict
from station.screens.braille import braille_rows
from station.screens.picture import render_view
from station.simulate.outcome import Outcome
from station.simulate.scene import (
    DOOR_KEYS,
    KEYS,
    KEYS_BESIDE_DOOR,
    NARROW_COLUMNS,
    NARROW_ROWS,
    WIDE_COLUMNS,
    WIDE_ROWS,
    AtDoor,
    TerminalScene,
    scene_lines,
)
from station.simulate.styled import plain_text
from tests.screens.views import VIEWS

GOLDEN = Path(__file__).parent / "golden"
SCENE = TerminalScene(
    title="station simulate: demo/vault-1",
    caption="scan the next package",
    picture=tuple(braille_rows(render_view(VIEWS["accepted"], "en", "America/Los_Angeles"))),
    lit=Signal.ACCEPTED,
    sounded=Signal.ACCEPTED,
    newest=Outcome("count.scanned ..012345", Verdict.COUNTED, Signal.ACCEPTED),
    link=Link.UP,
    waiting=3,
    events=41,
    arrived=38,
    event_texts=tuple(f"{seq:4} count.scanned ..0123{seq}" for seq in range(30, 41)),
)


def shown(scene: TerminalScene, columns: int = 120, rows: int = 30) -> str:
    return "\n".join(plain_text(line).rstrip() for line in scene_lines(scene, columns, rows)) + "\n"


def styled(scene: TerminalScene, text: str) -> str:
    """The style of the one run that holds this text."""
    (style,) = {run.style for line in scene_lines(scene, 120, 30) for run in line if text in run.text}
    return style


@pytest.mark.parametrize(
    ("name", "columns", "rows"),
    [("wide", 120, 30), ("least-wide", WIDE_COLUMNS, WIDE_ROWS), ("narrow", 80, 24), ("tall", NARROW_COLUMNS, 30)],
)
def test_the_screen_looks_as_it_was_last_looked_at(name: str, columns: int, rows: int) -> None:
    assert shown(SCENE, columns, rows) == (GOLDEN / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("columns", [1, 65, 66, 80, 105, 106, 250])
@pytest.mark.parametrize("rows", [1, 23, 24, 25, 60])
def test_no_line_is_longer_and_no_more_are_drawn_than_fit(columns: int, rows: int) -> None:
    drawn = scene_lines(SCENE, columns, rows)

    assert len(drawn) <= rows
    assert all(len(plain_text(line)) <= columns for line in drawn)


def test_the_oled_is_shown_pixel_for_pixel_at_every_size() -> None:
    for size in ((120, 30), (80, 24), (NARROW_COLUMNS, NARROW_ROWS)):
        text = shown(SCENE, *size)
        assert all(row in text for row in SCENE.picture)


def test_a_terminal_that_is_too_small_is_told_so() -> None:
    assert shown(SCENE, 80, 23) == "80x23: too small; at least 66x24; q quits\n"
    assert shown(SCENE, 60, 50) == "60x50: too small; at least 66x24; q quits\n"


@pytest.mark.parametrize(
    ("outcome", "text", "style"),
    [
        (Outcome("x", Verdict.COUNTED, Signal.ACCEPTED), "✔ COUNTED", "green"),
        (Outcome("x", Verdict.ALREADY, Signal.ALREADY), "● ALREADY COUNTED", "amber"),
        (Outcome("x", Verdict.REFUSED, Signal.REFUSED), "✘ REFUSED", "red"),
        (Outcome("x", Verdict.NOTED, Signal.ACCEPTED), "✔ done", "green"),
        (Outcome("goes on at 3"), "● done", "title"),
        (None, "nothing scanned yet", "dim"),
    ],
)
def test_it_says_clearly_whether_a_scan_counted(outcome: Outcome | None, text: str, style: str) -> None:
    assert styled(replace(SCENE, newest=outcome), text) == style


@pytest.mark.parametrize(
    ("signal", "light"),
    [(Signal.ACCEPTED, "green"), (Signal.ALREADY, "amber"), (Signal.REFUSED, "red"), (Signal.NOT_RECORDING, "red")],
)
def test_one_light_is_lit_and_the_sound_named(signal: Signal, light: str) -> None:
    scene = replace(SCENE, lit=signal, sounded=signal)

    assert shown(scene).count("● ") - shown(scene).count("● ALREADY") == 1
    assert styled(scene, f"● {light}") == light
    assert styled(scene, "♪") == light


def test_no_light_is_lit_when_nothing_sounds() -> None:
    assert "●" not in shown(replace(SCENE, lit=None))
    assert styled(replace(SCENE, lit=None), "♪ one short high") == "dim"


@pytest.mark.parametrize(
    ("scene", "text"),
    [
        (SCENE, "network  up, 3 waiting, 38 arrived"),
        (replace(SCENE, link=Link.DOWN), "network  DOWN, 3 waiting, 38 arrived"),
        (replace(SCENE, link=Link.NONE, arrived=None, waiting=41), "network  no broker, 41 waiting"),
    ],
)
def test_the_network_is_named_as_it_is(scene: TerminalScene, text: str) -> None:
    assert text in shown(scene)
    assert text in shown(scene, 80, 24)


def test_without_power_the_oled_is_dark_and_the_network_unknown() -> None:
    text = shown(replace(SCENE, is_powered=False))

    assert "station  NO POWER" in text
    assert "network  -" in text
    assert not any(row in text for row in SCENE.picture if row.strip("\u2800"))


def test_what_is_typed_is_shown_until_enter() -> None:
    text = shown(replace(SCENE, typed="12."))

    assert "quantity: 12._  Enter, or Esc" in text
    assert "COUNTED" not in text


def test_trouble_is_told_before_all_else() -> None:
    text = shown(replace(SCENE, trouble="gun: no answer"))

    assert "✘ TROUBLE" in text
    assert "gun: no answer" in text


@pytest.mark.parametrize(
    ("door", "keys"), [(None, KEYS), (AtDoor(), KEYS_BESIDE_DOOR), (AtDoor(has_keys=True), DOOR_KEYS)]
)
def test_every_key_is_explained_at_every_size(
    door: AtDoor | None, keys: tuple[tuple[tuple[str, str], ...], ...]
) -> None:
    for size in ((120, 30), (80, 24), (NARROW_COLUMNS, NARROW_ROWS)):
        text = shown(replace(SCENE, door=door), *size)
        assert all(f" {key}  {meaning}" in text for row in keys for key, meaning in row)


@pytest.mark.parametrize(
    ("door", "wide", "narrow"),
    [
        (AtDoor(), "door     shut, lock secured\n", "shut secured  running"),
        (AtDoor(is_released=True), "door     shut, lock RELEASED\n", "shut RELEASED  running"),
        (AtDoor(is_open=True, is_sounding=True), "door     OPEN, lock secured, SIREN", "OPEN secured, SIREN  running"),
    ],
)
def test_the_door_the_lock_and_the_siren_are_shown(door: AtDoor, wide: str, narrow: str) -> None:
    assert wide in shown(replace(SCENE, door=door))
    assert narrow in shown(replace(SCENE, door=door), 80, 24)
    assert "door  " not in shown(SCENE)
