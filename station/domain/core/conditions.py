"""Conditions: what is true now but is no custody fact. Volatile; view, alerts and health come from them."""

from enum import StrEnum

import msgspec


class Link(StrEnum):
    """The relay's link to the broker."""

    NONE = "none"  # no broker in the settings
    DOWN = "down"
    UP = "up"


class Conditions(msgspec.Struct, frozen=True):
    """`storage` is empty while recording, else why not.

    `acked` is the newest seq up to which every witness has cosigned; without witnesses, the newest that has left in
    order. `withheld` counts the events that went as their hash.
    """

    storage: str = ""
    link: Link = Link.NONE
    acked: int = -1
    withheld: int = 0
    is_stopped: bool = False
