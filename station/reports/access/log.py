"""The access log as values. Every time is a `Moment`: one event's, with the local offset that was in force then."""

import msgspec


class Moment(msgspec.Struct, frozen=True):
    """When an event was recorded: its seq, UTC ms since 1970, monotonic ms of its boot, the clock's quality then.

    `minutes` is how far local time was ahead of UTC; `order` counts on where another epoch's seqs begin anew.
    """

    seq: int
    wall_ms: int
    at: int
    boot: str
    clock: str
    minutes: int = 0
    order: int = 0


class Who(msgspec.Struct, frozen=True):
    """A person in a role; the name is that of the roster in force then, the id where it knew none."""

    id: str
    name: str
    role: str


class Opening(msgspec.Struct, frozen=True):
    """The door's opening by which somebody came in; `open_ms` is None where nobody knows for how long it was open."""

    opened: Moment
    closed: Moment | None = None
    open_ms: int | None = None


class Stay(msgspec.Struct, frozen=True):
    """One person inside, once. `beside` are those who came in with them or were there; `visitors` came as theirs.

    `ended` says how that is known: empty while they are presumed inside, `badge`, `estimate` (nothing reads who
    leaves), `count` (nobody was there at a head count), `unnamed` (another number was there than was presumed),
    `again` (came in anew), `record` (the journal ended). `left` is then when the record ceased to know of them.
    `doubt` is why it was uncertain meanwhile who is inside.
    """

    person: Who
    entered: Moment
    beside: tuple[Who, ...]
    opening: Opening | None
    visitors: int = 0
    left: Moment | None = None
    ended: str = ""
    doubt: str = ""


class Happening(msgspec.Struct, frozen=True):
    """Anything else that bears on access: `type` and `reason` as the events have them, `text` in plain words.

    `end` is when it was over, `lasted_ms` how long that took; it `lasts` while that is to come. `level` is empty,
    `note` or `alarm`; `remark` is what was found out later, such as who explained it.
    """

    type: str
    reason: str
    text: str
    begin: Moment
    who: tuple[Who, ...] = ()
    end: Moment | None = None
    lasted_ms: int | None = None
    lasts: bool = False
    level: str = ""
    remark: str = ""


class PeopleInside(msgspec.Struct, frozen=True):
    """Who is presumed inside after the newest event: `people` by name, `unnamed` counted, with their visitors.

    `uncertain` says why nobody knows, if so; with `estimate` nothing reads who leaves.
    """

    people: tuple[Stay, ...] = ()
    unnamed: int = 0
    uncertain: str = ""
    estimate: bool = False

    @property
    def heads(self) -> int:
        """All of them."""
        return len(self.people) + self.unnamed + sum(stay.visitors for stay in self.people)


class Log(msgspec.Struct, frozen=True):
    """The log of events `first` to `last` (None where there are none), as it was known at `made_ms`.

    `inside` is as of the journal's newest event, whatever the span; `is_stopped` whether the station stopped there.
    """

    source: str
    epoch: str
    timezone: str
    has_entry: bool
    made_ms: int
    first: Moment | None
    last: Moment | None
    newest: Moment | None
    is_stopped: bool
    checkpoint: int
    root: str
    stays: tuple[Stay, ...]
    refused: tuple[Happening, ...]
    door: tuple[Happening, ...]
    gaps: tuple[Happening, ...]
    inside: PeopleInside


def lasted_ms(begin: Moment, end: Moment) -> int:
    """How long it was between two moments: by the monotonic clock, across a boot by wall time."""
    return end.at - begin.at if begin.boot == end.boot else max(0, end.wall_ms - begin.wall_ms)
