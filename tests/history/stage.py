"""What everybody in a history shares."""

from random import Random
from typing import NamedTuple

from tests.history.broker import Broker
from tests.history.checker import Checker
from tests.history.clock import Clock


class Stage(NamedTuple):
    """One clock, one seed, one network, one judge."""

    clock: Clock
    random: Random
    broker: Broker
    checker: Checker
