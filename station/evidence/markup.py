"""Text as HTML, for every page that people print."""

import unicodedata
from html import escape


def visible(text: str, keep: str = "") -> str:
    """Text as HTML; what is no visible character (also what turns the direction of writing) shows as its number."""
    shown = (each if each in keep or unicodedata.category(each)[0] != "C" else f"\\u{ord(each):04x}" for each in text)
    return escape("".join(shown))
