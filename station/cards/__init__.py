"""Printed cards: commands and locations for people, setup sheets for guns."""
