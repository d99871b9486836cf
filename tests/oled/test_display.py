"""The thread around the panel: the newest view wins, nothing blocks, the end leaves the last view."""

import threading
import time

import pytest
from PIL import Image

from drivers.oled_controllers import CONTROLLERS, glass_opener
from drivers.oled_display import OledDisplay
from drivers.oled_panel import Care, OledPanel
from drivers.ports import Display
from station.domain.core.conditions import Link
from station.domain.core.view import Phrase, Tone, View
from tests.oled.bus import Bus

WAIT_S_MAX = 10


def now() -> int:
    return time.monotonic_ns() // 1_000_000


def counted(count: int) -> View:
    return View("count", Tone.ACCEPTED, Phrase("counted", (str(count),)), None, None, Link.NONE, 0, None)


class Drawing:
    """A render that tells which views it was given and stops at a gate."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.drawn: list[str] = []
        self.changed = threading.Condition()

    def __call__(self, view: View) -> Image.Image:
        with self.changed:
            self.drawn.append(view.fact.args[0])
            self.changed.notify_all()
        assert self.gate.wait(WAIT_S_MAX)
        picture = Image.new("1", (128, 64))
        picture.putpixel((int(view.fact.args[0]) % 128, 0), 255)
        return picture

    def await_drawn(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.drawn) >= count, WAIT_S_MAX)


class Stand:
    def __init__(self, care: Care | None = None) -> None:
        self.bus = Bus()
        self.drawing = Drawing()
        self.lost = threading.Event()
        self.found = threading.Event()
        rule = CONTROLLERS["ssd1306"]
        panel = OledPanel(
            glass_opener(rule, connect=self.bus.connect),
            rule,
            render=self.drawing,
            now=now,
            on_lost=lambda _reason: self.lost.set(),
            on_found=self.found.set,
            care=care or Care(shift_ms=10_000_000_000_000),
        )
        self.display: Display = OledDisplay(panel, now)


@pytest.fixture
def stand() -> Stand:
    return Stand()


def lit(bus: Bus) -> int:
    box = bus.shown().getbbox()
    return box[0] if box else -1


def test_views_that_came_while_one_was_drawn_are_skipped_but_for_the_newest(stand: Stand) -> None:
    stand.display.show(counted(1))
    stand.drawing.await_drawn(1)
    for count in range(2, 100):
        stand.display.show(counted(count))  # the thread is held at the gate: show must not wait for it
    stand.drawing.gate.set()
    stand.drawing.await_drawn(2)
    stand.display.close()
    assert stand.drawing.drawn == ["1", "99", "99"]  # the last one by close
    assert lit(stand.bus) == 99


def test_close_draws_what_was_shown_last_and_leaves_it(stand: Stand) -> None:
    stand.drawing.gate.set()
    stand.display.show(counted(5))
    stand.display.show(counted(7))
    stand.display.close()
    assert lit(stand.bus) == 7
    assert stand.bus.is_on
    assert stand.bus.cleaned == 1


def test_close_without_any_view_ends(stand: Stand) -> None:
    stand.display.close()
    stand.display.close()
    assert stand.bus.opened == 0


def test_the_thread_opens_a_lost_panel_again_by_itself() -> None:
    stand = Stand(Care(shift_ms=10_000_000_000_000, retry_ms_min=5, retry_ms_max=5))
    stand.drawing.gate.set()
    stand.bus.fails_after = 0
    stand.display.show(counted(3))
    assert stand.lost.wait(WAIT_S_MAX)
    stand.bus.fails_after, stand.bus.is_there = None, True
    assert stand.found.wait(WAIT_S_MAX)
    stand.display.close()
    assert lit(stand.bus) == 3


def test_the_thread_draws_again_when_the_picture_has_to_move() -> None:
    stand = Stand(Care(shift_ms=20))
    stand.drawing.gate.set()
    stand.display.show(counted(3))
    stand.drawing.await_drawn(4)
    stand.display.close()
    assert set(stand.drawing.drawn) == {"3"}
