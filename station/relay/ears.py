"""Who listens to the broker through a relay, and whom they tell."""

from collections.abc import Callable
from typing import NamedTuple

from station.domain.core.inputs import Input
from station.relay.acknowledging import Acknowledgements, Cosigned, RolledBack
from station.relay.commands import Commands


def _nobody(_: object) -> None:
    return None


class Ears(NamedTuple):
    """Without `acks` a PUBACK has to do; without `commands` none is heard. Nothing told may block."""

    acks: Acknowledgements | None = None
    commands: Commands | None = None
    on_witness: Callable[[Cosigned | RolledBack], None] = _nobody
    on_input: Callable[[Input], None] = _nobody


NO_EARS = Ears()
