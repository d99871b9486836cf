"""Moves: packages, or a part of them, carried from one place to another."""
