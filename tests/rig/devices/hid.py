"""Text to the reports of a USB boot keyboard (HID 1.11 appendix B and C; HID Usage Tables, page 7). Pure."""

from __future__ import annotations

import string

# Boot keyboard: 8 modifier bits, a reserved byte, five LEDs out, six keys (HID 1.11, appendix B.1).
KEYBOARD_DESCRIPTOR = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501"
    "050819012905910295017503910395067508150025650507190029658100c0"
)
LEFT_SHIFT = 0x02
LEFT_CONTROL = 0x01
RELEASED = bytes(8)
PLAIN = {
    " ": 44,
    "-": 45,
    "=": 46,
    "[": 47,
    "]": 48,
    "\\": 49,
    ";": 51,
    "'": 52,
    "`": 53,
    ",": 54,
    ".": 55,
    "/": 56,
}
SHIFTED = dict(zip('_+{}|:"~<>?', "-=[]\\;'`,./", strict=True)) | dict(zip("!@#$%^&*()", "1234567890", strict=True))
NAMED = {"\n": 40, "\r": 88, "\t": 43}
"""Enter; the keypad's Enter; Tab."""


def key_of(character: str) -> tuple[int, int]:
    """Return (modifiers, usage) of one ASCII character on a US layout; ValueError for any other."""
    if character in SHIFTED:
        return LEFT_SHIFT, key_of(SHIFTED[character])[1]
    if character in string.ascii_letters:
        upper = LEFT_SHIFT if character.isupper() else 0
        return upper, 4 + string.ascii_lowercase.index(character.lower())
    if character in string.digits:
        return 0, 30 + "1234567890".index(character)
    if character == "\x1d":
        # The group separator of GS1, as scanners type it: Ctrl-].
        return LEFT_CONTROL, PLAIN["]"]
    usage = {**PLAIN, **NAMED}.get(character)
    if usage is None:
        raise ValueError(f"HidKeyboard.type: {character!r}: printable ASCII, \\n, \\r, \\t and GS; no other has a key")
    return 0, usage


def reports_of(text: str) -> list[bytes]:
    """Return the reports that type `text`: each key pressed, then all released."""
    reports = []
    for character in text:
        modifiers, usage = key_of(character)
        reports += [bytes([modifiers, 0, usage, 0, 0, 0, 0, 0]), RELEASED]
    return reports
