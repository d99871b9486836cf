"""A movement: what an event did to stock. Holdings fold movements and know no event."""

from decimal import Decimal

import msgspec


class Movement(msgspec.Struct, frozen=True):
    """Of a package so much went `from_place` -> `to_place`; an empty place is outside of the site, or not known.

    `quantity` is in `unit`; None is the whole of what lies there. `state` is what it is from then on, such as `hold`;
    empty where that does not change.
    """

    tag: str
    quantity: Decimal | None
    unit: str
    from_place: str
    to_place: str
    state: str = ""
