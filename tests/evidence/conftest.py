"""A witnessed journal and a bundle of five of its events."""

import pytest

from station.evidence.exports import Selection
from station.evidence.standalone import verify as inspector
from tests.evidence.bundles import Files, made_of
from tests.evidence.journals import Made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def raw(made: Made) -> bytes:
    """A bundle of five events."""
    return made_of(made, Selection("3", "7"))


@pytest.fixture
def files(raw: bytes) -> Files:
    return inspector.read_zip(raw)
