"""The text of a TOML file: what can be read of it."""

from station.domain.documents.faults import Fault
from station.domain.documents.toml_files import BYTES_MAX, read_toml


def read(raw: bytes) -> tuple[object, list[str]]:
    faults: list[Fault] = []
    tree = read_toml(raw, "f.toml", faults)
    return tree.plain() if tree else None, [str(fault) for fault in faults]


def test_a_byte_order_mark_is_skipped() -> None:
    assert read(b"\xef\xbb\xbfx = 1\n") == ({"x": 1}, [])


def test_what_cannot_be_read_is_one_fault() -> None:
    assert read(b"# caf\xe9\n") == (None, ["f.toml: is no UTF-8 text at byte 5; save it as UTF-8."])
    assert read(b"#" * (BYTES_MAX + 1)) == (None, [f"f.toml: is no TOML: more than {BYTES_MAX} bytes."])
