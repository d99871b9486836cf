"""The panel: what is seen, what it costs on the bus, the care for the glass, and losses."""

import atexit
from typing import Any

import msgspec
import pytest
from PIL import Image, ImageChops

from drivers.oled_controllers import CONTROLLERS, glass_opener
from drivers.oled_panel import SHIFTS, Care, OledPanel
from station.domain.core.conditions import Link
from station.domain.core.view import Phrase, Tone, View
from station.screens import render_view
from tests.oled.bus import BUSES, Bus, Clock

FULL_FRAME_BYTES = 1024
MINUTE_MS = 60_000
VIEW = View(
    duty="count",
    tone=Tone.ACCEPTED,
    fact=Phrase("progress", ("37", "50")),
    detail=Phrase("scanned", ("012345",)),
    instruction=Phrase("scan_package"),
    link=Link.UP,
    waiting=3,
    minute_ms=0,
)


def changed(view: View, **fields: Any) -> View:
    return msgspec.structs.replace(view, **fields)


def picture(view: View) -> Image.Image:
    return render_view(view, "en", "UTC")


class Bench:
    """A panel on a modelled bus, its clock, and what it reported."""

    def __init__(self, controller: str = "ssd1306", is_turned: bool = False) -> None:
        self.bus: Bus = BUSES[controller]()
        self.now = Clock()
        self.reports: list[str] = []
        rule = CONTROLLERS[controller]
        self.panel = OledPanel(
            glass_opener(rule, connect=self.bus.connect),
            rule,
            render=picture,
            now=self.now,
            on_lost=lambda reason: self.reports.append(f"lost: {reason}"),
            on_found=lambda: self.reports.append("found"),
            is_turned=is_turned,
        )

    def draw(self, view: View | None = None, at: int | None = None) -> tuple[int, int]:
        """Draw at a moment; returns the bytes on the bus, all of them and the picture's alone."""
        self.now.at = self.now.at if at is None else at
        before = (self.bus.sent_bytes, self.bus.picture_bytes)
        self.panel.draw_view(view)
        return self.bus.sent_bytes - before[0], self.bus.picture_bytes - before[1]

    def shows(self, view: View, shift: tuple[int, int] = (0, 0)) -> bool:
        return self.bus.is_on and self.bus.shown().tobytes() == ImageChops.offset(picture(view), *shift).tobytes()


@pytest.fixture(params=sorted(CONTROLLERS))
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.param)


def test_the_first_view_is_sent_whole_and_stands_on_the_glass(bench: Bench) -> None:
    bench.draw(VIEW)
    assert bench.shows(VIEW)
    assert bench.bus.level == Care().bright_level
    assert bench.reports == []


def test_the_same_view_again_sends_nothing(bench: Bench) -> None:
    bench.draw(VIEW)
    assert bench.draw(VIEW) == (0, 0)
    assert bench.draw() == (0, 0)


def test_nothing_is_opened_before_there_is_something_to_show(bench: Bench) -> None:
    assert bench.draw() == (0, 0)
    assert bench.panel.wake_at() is None
    assert bench.bus.opened == 0


@pytest.mark.parametrize(
    ("controller", "sent_bytes", "picture_bytes"),
    [("ssd1306", 46, 36), ("sh1106", 57, 36)],
)
def test_a_counter_s_change_sends_its_digit_only(controller: str, sent_bytes: int, picture_bytes: int) -> None:
    bench = Bench(controller)
    bench.draw(VIEW)
    after = changed(VIEW, fact=Phrase("progress", ("38", "50")))
    assert bench.draw(after) == (sent_bytes, picture_bytes)
    assert bench.shows(after)


SCANNED = changed(VIEW, fact=Phrase("progress", ("38", "50")), minute_ms=MINUTE_MS, waiting=4)


@pytest.mark.parametrize("minute", range(len(SHIFTS)))
def test_counter_clock_and_waiting_take_at_most_15_percent_of_a_full_frame(bench: Bench, minute: int) -> None:
    bench.draw(VIEW, at=minute * MINUTE_MS)
    sent_bytes, _ = bench.draw(SCANNED)
    assert sent_bytes <= 0.15 * FULL_FRAME_BYTES
    assert bench.shows(SCANNED, SHIFTS[minute])


@pytest.mark.parametrize("minute", range(len(SHIFTS)))
def test_with_the_next_tag_beside_it_too(bench: Bench, minute: int) -> None:
    bench.draw(VIEW, at=minute * MINUTE_MS)
    after = changed(SCANNED, minute_ms=0, detail=Phrase("scanned", ("987658",)))
    sent_bytes, _ = bench.draw(after)
    assert sent_bytes <= 0.15 * FULL_FRAME_BYTES
    assert bench.shows(after, SHIFTS[minute])


def test_a_picture_moves_each_minute(bench: Bench) -> None:
    bench.draw(VIEW)
    for minute in range(1, 2 * len(SHIFTS)):
        bench.draw(at=minute * MINUTE_MS)
        assert bench.shows(VIEW, SHIFTS[minute % len(SHIFTS)]), minute
    assert set(SHIFTS) == {(right, down) for right in range(3) for down in range(2)}


def test_the_shift_brings_nothing_round_the_edge() -> None:
    free = picture(changed(VIEW, instruction=Phrase("|g,jpq|" * 3)))
    right, down = max(right for right, _ in SHIFTS), max(down for _, down in SHIFTS)
    assert free.crop((128 - right, 0, 128, 64)).getbbox() is None
    assert free.crop((0, 64 - down, 128, 64)).getbbox() is None


def test_a_turned_panel_shows_the_moved_picture_upside_down() -> None:
    bench = Bench(is_turned=True)
    bench.draw(VIEW, at=3 * MINUTE_MS)
    moved = ImageChops.offset(picture(VIEW), *SHIFTS[3])
    assert bench.bus.shown().tobytes() == moved.rotate(180).tobytes()


def test_a_panel_that_forgot_everything_is_right_again_within_the_minute(bench: Bench) -> None:
    bench.draw(VIEW)
    bench.bus.forget()
    assert not bench.shows(VIEW)
    bench.draw(at=MINUTE_MS)
    assert bench.shows(VIEW, SHIFTS[1])
    assert bench.bus.level == Care().bright_level


def test_it_dims_when_nobody_is_there_and_a_scan_lights_it(bench: Bench) -> None:
    bench.draw(VIEW)
    idle = changed(VIEW, minute_ms=MINUTE_MS, waiting=9, link=Link.DOWN)
    bench.draw(idle, at=299_999)
    assert bench.bus.level == Care().bright_level
    bench.draw(idle, at=300_000)
    assert bench.bus.level == Care().dim_level
    bench.draw(changed(idle, waiting=10), at=301_000)
    assert bench.bus.level == Care().dim_level
    bench.draw(changed(idle, fact=Phrase("progress", ("38", "50"))), at=302_000)
    assert bench.bus.level == Care().bright_level


def test_not_recording_never_dims(bench: Bench) -> None:
    bench.draw(changed(VIEW, tone=Tone.NOT_RECORDING))
    bench.draw(at=10_000_000)
    assert bench.bus.level == Care().bright_level


def test_it_wakes_for_the_shift_and_for_the_dimming() -> None:
    bench = Bench()
    bench.draw(VIEW, at=10_500)
    assert bench.panel.wake_at() == 60_000
    bench.draw(at=300_000)
    assert bench.panel.wake_at() == 310_500
    bench.draw(at=310_500)
    assert bench.bus.level == Care().dim_level
    assert bench.panel.wake_at() == 360_000


def test_a_panel_that_is_not_there_is_reported_once_and_tried_with_growing_pauses(bench: Bench) -> None:
    bench.bus.is_there = False
    bench.draw(VIEW)
    pauses = []
    for _ in range(8):
        wake_at = bench.panel.wake_at()
        assert wake_at is not None
        pauses.append(wake_at - bench.now.at)
        bench.draw(at=wake_at)
    assert pauses == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
    assert bench.reports == [
        "lost: display on /dev/i2c-1 at 0x3c: I2C device not found on address: 0x3C; a panel answers at 0x3c or 0x3d; "
        "check its wires, that I2C is switched on, and that the station may use it"
    ]
    assert bench.bus.cleaned == 9


def test_between_two_tries_nothing_is_sent(bench: Bench) -> None:
    bench.bus.is_there = False
    bench.draw(VIEW)
    bench.bus.is_there = True
    assert bench.draw(changed(VIEW, waiting=5), at=999) == (0, 0)
    assert bench.reports[1:] == []


def test_a_panel_that_comes_back_gets_the_newest_view_whole(bench: Bench) -> None:
    bench.draw(VIEW)
    bench.bus.is_there = False
    bench.draw(changed(VIEW, waiting=4))
    newest = changed(VIEW, waiting=5)
    bench.draw(newest)
    bench.bus.forget()
    bench.bus.is_there = True
    _, picture_bytes = bench.draw(at=1_000)
    assert picture_bytes == 2 * FULL_FRAME_BYTES  # luma clears it first
    assert bench.shows(newest)
    assert [report.split(":")[0] for report in bench.reports] == ["lost", "found"]


def test_each_loss_and_each_return_is_reported_once(bench: Bench) -> None:
    for at in (0, 1_000, 3_000):
        bench.bus.is_there = True
        bench.draw(changed(VIEW, waiting=1), at=at)
        bench.draw(changed(VIEW, waiting=2))
        bench.bus.is_there = False
        bench.draw(changed(VIEW, waiting=3))
    assert [report.split(":")[0] for report in bench.reports] == ["lost", "found", "lost", "found", "lost"]


@pytest.mark.parametrize("transfers", range(12))
def test_wherever_the_bus_breaks_the_next_try_shows_the_view(bench: Bench, transfers: int) -> None:
    bench.bus.fails_after = transfers
    bench.draw(VIEW)
    bench.draw(changed(VIEW, tone=Tone.REFUSED))
    bench.bus.fails_after, bench.bus.is_there = None, True
    last = changed(VIEW, tone=Tone.ALREADY)
    bench.draw(last, at=2_000)
    assert bench.shows(last)


def test_a_loose_contact_is_tried_more_and_more_seldom(bench: Bench) -> None:
    pauses = []
    for _ in range(4):
        bench.bus.is_there = True
        bench.draw(VIEW, at=bench.panel.wake_at() or 0)
        bench.bus.is_there = False
        bench.draw(changed(VIEW, tone=Tone.REFUSED))
        pauses.append((bench.panel.wake_at() or 0) - bench.now.at)
    assert pauses == [1_000, 2_000, 4_000, 8_000]


def test_a_panel_that_stood_for_long_is_tried_again_soon(bench: Bench) -> None:
    test_a_loose_contact_is_tried_more_and_more_seldom(bench)
    bench.bus.is_there = True
    bench.draw(VIEW, at=20_000)
    bench.bus.is_there = False
    bench.draw(changed(VIEW, tone=Tone.REFUSED), at=80_000)
    assert bench.panel.wake_at() == 81_000


def test_a_picture_that_cannot_be_drawn_is_reported_and_the_next_one_is_drawn() -> None:
    bench = Bench()
    broken = changed(VIEW, duty="broken")

    def fragile(view: View) -> Image.Image:
        if view == broken:
            raise RuntimeError("no such glyph")
        return picture(view)

    bench.panel._render = fragile
    bench.draw(broken)
    bench.draw(VIEW, at=1_000)
    assert bench.reports == ["lost: no such glyph", "found"]
    assert bench.shows(VIEW)


def test_close_draws_the_last_view_bright_and_leaves_it_standing(bench: Bench) -> None:
    bench.draw(VIEW)
    bench.draw(at=300_000)
    stopped = View("count", Tone.STOPPED, Phrase("stopped"), None, None, Link.DOWN, 0, None)
    bench.panel.close(stopped)
    assert bench.shows(stopped, SHIFTS[5])
    assert bench.bus.level == Care().bright_level
    assert bench.bus.cleaned == 1


def test_close_tries_a_lost_panel_once_more(bench: Bench) -> None:
    bench.bus.is_there = False
    bench.draw(VIEW)
    bench.bus.is_there = True
    bench.panel.close()
    assert bench.shows(VIEW)


def test_close_lights_a_panel_that_was_dimmed(bench: Bench) -> None:
    bench.draw(VIEW)
    bench.draw(at=300_000)
    assert bench.bus.level == Care().dim_level
    bench.panel.close()
    assert bench.bus.level == Care().bright_level


def test_a_bus_that_cannot_even_be_closed_raises_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no such device")

    bench.draw(VIEW)
    monkeypatch.setattr(bench.bus, "cleanup", fail)
    bench.panel.close()
    assert bench.shows(VIEW)


def test_close_of_a_lost_panel_raises_nothing(bench: Bench) -> None:
    bench.bus.is_there = False
    bench.panel.close(VIEW)
    assert len(bench.reports) == 1


def test_luma_s_own_end_of_the_program_leaves_the_picture(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks: list[Any] = []
    monkeypatch.setattr(atexit, "register", hooks.append)
    bench.draw(VIEW)
    for hook in hooks:
        hook()
    assert len(hooks) == 1
    assert bench.shows(VIEW)


def test_a_panel_that_fails_while_it_is_opened_is_not_blanked_at_the_end_either(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks: list[Any] = []
    monkeypatch.setattr(atexit, "register", hooks.append)
    bench.bus.fails_after = 2
    bench.draw(VIEW)
    bench.bus.fails_after, bench.bus.is_there = None, True
    bench.draw(at=1_000)
    for hook in hooks:
        hook()
    assert len(hooks) == 2
    assert bench.shows(VIEW)


def test_a_panel_that_does_not_answer_leaves_no_hook_behind(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks: list[Any] = []
    monkeypatch.setattr(atexit, "register", hooks.append)
    bench.bus.is_there = False
    bench.draw(VIEW)
    bench.draw(at=1_000)
    assert hooks == []
