"""A view as a 128x64 picture: fonts, icons, catalogues."""

from station.screens.picture import render

__all__ = ["render"]
