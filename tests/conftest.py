"""What holds for every test, how fast a machine is decides nothing; and what many of them use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.brokers import Broker
from tests.programs import Gun

# A fresh machine compiles while the first example is drawn, and a build machine does other things besides.
settings.register_profile("station", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("station")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A mosquitto of the test's own; skipped, or in CI failed, where there is none."""
    broker = Broker(tmp_path).start()
    yield broker
    broker.kill()


@pytest.fixture
def gun() -> Iterator[Gun]:
    """A serial scanner on a pty."""
    gun = Gun()
    yield gun
    gun.close()
