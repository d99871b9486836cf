"""One view a tone, as a shift would show it, and some that are hard to fit."""

from station.domain.conditions import Link
from station.domain.view import Phrase, Tone, View

MINUTE_MS = 1_795_471_380_000  # 2026-11-23T22:03:00Z, 14:03 in Los Angeles

VIEWS = {
    "calm": View("count", Tone.CALM, Phrase("ready"), None, Phrase("scan_start"), Link.NONE, 0, None),
    "accepted": View(
        "count",
        Tone.ACCEPTED,
        Phrase("progress", ("37", "50")),
        Phrase("scanned", ("012345",)),
        Phrase("scan_package"),
        Link.UP,
        3,
        MINUTE_MS,
    ),
    "already": View(
        "count",
        Tone.ALREADY,
        Phrase("progress", ("119", "120")),
        Phrase("already", ("012345",)),
        Phrase("scan_package"),
        Link.DOWN,
        1234,
        MINUTE_MS,
    ),
    "refused": View(
        "count",
        Tone.REFUSED,
        Phrase("counted", ("1207",)),
        Phrase("refused_not_a_code"),
        Phrase("scan_package"),
        Link.DOWN,
        12_345,
        MINUTE_MS,
        refused=12,
    ),
    "not_recording": View(
        "count",
        Tone.NOT_RECORDING,
        Phrase("not_recording"),
        Phrase("disk_read_only"),
        Phrase("tell_supervisor"),
        Link.UP,
        41,
        MINUTE_MS,
        refused=3,
    ),
    "stopped": View("count", Tone.STOPPED, Phrase("stopped"), None, None, Link.DOWN, 0, MINUTE_MS),
}
