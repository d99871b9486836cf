"""Settings files on disk, and the faults that they show."""

from collections.abc import Callable
from pathlib import Path

import pytest

from station.config import Settings, SettingsError, load

EXAMPLE = Path(__file__).parents[2] / "provisioning" / "examples" / "station.toml"

STATION = """
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["count"]
timezone = "America/Los_Angeles"
"""

Load = Callable[..., Settings]
FaultsOf = Callable[..., list[str]]


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Load a text as station.toml, and more texts as conf.d/<name>.toml."""

    def _load(text: str, **conf_d: str) -> Settings:
        (tmp_path / "station.toml").write_text(text)
        for name, each in conf_d.items():
            (tmp_path / "conf.d").mkdir(exist_ok=True)
            (tmp_path / "conf.d" / f"{name}.toml").write_text(each)
        return load(tmp_path / "station.toml")

    return _load


@pytest.fixture
def faults_of(load_text: Load) -> FaultsOf:
    """The lines of the error that these texts raise."""

    def _faults(text: str, **conf_d: str) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            load_text(text, **conf_d)
        assert caught.value.exit_code == 3
        return [str(fault) for fault in caught.value.faults]

    return _faults
