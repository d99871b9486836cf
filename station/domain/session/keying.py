"""Quantities that people key: digit cards one by one, or a number whole from a keypad."""

from decimal import Decimal

KEYED_CHARS_MAX = 12
QUANTITY_MAX = Decimal(1_000_000)


def with_digit(text: str, digit: str) -> str | None:
    """What is keyed so far with one more digit; None where that is no number any more."""
    longer = text + digit
    return None if len(longer) > KEYED_CHARS_MAX or longer.count(".") > 1 else longer


def quantity_of(text: str) -> str | None:
    """The exact decimal, plainly written; None where it is none or beyond a million."""
    if not text.strip("."):
        return None
    quantity = Decimal(text)
    return f"{quantity:f}" if quantity <= QUANTITY_MAX else None
