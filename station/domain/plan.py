"""The plan of a guided count: what should be found, as the back office sent it (CONTRACTS.md, `import plan`)."""

import re
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

import msgspec

PACKAGES_MAX = 50_000
TAG = re.compile(r"[0-9A-Z]{24}", re.ASCII)
KINDS = ("guided",)


class PlanPackage(msgspec.Struct, frozen=True):
    """One package of a plan; `pos` and `metrc` are exact decimals as text, in `unit`."""

    tag: str
    item: str
    unit: str = "ea"
    pos: str = ""
    metrc: str = ""
    location: str = ""
    category: str = ""
    batch: str = ""
    expires: str = ""
    hold: bool = False
    recall: bool = False


class Plan(msgspec.Struct, frozen=True, dict=True):
    """A checked plan. No tag stands in it twice."""

    plan: str
    version: int
    kind: str
    location: str
    packages: tuple[PlanPackage, ...]
    made_at: str = ""
    not_after: str = ""
    books: dict[str, Any] = {}

    @cached_property
    def by_tag(self) -> dict[str, PlanPackage]:
        return {package.tag: package for package in self.packages}


class PlanFaults(ValueError):
    """Every fault of a plan file, each `path = value: must be …`."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def parse(raw: bytes) -> Plan:
    """Read a plan file (JSON); raise `PlanFaults` with all of its faults, and take nothing of it then."""
    try:
        found = msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise PlanFaults([f"plan: {error}; must be one JSON object in UTF-8; export it again"]) from None
    if not isinstance(found, dict):
        raise PlanFaults([f"plan: is {type(found).__name__}; must be one JSON object; export it again"])
    faults = _head_faults(found) + _packages_faults(found.get("packages"))
    if not faults:
        try:
            return msgspec.convert(found, Plan)
        except msgspec.ValidationError as error:
            faults = [f"plan: {error}"]
    raise PlanFaults(faults)


def _head_faults(found: dict[str, Any]) -> list[str]:
    faults = []
    for key, is_right, must in (
        ("plan", _is_name, "a name of 1 to 64 characters"),
        ("version", lambda value: type(value) is int and value > 0, "a whole number from 1"),
        ("kind", lambda value: value in KINDS, f"one of {', '.join(KINDS)}"),
        ("location", _is_name, "a name of 1 to 64 characters"),
    ):
        if key not in found:
            faults.append(f"{key} is missing: must be {must}")
        elif not is_right(found[key]):
            faults.append(f"{key} = {_shown(found[key])}: must be {must}")
    return faults


def _packages_faults(packages: Any) -> list[str]:
    if not isinstance(packages, list) or not 1 <= len(packages) <= PACKAGES_MAX:
        return [f"packages: must be a list of 1 to {PACKAGES_MAX} packages"]
    first_at: dict[Any, int] = {}
    faults = []
    for number, package in enumerate(packages):
        where = f"packages[{number}]"
        if not isinstance(package, dict):
            faults.append(f"{where} = {_shown(package)}: must be an object with tag, item, unit")
            continue
        faults += _package_faults(where, package)
        tag = package.get("tag")
        if isinstance(tag, str) and first_at.setdefault(tag, number) != number:
            faults.append(f"{where}.tag = {_shown(tag)}: stands at packages[{first_at[tag]}] already; must stand once")
    return faults


def _package_faults(where: str, package: dict[str, Any]) -> list[str]:
    faults = []
    tag = package.get("tag")
    if not isinstance(tag, str) or not TAG.fullmatch(tag):
        faults.append(f"{where}.tag = {_shown(tag)}: must be 24 characters of 0-9 and A-Z")
    if not isinstance(package.get("item"), str) or not package["item"]:
        faults.append(f"{where}.item = {_shown(package.get('item'))}: must be the item's name")
    for key in ("pos", "metrc"):
        if key in package and not _is_quantity(package[key]):
            faults.append(f'{where}.{key} = {_shown(package[key])}: must be a decimal in quotes, such as "25" or "3.5"')
    return faults


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 64 and value.isprintable()


def _is_quantity(value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", value, re.ASCII):
        return False
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _shown(value: Any) -> str:
    return msgspec.json.encode(value).decode()[:60]
