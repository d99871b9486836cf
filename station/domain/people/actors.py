"""Who acted, and in which role. A person is an id here; the name is joined from the roster where a report is read."""

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """Who, and in which role."""

    id: str
    role: str


Actors = tuple[Actor, ...]
