"""What can go wrong in a simulation, and how long anything may take before it has."""

from station.errors import StationError

ANSWER_S = 10.0
"""How long a station may take to answer a scan, to show a change, to say that its link moved."""
START_S = 30.0
STOP_S = 20.0


class Trouble(StationError):
    """The station, or something around it, did not do what it must."""


class ScenarioFault(StationError):
    """A scenario that is not understood; every fault of it, one a line."""

    exit_code = 2


class NotAsExpected(Trouble):
    """A step came to something else than its scenario says."""
