"""Custody Station: the firmware of a scan station."""

__version__ = "0.1.0"
