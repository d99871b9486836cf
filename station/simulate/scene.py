"""What the simulator shows: a value, and the lines of text that it comes to."""

import msgspec

from station.domain.core.conditions import Link
from station.domain.core.effects import Signal, Verdict
from station.simulate.outcome import LIGHTS, SOUNDS, Outcome
from station.simulate.styled import Line, Run, fit_line

OLED_COLUMNS, OLED_ROWS = 64, 16
NARROW_COLUMNS, NARROW_ROWS = 66, 24
WIDE_COLUMNS, WIDE_ROWS = 106, 24
GAP = Run("  ")
DARK = ("\u2800" * OLED_COLUMNS,) * OLED_ROWS
VERDICTS = {
    Verdict.COUNTED: ("green", "✔ COUNTED"),
    Verdict.ALREADY: ("amber", "● ALREADY COUNTED"),
    Verdict.REFUSED: ("red", "✘ REFUSED"),
    Verdict.NOTED: ("green", "✔ done"),
    Verdict.BADGE_NEEDED: ("amber", "● SECOND BADGE"),
    Verdict.PIN_NEEDED: ("amber", "● PIN"),
    Verdict.GRANTED: ("green", "✔ ENTER"),
    Verdict.DENIED: ("red", "✘ NO ENTRY"),
}
KEYS = (
    (("c", "start"), ("l", "location"), ("s", "scan"), ("r", "repeat"), ("w", "wrong tag")),
    (("i", "unit"), ("d", "digits"), ("u", "undo"), ("g", "garbage"), ("e", "seen"), ("p", "pause")),
    (("x", "close"), ("n", "network off/on"), ("k", "pull the power"), ("q", "quit")),
)


KEYS_BESIDE_DOOR = (
    *KEYS[:2],
    (("x", "close"), ("n", "network"), ("k", "pull the power"), ("Tab", "door"), ("q", "quit")),
)
DOOR_KEYS = (
    (("abcs", "ana ben cleo sam"), ("ABCS", "inside"), ("d", "desk"), ("Tab", "count")),
    (("u", "stranger"), ("g", "misread"), ("o", "door"), ("l", "lever"), ("f", "fire")),
    (("t", "tamper"), ("e", "explain"), ("h", "heads"), ("n", "net"), ("k", "power"), ("q", "quit")),
)


class AtDoor(msgspec.Struct, frozen=True):
    """How the door stands, and whether the keys are those for it."""

    is_open: bool = False
    is_released: bool = False
    is_sounding: bool = False
    has_keys: bool = False


class TerminalScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is seen at one moment; `picture` are the rows of the OLED in braille.

    `lit` is the signal that plays or is held now; `newest` the outcome of what was done last; `typed` what stands
    before Enter, None when nothing is being typed; `arrived` is None without a broker, `door` without one.
    """

    title: str
    caption: str = ""
    picture: tuple[str, ...] = DARK
    is_powered: bool = True
    lit: Signal | None = None
    sounded: Signal | None = None
    newest: Outcome | None = None
    trouble: str = ""
    typed: str | None = None
    link: Link | None = None
    waiting: int = 0
    events: int = 0
    arrived: int | None = None
    event_texts: tuple[str, ...] = ()
    door: AtDoor | None = None


def scene_lines(scene: TerminalScene, columns: int, rows: int) -> list[Line]:
    """The whole terminal: beside each other where there is room, else one below the other; never more than `rows`."""
    if columns < NARROW_COLUMNS or (rows < NARROW_ROWS and not _is_wide(columns, rows)):
        return _too_small(columns, rows)
    drawn = _wide_lines(scene, columns) if _is_wide(columns, rows) else _narrow_lines(scene, columns, rows)
    return [fit_line(line, columns) for line in drawn[:rows]]


def _is_wide(columns: int, rows: int) -> bool:
    return columns >= WIDE_COLUMNS and rows >= WIDE_ROWS


def _too_small(columns: int, rows: int) -> list[Line]:
    text = f"{columns}x{rows}: too small; at least {NARROW_COLUMNS}x{NARROW_ROWS}; q quits"
    return [(Run(text[:columns]),)]


def _wide_lines(scene: TerminalScene, columns: int) -> list[Line]:
    oled = _oled_lines(scene)
    panel = [
        _lights_line(scene),
        _sound_line(scene),
        (),
        _result_line(scene),
        _result_text(scene),
        (),
        _station_line(scene),
        _network_line(scene),
        _door_line(scene),
        (Run("newest events", "dim"),),
        *_event_lines(scene, len(oled) - 10),
    ]
    beside = [(*left, GAP, *right) for left, right in zip(oled, panel, strict=True)]
    return [_title_line(scene, columns), (), *beside, (), *map(_help_line, _keys_shown(scene))]


def _narrow_lines(scene: TerminalScene, columns: int, rows: int) -> list[Line]:
    free = rows - NARROW_ROWS
    result = (*_lights_line(scene, is_short=True), GAP, *_result_line(scene), GAP, *_result_text(scene))
    below = [result, _state_line(scene), *_event_lines(scene, free)]
    return [_title_line(scene, columns), *_oled_lines(scene), *below, *map(_help_line, _keys_shown(scene))]


def _state_line(scene: TerminalScene) -> Line:
    """Door, station and network in one line; what is cut where there is little room is the network's end."""
    door = (*_door_line(scene, is_short=True), GAP) if scene.door else ()
    return (*door, *_station_line(scene, is_short=True), GAP, *_network_line(scene))


def _title_line(scene: TerminalScene, columns: int) -> Line:
    return fit_line((Run(f" {scene.title} ", "key"), GAP, Run(scene.caption, "title")), columns)


def _oled_lines(scene: TerminalScene) -> list[Line]:
    bar = "─" * OLED_COLUMNS
    rows = scene.picture if scene.is_powered else DARK
    inside = [(Run("│", "dim"), Run(row, "pixels"), Run("│", "dim")) for row in rows]
    return [(Run(f"┌{bar}┐", "dim"),), *inside, (Run(f"└{bar}┘", "dim"),)]


def _lights_line(scene: TerminalScene, *, is_short: bool = False) -> Line:
    lit = LIGHTS[scene.lit] if scene.lit else ""
    runs = []
    for light in ("green", "amber", "red"):
        dot = "●" if light == lit else "○"
        name = "" if is_short else f" {light}  "
        runs.append(Run(f"{dot}{name}", light if light == lit else "dim"))
    return tuple(runs)


def _sound_line(scene: TerminalScene) -> Line:
    if scene.sounded is None:
        return (Run("♪", "dim"),)
    return (Run(f"♪ {SOUNDS[scene.sounded]}", LIGHTS[scene.sounded] if scene.lit else "dim"),)


def _result_line(scene: TerminalScene) -> Line:
    """Whether the last scan counted, or what is being typed."""
    if scene.typed is not None:
        return (Run(f"quantity: {scene.typed}_", "title"), Run("  Enter, or Esc", "dim"))
    if scene.trouble:
        return (Run("✘ TROUBLE", "red"),)
    if scene.newest is None:
        return (Run("nothing scanned yet", "dim"),)
    if scene.newest.verdict is None:
        return (Run("● done", "title"),)
    style, text = VERDICTS[scene.newest.verdict]
    return (Run(text, style),)


def _result_text(scene: TerminalScene) -> Line:
    text = scene.trouble or (scene.newest.text if scene.newest and scene.typed is None else "")
    return (Run(text),)


def _station_line(scene: TerminalScene, *, is_short: bool = False) -> Line:
    if not scene.is_powered:
        return (Run("" if is_short else "station  ", "dim"), Run("NO POWER", "red"))
    return (Run("" if is_short else "station  ", "dim"), Run("running", "green"), Run(f", {scene.events} events"))


def _network_line(scene: TerminalScene) -> Line:
    if not scene.is_powered:
        return (Run("network  -", "dim"),)
    waiting = Run(f", {scene.waiting} waiting", "amber" if scene.waiting else "")
    if scene.arrived is None:
        return (Run("network  ", "dim"), Run("no broker"), waiting)
    arrived = Run(f", {scene.arrived} arrived")
    if scene.link is Link.UP:
        return (Run("network  ", "dim"), Run("up", "green"), waiting, arrived)
    return (Run("network  ", "dim"), Run("DOWN", "red"), waiting, arrived)


def _door_line(scene: TerminalScene, *, is_short: bool = False) -> Line:
    """Open or shut, the lock, the siren; nothing where there is no door."""
    door = scene.door
    if door is None:
        return ()
    stands = Run("OPEN" if door.is_open else "shut", "amber" if door.is_open else "")
    lock = Run("RELEASED" if door.is_released else "secured", "amber" if door.is_released else "green")
    siren = (Run(", "), Run("SIREN", "red")) if door.is_sounding else ()
    if is_short:
        return (stands, Run(" "), lock, *siren)
    return (Run("door     ", "dim"), stands, Run(", lock "), lock, *siren)


def _keys_shown(scene: TerminalScene) -> tuple[tuple[tuple[str, str], ...], ...]:
    if scene.door is None:
        return KEYS
    return DOOR_KEYS if scene.door.has_keys else KEYS_BESIDE_DOOR


def _event_lines(scene: TerminalScene, rows: int) -> list[Line]:
    """The newest last, and bright; always so many rows."""
    shown = scene.event_texts[-rows:] if rows else ()
    styled: list[Line] = [(Run(text, "" if text is shown[-1] else "dim"),) for text in shown]
    return styled + [()] * (rows - len(styled))


def _help_line(keys: tuple[tuple[str, str], ...]) -> Line:
    return tuple(run for key, meaning in keys for run in (Run(f" {key} ", "key"), Run(f" {meaning}  ", "")))
