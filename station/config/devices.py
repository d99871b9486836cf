"""What each kind of device can be told. A new driver kind is one struct and its name in the union below."""

from collections.abc import Iterator
from typing import Annotated, Literal

from station.config.rules import Pin, Port, SourceName
from station.domain.documents.fields import Items, Kind, Range, Table, Text, Unique

UsbId = Annotated[str, Text("[0-9a-f]{4}", "4 hex digits in lower case", "lsusb shows them as vendor:product")]
Layout = Literal["us", "uk", "de", "es"]
Terminator = Literal["enter", "kp-enter", "tab", "ctrl-j", "ctrl-m"]
Baud = Literal[300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200]
InterKeyMs = Annotated[int, Range(20, 2000, "no scanner types slower, and no person is to type as a scanner")]
LineBytesMax = Annotated[int, Range(64, 16384, "a longer line is no barcode")]
Framing = Literal["line", "cr", "lf", "crlf", "etx", "quiet"]
QuietMs = Annotated[int, Range(5, 1000, "shorter cuts a code in two, longer joins two codes")]
TypedFormat = Literal["plain", "26", "34", "h10302", "h10304", "uid"]
"""How a badge reader writes a number; see `station.domain.identifiers.badge_number`."""
SerialFormat = Literal["plain", "26", "34", "h10302", "h10304", "uid", "rdm6300"]
Side = Literal["outside", "inside", "desk"]
"""Where a badge reader hangs: outside asks to enter, inside to leave, at the desk to begin work."""


class Match(Table, frozen=True, kw_only=True):
    """Which USB device it is, so that a strange keyboard cannot claim to be the scanner."""

    vendor: UsbId
    product: UsbId
    serial: Annotated[str, Text(r"[\x20-\x7e]{1,126}", "1..126 printable ASCII characters")] | None = None
    port: Annotated[str, Text(r"[0-9]+-[0-9]+(\.[0-9]+)*", 'a USB port path such as "1-1.2"')] | None = None


class SourceOptions(Kind, frozen=True, kw_only=True):
    """What every source has."""

    name: SourceName


class EvdevOptions(SourceOptions, frozen=True, kw_only=True):
    """A USB device that types as a keyboard does."""

    match: Annotated[Match, Unique("USB device match")]
    layout: Layout = "us"


class SerialOptions(SourceOptions, frozen=True, kw_only=True):
    """A device on a serial line."""

    port: Port
    baud: Baud = 9600
    bytesize: Literal[7, 8] = 8
    parity: Literal["none", "even", "odd"] = "none"


class EvdevScanner(EvdevOptions, frozen=True, kw_only=True, tag="evdev"):
    """A USB scanner in keyboard mode. `gs` is what it types for the GS1 separator (0x1D)."""

    terminator: Annotated[tuple[Terminator, ...], Items(1, 5)] = ("enter", "kp-enter", "tab")
    gs: Literal["ctrl-]", "f8"] = "ctrl-]"
    inter_key_ms: InterKeyMs = 200
    line_bytes_max: LineBytesMax = 4096


class SerialScanner(SerialOptions, frozen=True, kw_only=True, tag="serial"):
    """A scanner on a serial line. Framing "line" ends at any of CR, LF, CRLF; "quiet" after `quiet_ms`.

    With `answer` it is told after the commit: BEL counted, BEL BEL already counted, NAK refused.
    """

    framing: Framing = "line"
    quiet_ms: QuietMs = 50
    answer: bool = False
    line_bytes_max: LineBytesMax = 4096


class SimulatedScanner(SourceOptions, frozen=True, kw_only=True, tag="simulated"):
    """A scanner that the control socket of `[simulated]` fires."""


Scanner = EvdevScanner | SerialScanner | SimulatedScanner


KeypadSide = Annotated[Literal["outside"], Unique("side of a keypad")]
"""A keypad at the reader outside is for PINs only; any other is for quantities."""


class EvdevKeypad(EvdevOptions, frozen=True, kw_only=True, tag="evdev"):
    """A USB number pad."""

    side: KeypadSide | None = None


class SimulatedKeypad(SourceOptions, frozen=True, kw_only=True, tag="simulated"):
    """A keypad that the control socket of `[simulated]` presses."""

    side: KeypadSide | None = None


Keypad = EvdevKeypad | SimulatedKeypad


class EvdevBadgeReader(EvdevOptions, frozen=True, kw_only=True, tag="evdev"):
    """A USB badge reader that types the number.

    `format`: "plain" is the number as a roster writes it; "26", "34", "h10302" and "h10304" are the card's bits with
    their parities; "uid" is the chip's number in hex digits.
    """

    side: Side
    format: TypedFormat = "plain"
    terminator: Annotated[tuple[Terminator, ...], Items(1, 5)] = ("enter", "kp-enter", "tab")
    inter_key_ms: InterKeyMs = 200


class SerialBadgeReader(SerialOptions, frozen=True, kw_only=True, tag="serial"):
    """A badge reader on a serial line: formats as for one that types, and "rdm6300", which is ID-12's too.

    Framing is the format's own where it is left out: "etx" for "rdm6300", else "line".
    """

    side: Side
    format: SerialFormat = "plain"
    framing: Framing | None = None
    quiet_ms: QuietMs = 50

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """A frame of RDM6300 ends with ETX."""
        if self.format == "rdm6300" and self.framing not in (None, "etx"):
            yield "framing", 'must be "etx", or left out; a frame of format "rdm6300" ends with ETX'


class SimulatedBadgeReader(SourceOptions, frozen=True, kw_only=True, tag="simulated"):
    """A badge reader that the control socket of `[simulated]` presents badges to."""

    side: Side


BadgeReader = EvdevBadgeReader | SerialBadgeReader | SimulatedBadgeReader


Brightness = Annotated[int, Range(0, 255, "the controller has 8 bits for it")]


class OledDisplay(Kind, frozen=True, kw_only=True, tag="oled"):
    """A 128x64 panel on I2C. The picture moves by a pixel or two every `shift_s` against burn-in."""

    controller: Literal["ssd1306", "sh1106"]
    i2c_port: Annotated[int, Range(0, 22, "the number N of /dev/i2c-N")] = 1
    address: Annotated[int, Range(0x3C, 0x3D, "that is 0x3c or 0x3d, chosen on the module")] = 0x3C
    rotate_degrees: Literal[0, 180] = 0
    contrast: Brightness = 207
    shift_s: Annotated[int, Range(10, 3600)] = 60
    dim_after_s: Annotated[int, Range(10, 86400)] = 300
    dim_contrast: Brightness = 16


class SimulatedDisplay(Kind, frozen=True, tag="simulated"):
    """The picture goes to the simulator."""


class NoDisplay(Kind, frozen=True, tag="none"):
    """No display is fitted."""


Display = OledDisplay | SimulatedDisplay | NoDisplay


class GpioIndicator(Kind, frozen=True, kw_only=True, tag="gpio"):
    """Buzzer and lights on pins; one that is left out is not fitted.

    A passive buzzer is given tones, an active one power.
    """

    buzzer_pin: Pin | None = None
    red_pin: Pin | None = None
    amber_pin: Pin | None = None
    green_pin: Pin | None = None
    buzzer: Literal["passive", "active-when-high", "active-when-low"] = "passive"
    lights: Literal["lit-when-high", "lit-when-low"] = "lit-when-high"

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """At least one thing must be fitted."""
        if (self.buzzer_pin, self.red_pin, self.amber_pin, self.green_pin) == (None,) * 4:
            yield "kind", 'needs a buzzer_pin, red_pin, amber_pin or green_pin; or kind = "none"'


class SimulatedIndicator(Kind, frozen=True, tag="simulated"):
    """Sound and light go to the simulator."""


class NoIndicator(Kind, frozen=True, tag="none"):
    """Neither buzzer nor lights are fitted."""


Indicator = GpioIndicator | SimulatedIndicator | NoIndicator
