"""The journal of the running station, followed from outside: its events, and the state that they come to."""

from collections import deque
from pathlib import Path

from station.domain.core.decider import Recorded
from station.domain.session.state import Phase
from station.domain.station.leaf import decode
from station.domain.station.state import INITIAL, Station, evolve
from station.journal.reader import Reader
from station.journal.replay import with_document

NEWEST_MAX = 40


class Ledger:
    """Follows the journal in `data_dir`; one thread uses it, and any may read its fields."""

    def __init__(self, data_dir: Path) -> None:
        self._reader = Reader.open_at(data_dir / "journal.db")
        self.station: Station = INITIAL
        self.epoch = ""
        self.newest: deque[Recorded] = deque(maxlen=NEWEST_MAX)

    @property
    def events_recorded(self) -> int:
        return self.station.seq + 1

    @property
    def packages_handled(self) -> int:
        """Packages in hand or put down in the list of moves that has the floor; else counted in the newest count."""
        moves = self.station.moves
        return len(moves.in_hand) + len(moves.put_down) if self.is_moving else len(self.station.count.packages)

    @property
    def is_moving(self) -> bool:
        """Whether a list of moves has the floor."""
        return self.station.moves.phase is Phase.OPEN

    @property
    def is_open(self) -> bool:
        return self.station.count.phase is not Phase.IDLE

    def is_handled(self, tag: str) -> bool:
        """Whether this package is one of `packages_handled`."""
        if self.is_moving:
            moves = self.station.moves
            return tag in moves.in_hand or any(move.tag == tag for move in moves.put_down.values())
        return self.station.count.packages.get(tag) is not None

    def recorded_since(self, first_seq: int) -> list[Recorded]:
        """All that stands in the journal from this event on."""
        return [decode(leaf) for _, leaf, _ in self._reader.stored_events(first_seq)]

    def read_news(self) -> list[Recorded]:
        """What was committed since the last call."""
        news = []
        self.epoch = self.epoch or self._reader.epoch()
        for _, leaf, leaf_hash in self._reader.stored_events(self.station.seq + 1):
            recorded = with_document(self._reader, decode(leaf, leaf_hash))
            self.station = evolve(self.station, recorded)
            news.append(recorded)
        self.newest.extend(news)
        return news

    def close(self) -> None:
        self._reader.close()
