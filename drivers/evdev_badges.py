"""A USB badge reader that types the number as a keyboard does."""

from collections.abc import Callable, Collection, Mapping

from drivers.badges import BadgeReader
from drivers.evdev_keymap import Terminator
from drivers.evdev_layouts import Layout
from drivers.evdev_source import EvdevSource, Finder
from drivers.ports import Now
from station.domain.identifiers.badge_number import LINE_BYTES_MAX, Format


class EvdevBadgeReader(BadgeReader):
    """See `BadgeReader` and `EvdevSource`; the options are the settings'. `find` makes the finder, for tests."""

    def __init__(
        self,
        name: str,
        *,
        match: Mapping[str, str | None],
        side: str,
        site_key: bytes,
        now: Now,
        format: Format = "plain",
        layout: Layout = "us",
        terminator: Collection[Terminator] = ("enter", "kp-enter", "tab"),
        inter_key_ms: int = 200,
        find: Callable[[], Finder] | None = None,
    ) -> None:
        lines = EvdevSource(
            name,
            match=match,
            now=now,
            layout=layout,
            terminator=terminator,
            inter_key_ms=inter_key_ms,
            line_bytes_max=LINE_BYTES_MAX,
            find=find,
        )
        super().__init__(lines, side=side, form=format, site_key=site_key)
