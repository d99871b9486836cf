"""Goal 13: bytes on the bus for a counter's change, of a full frame's."""

from collections.abc import Iterator

from msgspec.structs import replace

from drivers.oled_controllers import CONTROLLERS, glass_opener
from drivers.oled_panel import OledPanel
from station.domain.core.conditions import Link
from station.domain.core.view import Phrase, Tone, View
from station.screens import render_view
from tests.bench.report import Result, note
from tests.oled.bus import BUSES

FRAME_BYTES = 1034
"""What luma's `display()` sends each time: 1024 bytes of picture, and what stands around them."""
SCANNED = View(
    duty="count",
    tone=Tone.ACCEPTED,
    fact=Phrase("progress", ("37", "50")),
    detail=Phrase("scanned", ("012345",)),
    instruction=Phrase("scan_package"),
    link=Link.UP,
    waiting=3,
    minute_ms=0,
)
NEXT = replace(SCANNED, fact=Phrase("progress", ("38", "50")))
NEXT_TAG = replace(NEXT, detail=Phrase("scanned", ("012346",)))


def measure() -> Iterator[Result | str]:
    for name, rule in CONTROLLERS.items():
        bus = BUSES[name]()
        panel = OledPanel(
            glass_opener(rule, connect=bus.connect),
            rule,
            render=lambda view: render_view(view, "en", "UTC"),
            now=lambda: 0,
            on_lost=print,
            on_found=lambda: None,
        )
        sent = []
        for view in (SCANNED, NEXT, NEXT_TAG, NEXT_TAG):
            before = bus.sent_bytes
            panel.draw_view(view)
            sent.append(bus.sent_bytes - before)
        _, counter, tag, nothing = sent
        share = 100 * counter / FRAME_BYTES
        yield Result("13", f"{name}: bytes for a counter's change, of a full frame", share, 15, "%")
        yield note(f"{counter} of {FRAME_BYTES} bytes; the tag's last digit {tag}; nothing new {nothing}")
