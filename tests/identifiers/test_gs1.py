"""GS1 element strings: when they are read as such, and when a tag is taken out of one."""

import subprocess
import sys

import pytest

from station.domain.identifiers import Digits, OtherCode, PackageTag, Refused, parse

TAG = "1A4060300020081000006609"
OTHER_TAG = "1A40603000041B6000009297"
GTIN = "0107032069804988"
GS = "\x1d"


@pytest.mark.parametrize(
    "line",
    [
        f"]C1{GTIN}91{TAG}",
        f"]d2{GTIN}91{TAG}",
        f"]Q3{GTIN}250{TAG}",
        f"{GTIN}91{TAG}",
        f"{GTIN}17300101250{TAG}",
        f"]C191{TAG}",
        f"]d291{TAG}",
        f"]Q391{TAG}",
        f"]C199{TAG}",
        f"]C110LOT7{GS}95{TAG}",
        f"10LOT7{GS}95{TAG}",
        f"]C191{TAG}{GS}92{TAG}",
    ],
)
def test_a_tag_in_a_field_of_the_companys_own_names_the_package(line: str) -> None:
    assert parse(line.encode()) == PackageTag(TAG)


@pytest.mark.parametrize(
    "line",
    [
        f"{GTIN}15210526100329",
        f"]C1{GTIN}15210526100329",
        f"{GTIN}10A{GS}21SERIAL",
        "]C110LOT7",
        f"]C191{TAG}{GS}92{OTHER_TAG}",
        f"]C110LOT7{GS}91{TAG[:-1]}",
    ],
)
def test_other_element_strings_are_other_codes(line: str) -> None:
    code = parse(line.encode())
    assert isinstance(code, OtherCode), code
    assert code.kind == "gs1"
    assert not code.text.startswith("]")


def test_an_sscc_with_a_right_check_digit() -> None:
    assert parse(b"00157035420710000010") == OtherCode("gs1", "00157035420710000010")


@pytest.mark.parametrize("prefix", ["", "]C1"])
def test_a_gtin_with_a_date_has_24_digits_and_is_no_tag(prefix: str) -> None:
    line = f"{GTIN}17300101"
    assert len(line) == 24
    assert parse((prefix + line).encode()) == OtherCode("gs1", line)


def test_24_digits_with_a_wrong_gtin_are_a_tag() -> None:
    line = "010703206980498917300101"
    assert parse(line.encode()) == PackageTag(line)
    code = parse(b"]C1" + line.encode())
    assert isinstance(code, Refused)
    assert code.reason == "bad_check"


@pytest.mark.parametrize(
    "line",
    ["0107032069804989", "010703206980498991" + TAG, f"]C10107032069804989{GS}10A", "00157035420710000011"],
)
def test_a_wrong_check_digit_is_refused(line: str) -> None:
    code = parse(line.encode())
    assert isinstance(code, Refused)
    assert code.reason == "bad_check"


@pytest.mark.parametrize("prefix", ["", "]C0", "]Q1"])
@pytest.mark.parametrize("field", ["21", "91", "10", "250"])
def test_digits_keyed_before_a_tag_are_not_read_as_a_field(prefix: str, field: str) -> None:
    code = parse((prefix + field + TAG).encode())
    assert isinstance(code, Refused)
    assert code.reason == "not_a_code"


def test_a_serial_number_is_too_short_for_a_tag() -> None:
    assert isinstance(parse(f"]C1{GTIN}21{TAG}".encode()), Refused)


@pytest.mark.parametrize(
    "line",
    [
        f"{GS}{GTIN}91{TAG}",
        f"]C1{GS}91{TAG}",
        f"{GTIN}91{TAG}{GS}",
        f"]C1{TAG}{GS}",
        f"]C110A{GS}{GS}91{TAG}",
        f"CS1/undo{GS}/YM",
    ],
)
def test_separators_where_none_belong_are_refused_not_stripped(line: str) -> None:
    code = parse(line.encode())
    assert isinstance(code, Refused)
    assert code.reason == "control_characters"


def test_white_space_is_not_stripped() -> None:
    assert isinstance(parse(f"{GTIN}91{TAG} ".encode()), Refused)
    assert isinstance(parse(f"]C1 91{TAG}".encode()), Refused)


@pytest.mark.parametrize("line", ["5901234123457", "05901234123457"])
def test_a_products_bare_number(line: str) -> None:
    assert parse(line.encode()) == OtherCode("gtin", line)
    wrong = line[:-1] + "8"
    assert parse(wrong.encode()) == Refused("bad_check", wrong)  # type: ignore[arg-type]


def test_few_digits_under_a_gs1_prefix_are_digits_when_they_are_no_field() -> None:
    assert parse(b"]C1" + b"17") == Digits("17")


def test_a_fault_of_the_library_refuses_one_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IndexError("a fault")

    monkeypatch.setattr("station.domain.identifiers.gs1_elements.GS1Message.parse", fail)
    assert parse(f"]C191{TAG}".encode()) == Refused("not_a_code", f"]C191{TAG}")  # type: ignore[arg-type]


def test_what_a_date_is_does_not_hang_on_todays() -> None:
    """biip asks the clock for the century: an impossible date must read the same on every day."""
    for date in ("250229", "500229", "991200", "280229"):
        assert parse(f"]C1{GTIN}17{date}".encode()) == OtherCode("gs1", f"{GTIN}17{date}")


def test_only_pure_modules_are_imported() -> None:
    script = "import sys, station.domain.identifiers; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    ours = {name for name in loaded.split() if name.partition(".")[0] in {"station", "drivers"}}
    assert all(name in {"station", "station.domain"} or "domain.identifiers" in name for name in ours)
