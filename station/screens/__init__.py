"""A view as a 128x64 picture: fonts, icons, catalogues."""

from station.screens.picture import render_view

__all__ = ["render_view"]
