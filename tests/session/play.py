"""Scenarios of sessions, in the language of `tests/domain/play.py` and, of `tests/entry/play.py`, badges and rosters.

    badge ana desk             the reader is called as its side
    gun card person ana        the printed card of a person
    start                      with the readers and duties that the station was made with; `start duties=count,stock`

Time begins at 2027-01-15T08:00:00Z, and each start is an hour after the one before.
"""

from msgspec.structs import replace

from station.domain.core.inputs import Input
from station.domain.lifecycle.inputs import Started
from station.domain.people.policy import Policy
from tests.domain.play import play
from tests.entry.play import EntryPlayer

DUTIES = ("count", "stock")
WITHOUT_READER = """
    0.0 start    -> station.started
        roster 1 -> roster.loaded | reply
"""
OPENED = """
    1.0 gun card move           -> session.opened session=M000001 duty=moves badges=not_fitted | noted
        gun card location Vault -> session.located location=Vault | noted
"""
"""A list of moves, at the first place."""
BADGED = """
    1.0 gun card move           -> session.opened badges=awaited | noted
        badge ana desk          -> session.identified actors=ana by=badge | noted
        gun card location Vault -> session.located location=Vault | noted
"""
"""The same, of Ana's, where a reader hangs at the desk."""


class SessionPlayer(EntryPlayer):
    """A station without a door."""

    def __init__(
        self, readers: tuple[str, ...] = (), duties: tuple[str, ...] = DUTIES, policy: Policy | None = None
    ) -> None:
        super().__init__(policy)
        self.readers, self.duties = readers, duties

    def _start(self, words: str) -> Input:
        rest = [word for word in words.split() if not word.startswith("duties=")]
        for word in words.split():
            if word.startswith("duties="):
                self.duties = tuple(word.removeprefix("duties=").split(","))
        started = super()._start(" ".join(rest))
        assert isinstance(started, Started)
        return replace(started, readers=self.readers, duties=self.duties)


def at_work(text: str, player: SessionPlayer | None = None) -> SessionPlayer:
    """Play the lines on a station that has a roster and no reader."""
    player = player or SessionPlayer()
    play(text, WITHOUT_READER, player)
    return player


def go_on(player: SessionPlayer, text: str) -> SessionPlayer:
    """Play more lines on a station that has come so far."""
    play(text, "", player)
    return player


def moving(text: str) -> SessionPlayer:
    """Play the lines after `OPENED`."""
    return at_work(OPENED + text)


def at_desk(text: str) -> SessionPlayer:
    """Play the lines after `BADGED`, where a reader hangs at the desk."""
    return at_work(BADGED + text, SessionPlayer(("desk",)))
