"""An office that trusts the vault's key, and the vault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backoffice.world import FakeStation, Office
from tests.relay.conftest import make_broker, subscribe

__all__ = ["make_broker", "subscribe"]


@pytest.fixture
def vault() -> FakeStation:
    return FakeStation()


@pytest.fixture
def office(tmp_path: Path, vault: FakeStation) -> Iterator[Office]:
    made = Office(tmp_path / "office.db")
    made.approve(vault)
    yield made
    made.store.close()
