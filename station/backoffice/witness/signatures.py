"""Which signature lines of a station's note are kept: anybody may add some, and all travel on. Pure."""

from collections.abc import Iterable

from station.sealing.note import NoteRefused, SignatureLine, VerifierKey, join_note, split_note

LINES_MAX = 8
"""Lines under the station's name that wait to be verified; where more come, the newest stay."""

SIGNATURE_BYTES = 64


def waiting_lines(station_key_name: str, newest: bytes, kept: bytes = b"") -> bytes:
    """Return the newest note with what may be the station's own lines in it, and those that are kept of the same text.

    Raise `NoteRefused` where none may be.
    """
    text, lines = split_note(newest)
    lines += split_note(kept)[1] if kept else ()
    own = dict.fromkeys(line for line in lines if _may_be_own(station_key_name, line))
    if not own:
        raise NoteRefused(f"checkpoint: no signature by {station_key_name}; must be signed by the station")
    return join_note(text, list(own)[:LINES_MAX])


def verified_lines(note: bytes, keys: Iterable[VerifierKey], beside: VerifierKey | None = None) -> bytes:
    """Return the note with only the lines of these keys that hold, and those of the key `beside`, unverified.

    Each line is judged by itself: one that somebody added spoils none of the others. Raise `NoteRefused` where no line
    of `keys` holds.
    """
    text, lines = split_note(note)
    known = {(key.name, key.key_id): key for key in keys}
    held = [line for line in lines if (key := known.get(line[:2])) and key.verifies(text, line.signature)]
    if not held:
        raise NoteRefused("none of its signatures is by a key that is approved for the station, and of this text")
    others = [line for line in lines if beside and line[:2] == (beside.name, beside.key_id)]
    return join_note(text, dict.fromkeys([*held, *others]))


def _may_be_own(station_key_name: str, line: SignatureLine) -> bool:
    return line.name == station_key_name and len(line.signature) == SIGNATURE_BYTES
