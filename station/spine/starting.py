"""What a start swears to: which program, under which settings, by which clock, in which journal."""

import time

import msgspec

from station import __version__, config
from station.config import Settings
from station.domain.lifecycle.inputs import Started
from station.domain.people.policy import Policy
from station.door.policy import policy_of
from station.journal.journal import Opened
from station.sealing.note import SigningKey
from station.spine.clock import boot_id, clock_quality, monotonic_ms, offset_ms


class Sworn(msgspec.Struct, frozen=True):
    """What of the settings each start swears to: their hash, the door's policy, the duties, the sides with a reader."""

    settings_hash: str
    policy: Policy | None = None
    duties: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


def sworn_of(settings: Settings) -> Sworn:
    """What these settings come to at this moment."""
    readers = tuple(dict.fromkeys(reader.side for reader in settings.badge_readers))
    policy = policy_of(settings, time.time_ns() // 1_000_000)
    return Sworn(config.settings_hash(settings), policy, tuple(settings.station.duties), readers)


def started_input(opened: Opened, sworn: Sworn, key: SigningKey) -> Started:
    """Make the first input of this boot, at this moment."""
    return Started(
        at=monotonic_ms(),
        boot=boot_id(),
        offset_ms=offset_ms(),
        quality=clock_quality(),
        version=__version__,
        settings=sworn.settings_hash,
        epoch_reason=opened.reason,
        previous_epoch=opened.previous,
        previous_checkpoint=opened.checkpoint,
        key=str(key.verifier),
        policy=sworn.policy,
        duties=sworn.duties,
        readers=sworn.readers,
    )
