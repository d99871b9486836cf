"""Settings files to `Settings`, or to every fault in them."""

from os import PathLike
from pathlib import Path

from station.config.faults import SettingsError
from station.config.files import read_tree
from station.config.served import TABLES_OF_LATER
from station.config.structs import Settings, across
from station.domain.documents.faults import Fault
from station.domain.documents.top_tables import TopRules, read_tables

TOP = TopRules("station", across, TABLES_OF_LATER)


def load(path: str | PathLike[str]) -> Settings:
    """The settings in the TOML file `path` and in `conf.d/*.toml` beside it, with every default filled in.

    Raises `SettingsError` with every fault at once. Whether the files that the settings name are there,
    `check_files` says.
    """
    faults: list[Fault] = []
    tree = read_tree(Path(path), faults)
    if not faults:
        settings = read_tables(tree, Settings, TOP, faults)
        if settings and not faults:
            return settings
    raise SettingsError(faults)
