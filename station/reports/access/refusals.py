"""Events -> what was refused, and why, in the words of the screens."""

from msgspec.structs import replace

from station.domain.entry.events import EntryDenied, EntryNotUsed, EntryThrottled
from station.domain.session.events import ScanRefused
from station.reports.access import words
from station.reports.access.log import Happening
from station.reports.access.scene import Rows, Scene

CARDS = frozenset({"no_supervisor", "nothing_to_explain", "no_escort", "visitors_max", "clock_not_behind"})
"""Reasons for which a card at the door is refused; other scans are no matter of access."""


class Refusals(Rows):
    """Badges that opened nothing, releases that nobody used, cards that did nothing."""

    def note_event(self, scene: Scene) -> None:
        """Take in the next event of the record."""
        match scene.event:
            case EntryDenied(reason=reason, source=source, badges=badges, actors=actors):
                row = scene.as_happening(words.why_denied(reason), reason)
                unknown = f"unknown badge {badges[0][:8]}" if badges and not actors else ""
                self.add_row(_with_remark(row, unknown, f"reader {source}" if source else ""))
            case EntryThrottled(source=source, tries=tries, until=until):
                minutes = max(0, until - scene.moment.at) // 60_000
                text = f"{tries} wrong tries: the reader takes no badge for {minutes} min"
                self.add_row(_with_remark(scene.as_happening(text, "throttled", "alarm"), f"reader {source}"))
            case EntryNotUsed(reason=reason):
                why = words.NOT_USED.get(reason, words.plain_reason(reason))
                self.add_row(scene.as_happening(f"Let in, but nobody entered: {why}", reason))
            case ScanRefused(reason=reason, scanner=scanner) if reason in CARDS:
                self.add_row(_with_remark(scene.as_happening(words.why_refused(reason), reason), f"card at {scanner}"))


def _with_remark(row: Happening, *parts: str) -> Happening:
    return replace(row, remark=", ".join(part for part in parts if part))
