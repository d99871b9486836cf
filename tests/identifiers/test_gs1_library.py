"""The library that reads GS1: loaded for the first such code only, without its tables, and reading all the same."""

import random
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.identifiers import command_text, gs1_elements, needs_gs1_library, parse

SEED = 20261129
TAG = "1A4060300020081000006609"
GTIN = "0107032069804988"
GS = "\x1d"
AIMS = ("", "]C0", "]C1", "]d2", "]Q3", "]Q1")
FIELDS = ("00", "01", "02", "10", "11", "17", "21", "250", "3103", "3922", "410", "414", "421", "8005", "91", "99")
NUMBERS = {"00": 17, "01": 13, "02": 13, "410": 12, "414": 12}
NEVER_GS1 = (TAG, f"]C1{TAG}", f"]Q1{TAG}", command_text("undo"), "12", "12.5", "no code", "https://1a4.com/XYZ", "")


def run(script: str) -> str:
    """What a program of its own prints."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


def codes(chance: random.Random) -> Iterator[bytes]:
    """Labels as hostile as they come: right and wrong check digits, fields of all kinds, separators or none."""
    for _ in range(6_000):
        fields = [field_of(chance) for _ in range(chance.choice((1, 1, 2, 3)))]
        yield (chance.choice(AIMS) + chance.choice((GS, GS, "")).join(fields)).encode()


def field_of(chance: random.Random) -> str:
    """An AI, or none, and a value that may be one of it."""
    ai = chance.choice(("", *FIELDS, *NUMBERS))
    digits = "".join(chance.choices("0123456789", k=NUMBERS.get(ai, 13)))
    value = chance.choice((with_check_digit(digits), with_check_digit(digits), digits + "0", "0A/7", TAG))
    return ai + value + chance.choice(("", "", "", " ", GS, "x"))


def with_check_digit(digits: str) -> str:
    """Followed by the check digit of GTIN, SSCC and GLN."""
    weighed = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(digits)))
    return f"{digits}{-weighed % 10}"


def read_all() -> str:
    """Every code of the seed as it is read."""
    return "\n".join(f"{code!r} {parse(code)!r}" for code in codes(random.Random(SEED)))


def test_without_the_tables_of_prefixes_every_code_reads_as_with_them() -> None:
    script = "import biip.gs1_prefixes\nfrom tests.identifiers.test_gs1_library import read_all\nprint(read_all())"
    lean, whole = read_all().splitlines(), run(script).splitlines()

    assert lean == whole
    assert sum("kind='gs1'" in line for line in lean) > 300
    assert sum("bad_check" in line for line in lean) > 100
    assert sum("kind='gtin'" in line for line in lean) > 10


def test_the_tables_of_prefixes_are_left_out() -> None:
    script = (
        "import sys\nfrom station.domain.identifiers import parse\n"
        "print(parse(b'0107032069804988'), hasattr(sys.modules['biip.gs1_prefixes'], '_GS1_COMPANY_PREFIX_TRIE'))"
    )
    assert run(script).split()[-1] == "False"


def test_a_station_that_sees_no_gs1_never_loads_it() -> None:
    script = (
        "import sys, station.cli, station.wiring, station.relay.mqtt\n"
        "from station.domain.identifiers import parse\n"
        f"for code in {NEVER_GS1!r}: parse(code.encode())\n"
        "print('biip' in sys.modules)\n"
        "parse(b'5901234123457')\n"
        "print('biip' in sys.modules)"
    )
    assert run(script).split() == ["False", "True"]


@pytest.mark.parametrize("code", NEVER_GS1)
def test_what_is_no_gs1_needs_no_library(code: str) -> None:
    assert not needs_gs1_library(code.encode())


@given(
    st.one_of(
        st.sampled_from(list(codes(random.Random(SEED)))),
        st.sampled_from([code.encode() for code in NEVER_GS1]),
        st.binary(max_size=40),
        st.from_regex(rb"(\][CQd][0-3])?[0-9A-Z\x1d/:.]{0,30}", fullmatch=True),
    )
)
def test_the_library_is_needed_exactly_where_a_scan_is_read_through_it(code: bytes) -> None:
    read: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gs1_elements, "decode_elements", lambda body, **_: read.append(body))
        patch.setattr(gs1_elements, "decode_bare_gtin", read.append)
        parse(code)

    assert needs_gs1_library(code) == bool(read)
