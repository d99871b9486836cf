"""What stands of the station's own life: its settings, its keys, the devices that are away, what it has let go."""

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from station.domain.core.decider import Recorded
from station.domain.lifecycle.events import (
    EpochBegan,
    JournalPruned,
    KeyRotated,
    SourceCameBack,
    SourceWentAway,
    StationStarted,
    StationStopped,
)
from station.domain.people.policy import Policy


class Lifecycle(msgspec.Struct, frozen=True):
    """`settings` is the hash of the settings in force; `is_stopped` whether the last run ended in order.

    `lost` maps each source that is away to the reason; `keys` are the verifier keys of the checkpoints, the present one
    last; of the events below `pruned_below` only hashes are kept. `duties`, `readers` and `policy` are as
    `station.started` says.
    """

    settings: str = ""
    is_stopped: bool = True
    lost: "HashTrieMap[str, str]" = HashTrieMap()
    keys: tuple[str, ...] = ()
    pruned_below: int = 0
    duties: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    policy: Policy | None = None


def evolve(lifecycle: Lifecycle, recorded: Recorded) -> Lifecycle:
    """The state after an event."""
    match recorded.event:
        case StationStarted() as started:
            return replace(
                lifecycle,
                settings=started.settings,
                is_stopped=False,
                lost=HashTrieMap(),
                keys=_with_key(lifecycle.keys, started.key),
                duties=started.duties,
                readers=started.readers,
                policy=started.policy,
            )
        case SourceWentAway(source=source, reason=reason):
            return replace(lifecycle, lost=lifecycle.lost.insert(source, reason))
        case SourceCameBack(source=source):
            return replace(lifecycle, lost=lifecycle.lost.discard(source))
        case StationStopped():
            return replace(lifecycle, is_stopped=True)
        case EpochBegan():
            return replace(lifecycle, is_stopped=False)
        case KeyRotated(key=key):
            return replace(lifecycle, keys=_with_key(lifecycle.keys, key))
        case JournalPruned(below=below):
            return replace(lifecycle, pruned_below=below)
        case _:
            return lifecycle


def _with_key(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The keys of this journal's checkpoints, the present one last."""
    return (*(each for each in keys if each != key), key) if key else keys
