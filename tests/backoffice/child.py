"""`backoffice run` in a process of its own that SIGKILLs itself at a chosen point; with mutants that tests must catch.

Usage: python -m tests.backoffice.child SETTINGS WHEN COUNT, WHEN being
`never`, `after-commit` (and before the acknowledgement), `before-commit`, or `acked-first` (the mutant, killed between
its acknowledgement and its commit). COUNT is the number of the group with events at which it dies.
"""

import os
import signal
import sys
from typing import Any

from station.backoffice import wiring
from station.backoffice.receiving import mqtt
from station.backoffice.receiving.receiver import Receiver
from station.backoffice.receiving.telling import Publication
from station.backoffice.store.store import Store

mqtt.GROUP_MAX = 20


def die() -> None:
    """As a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(when: str, count: int) -> None:
    """Change the receiver so that it dies there."""
    seen = [0]
    take_group, write_back, take = Receiver.take_group, Store._write_back, mqtt.ReceiverLink._take_group

    def counted(group: Any) -> bool:
        seen[0] += any("/event/" in topic for topic, *_ in group)
        return seen[0] >= count

    def take_and_die(self: Receiver, group: Any) -> list[Publication]:
        found = take_group(self, group)
        if counted(group):
            die()
        return found

    def die_in_group(self: Store) -> None:
        write_back(self)
        seen[0] += 1
        if seen[0] >= count:
            die()

    def ack_first(self: mqtt.ReceiverLink, group: list[mqtt.QueuedMessage]) -> None:
        for each in group:
            self._client.ack(each.mid, each.qos)
        if counted([(each.topic, each.payload) for each in group]):
            # What was acknowledged before it on the same connection has then reached the broker.
            self._client.publish("said", qos=1).wait_for_publish(15)
            die()
        take(self, group)

    if when == "after-commit":
        Receiver.take_group = take_and_die  # type: ignore[method-assign]
    if when == "before-commit":
        Store._write_back = die_in_group  # type: ignore[method-assign]
    if when == "acked-first":
        mqtt.ReceiverLink._take_group = ack_first  # type: ignore[method-assign]


if __name__ == "__main__":
    kill_at(sys.argv[2], int(sys.argv[3]))
    wiring.run(sys.argv[1])
