"""The display without its thread: opens, draws, cares for the glass, and opens again after a loss."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageChops

from drivers.oled_controllers import Controller, Glass
from drivers.oled_ranges import changed_ranges, frame_bytes
from drivers.ports import Now
from station.domain.core.view import Tone, View

WIDTH_PX = 128
SHIFTS = ((0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1))
"""Where the picture stands, minute after minute: right and down, in pixels; what goes over an edge comes back at the
opposite one. Screens leave that much dark."""

Render = Callable[[View], Image.Image]


@dataclass(frozen=True)
class Care:
    """Against burn-in, and how long to wait before a lost panel is tried again (it doubles up to the longest)."""

    shift_ms: int = 60_000
    idle_ms: int = 300_000
    bright_level: int = 0xCF
    dim_level: int = 0x08
    retry_ms_min: int = 1_000
    retry_ms_max: int = 60_000


class OledPanel:
    """Brings the glass in line with the newest view. One thread owns it; nothing that a device can cause is raised.

    `on_lost` is told once why nothing can be shown, `on_found` once when it can again; both on the calling thread.
    `is_turned` is for a panel that hangs upside down. It is turned here, after the shift, which needs the dark edge
    where the screens leave it.
    """

    def __init__(
        self,
        open_glass: Callable[[], Glass],
        controller: Controller,
        *,
        render: Render,
        now: Now,
        on_lost: Callable[[str], None],
        on_found: Callable[[], None],
        care: Care | None = None,
        is_turned: bool = False,
    ) -> None:
        self._open_glass = open_glass
        self._controller = controller
        self._render = render
        self._now = now
        self._on_lost = on_lost
        self._on_found = on_found
        self._care = care or Care()
        self._is_turned = is_turned
        self._glass: Glass | None = None
        self._view: View | None = None
        self._frame: bytes | None = None
        self._level: int | None = None
        self._shift: int | None = None
        self._is_lost = False
        self._touched_at = 0
        self._opened_at = 0
        self._retry_at = 0
        self._retry_ms = self._care.retry_ms_min

    def draw_view(self, view: View | None = None) -> None:
        """Show `view`, or what the hour asks of the one that stands: the shift, the dimming, a panel's return."""
        now = self._now()
        if view is not None:
            self._keep_view(view, now)
        if self._view is None or (self._glass is None and now < self._retry_at):
            return
        try:
            self._refresh_glass(self._view, now)
        except Exception as error:  # whatever one picture or transfer trips over: reported, and the next is drawn
            self._note_loss(str(error) or type(error).__name__, now)

    def wake_at(self) -> int | None:
        """The moment (of `now`) when `draw_view()` is due without a new view; None while there is nothing to show."""
        if self._view is None:
            return None
        if self._glass is None:
            return self._retry_at
        next_shift = (self._now() // self._care.shift_ms + 1) * self._care.shift_ms
        dims_at = self._touched_at + self._care.idle_ms
        return min(next_shift, dims_at) if self._level != self._wanted_level(self._view, dims_at) else next_shift

    def close(self, view: View | None = None) -> None:
        """Show `view` (or the newest), bright, at once, and let go of the bus; the picture stays."""
        self._touched_at = self._now()
        self._retry_at = self._touched_at
        self.draw_view(view)
        self._drop_glass()

    def _keep_view(self, view: View, now: int) -> None:
        if self._view is None or _meaning_of(view) != _meaning_of(self._view):
            self._touched_at = now
        self._view = view

    def _refresh_glass(self, view: View, now: int) -> None:
        if self._glass is None:
            self._glass = self._open_glass()
            self._opened_at = now
        glass = self._glass
        shift = now // self._care.shift_ms
        if shift != self._shift:
            self._revive_panel(glass, shift)
        if (level := self._wanted_level(view, now)) != self._level:
            glass.contrast(level)
            self._level = level
        picture = ImageChops.offset(self._render(view), *SHIFTS[shift % len(SHIFTS)])
        if self._is_turned:
            picture = picture.transpose(Image.Transpose.ROTATE_180)
        self._send_changes(glass, frame_bytes(picture))
        if self._is_lost:
            self._is_lost = False
            self._on_found()

    def _revive_panel(self, glass: Glass, shift: int) -> None:
        """Once a minute everything is sent: a panel whose supply flickered answers, but has forgotten all."""
        glass.command(*self._controller.revive)
        self._shift, self._frame, self._level = shift, None, None

    def _send_changes(self, glass: Glass, frame: bytes) -> None:
        rule = self._controller
        for area in changed_ranges(self._frame, frame, WIDTH_PX, rule.overhead_bytes, rule.pages_max):
            glass.command(*rule.window(area))
            glass.data(list(area.bytes_of(frame, WIDTH_PX)))
        self._frame = frame

    def _wanted_level(self, view: View, at: int) -> int:
        is_idle = at - self._touched_at >= self._care.idle_ms and view.tone is not Tone.NOT_RECORDING
        return self._care.dim_level if is_idle else self._care.bright_level

    def _note_loss(self, reason: str, now: int) -> None:
        if self._glass is not None and now - self._opened_at >= self._care.retry_ms_max:
            self._retry_ms = self._care.retry_ms_min  # it had stood for long: no loose contact
        self._drop_glass()
        self._retry_at = now + self._retry_ms
        self._retry_ms = min(2 * self._retry_ms, self._care.retry_ms_max)
        if not self._is_lost:
            self._is_lost = True
            self._on_lost(reason)

    def _drop_glass(self) -> None:
        glass, self._glass = self._glass, None
        self._shift = None
        if glass is not None:
            try:
                glass.cleanup()
            except OSError:  # the bus went first
                return


def _meaning_of(view: View) -> tuple[Any, ...]:
    """What of a view means that somebody is here: not the clock, the link or what is waiting."""
    return (view.duty, view.tone, view.fact, view.detail, view.instruction, view.refused)
