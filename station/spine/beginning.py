"""What a loop goes on from."""

import msgspec

from station.domain.station.state import Station


class Beginning(msgspec.Struct, frozen=True):
    """What a loop goes on from: the state that the journal holds, and what its events are stamped with.

    `source` is `/custody/<site>/<station>`; `acked` how far a receiver had it, `snapshot_seq` where the replay began.
    """

    station: Station
    source: str
    epoch: str
    acked: int = -1
    snapshot_seq: int = -1
