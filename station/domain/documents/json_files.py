"""The bytes of a JSON document to its struct, or to every fault of them."""

from typing import Any, TypeVar

import msgspec

from station.domain.documents.checking import Checker, RefusedError
from station.domain.documents.describing import holds_secrets
from station.domain.documents.faults import DocumentFaults, Fault, Place
from station.domain.documents.fields import Table
from station.domain.documents.judging import is_right
from station.domain.documents.spelling import JSON, shown
from station.domain.documents.trees import tree_of

T = TypeVar("T", bound=Table)
BYTES_MAX = 32 * 1024 * 1024
DEPTH_MAX = 16
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NEITHER_BRACKET_NOR_QUOTE = bytes(set(range(256)) - set(b'[]{}"'))


def read_document(raw: bytes, wanted: type[T], name: str, bytes_max: int = BYTES_MAX) -> T:
    """The document in `raw` as `wanted`; messages about all of it call it `name`.

    Raises `DocumentFaults` with every fault. Keys that `wanted` does not know are left alone.
    """
    found = _decoded(raw, wanted, name, bytes_max)
    if is_right(found, wanted):
        return msgspec.convert(found, wanted)
    faults: list[Fault] = []
    try:
        made = Checker(faults, JSON).value(tree_of(found, "", DEPTH_MAX), wanted, Place())
    except RefusedError:
        raise DocumentFaults(faults) from None
    if faults:
        raise DocumentFaults(faults)
    assert isinstance(made, wanted)
    return made


def read_stored(raw: bytes, wanted: type[T]) -> T:
    """A document that was once taken: rules that came later do not unmake it. Raise msgspec.MsgspecError."""
    return msgspec.json.decode(without_mark(raw), type=wanted)


def without_mark(raw: bytes) -> bytes:
    """The text without the byte order mark that some programs begin it with."""
    return raw.removeprefix(BYTE_ORDER_MARK)


def is_deeper(raw: bytes, depth_max: int) -> bool:
    """Whether brackets stand in brackets deeper than `depth_max` in a JSON text; brackets in strings do not count.

    It only drops and counts bytes, because it must be quick before anything of a large text is decoded.
    """
    unescaped = raw.replace(rb"\\", b"").replace(rb"\"", b"")
    marks = unescaped.translate(None, _NEITHER_BRACKET_NOR_QUOTE)
    # Two quotes side by side are an empty string or the gap between two strings: without them the rest means the same.
    outside = marks.replace(b'""', b"").split(b'"')[::2]
    level = 0
    for bracket in b"".join(outside):
        level += 1 if bracket in b"[{" else -1
        if level > depth_max:
            return True
    return False


def _decoded(raw: bytes, wanted: type[Table], name: str, bytes_max: int) -> dict[str, Any]:
    if len(raw) > bytes_max:
        raise DocumentFaults([f"{name}: {len(raw)} bytes; must be at most {bytes_max}; split it"])
    if is_deeper(raw, DEPTH_MAX):
        raise DocumentFaults([f"{name}: brackets stand in brackets; must be at most {DEPTH_MAX} deep; export it again"])
    try:
        found = msgspec.json.decode(without_mark(raw))
    except (msgspec.DecodeError, RecursionError) as error:
        raise DocumentFaults([f"{name}: {error}; must be one JSON object in UTF-8; export it again"]) from None
    if not isinstance(found, dict):
        value = "" if holds_secrets(wanted) else f" = {shown(found)}"
        raise DocumentFaults([f"{name}{value}: must be one JSON object; export it again"])
    return found
