"""A badge reader on a serial line."""

from typing import Literal

from drivers.badges import BadgeReader
from drivers.framing import Framing
from drivers.ports import Now
from drivers.serial_source import SerialSource
from station.domain.identifiers.badge_number import LINE_BYTES_MAX, Format


class SerialBadgeReader(BadgeReader):
    """See `BadgeReader` and `SerialSource`; the options are the settings'.

    Without `framing` it is the format's own: "etx" for RDM6300 and ID-12, "line" for all others.
    """

    def __init__(
        self,
        name: str,
        *,
        port: str,
        side: str,
        site_key: bytes,
        now: Now,
        format: Format = "plain",
        framing: Framing | None = None,
        quiet_ms: int = 50,
        baud: int = 9600,
        bytesize: int = 8,
        parity: Literal["none", "even", "odd"] = "none",
    ) -> None:
        lines = SerialSource(
            name,
            port=port,
            now=now,
            baud=baud,
            bytesize=bytesize,
            parity=parity,
            framing=framing or ("etx" if format == "rdm6300" else "line"),
            line_bytes_max=LINE_BYTES_MAX,
            quiet_ms=quiet_ms,
        )
        super().__init__(lines, side=side, form=format, site_key=site_key)
