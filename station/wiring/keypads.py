"""Settings -> keypads: outside for PINs, elsewhere for quantities."""

from collections.abc import Callable

from drivers.ports import Source
from station.config.devices import Keypad
from station.domain.entry.pins import Awaited, awaited
from station.domain.station.state import Station
from station.door.pin_keypad import PinKeypad


def keypad_where_it_hangs(options: Keypad, keypad: Source, station: Callable[[], Station]) -> Source:
    """The keypad as it is, or where it hangs outside, one that gives no digits away.

    `station` is asked, from the keypad's thread, for the state as far as it is durable.
    """

    def asked() -> Awaited | None:
        found = station()
        return awaited(found.entry, found.people.roster)

    return PinKeypad(keypad, asked) if options.side == "outside" else keypad


def driven_device(source: Source) -> Source:
    """The device itself, as the control socket drives it."""
    return source.keypad if isinstance(source, PinKeypad) else source
