"""An OLED of 128x64 pixels on I2C, drawn by a thread of its own."""

from threading import Condition, Thread

from drivers.oled_panel import OledPanel
from drivers.ports import Now
from station.domain.core.view import View

CLOSE_S_MAX = 5.0


class OledDisplay:
    """A `Display`: `show` keeps the newest view only and returns at once; its thread alone has `panel`.

    `now` is the panel's clock.
    """

    def __init__(self, panel: OledPanel, now: Now) -> None:
        self._panel = panel
        self._now = now
        self._changed = Condition()
        self._newest: View | None = None
        self._is_closing = False
        self._thread = Thread(target=self._draw_until_closed, name="display", daemon=True)
        self._thread.start()

    def show(self, view: View) -> None:
        """Show this view soon; views that were not yet drawn are skipped."""
        with self._changed:
            self._newest = view
            self._changed.notify()

    def close(self) -> None:
        """Draw the last view that was given and leave it standing; waits at most `CLOSE_S_MAX` seconds."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(CLOSE_S_MAX)

    def _draw_until_closed(self) -> None:
        while True:
            view, is_closing = self._next_view()
            if is_closing:
                self._panel.close(view)
                return
            self._panel.draw_view(view)

    def _next_view(self) -> tuple[View | None, bool]:
        """Wait for a view, for the end or for the moment that the panel named."""
        wake_at = self._panel.wake_at()
        timeout_s = None if wake_at is None else max(0, wake_at - self._now()) / 1000
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._is_closing, timeout_s)
            view, self._newest = self._newest, None
            return view, self._is_closing
