"""What every event is."""

from typing import ClassVar

import msgspec

SCHEMA_VERSION = 1


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of all events; `TYPE` is the public name; `SEALED_AT_ONCE` asks for a checkpoint with its own commit."""

    TYPE: ClassVar[str] = ""
    SEALED_AT_ONCE: ClassVar[bool] = False

    def subject(self) -> str:
        """The tag, session or id that the event is about; empty where there is none."""
        return ""
