"""Settings: one TOML file (plus `conf.d/*.toml` beside it) to frozen structs; every fault of them at once."""

from station.config.faults import SettingsError, faults_text
from station.config.files_check import check_files
from station.config.load import load
from station.config.show import settings_hash, show
from station.config.structs import Settings
from station.domain.documents.faults import Fault, Place
from station.domain.documents.fields import kind_of

__all__ = [
    "Fault",
    "Place",
    "Settings",
    "SettingsError",
    "check_files",
    "faults_text",
    "kind_of",
    "load",
    "settings_hash",
    "show",
]
