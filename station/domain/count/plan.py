"""The plan of a guided count: what should be found, as the back office sent it (CONTRACTS.md, `import plan`)."""

from functools import cached_property
from typing import Any

import msgspec

from station.domain.documents.fields import HEAD, PACKAGE, faults_of, moment_ms, shown
from station.domain.documents.refused import DocumentFaults

PACKAGES_MAX = 50_000


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

    def is_stale(self, wall_ms: int) -> bool:
        """Whether `not_after` has passed at this moment (UTC milliseconds since 1970)."""
        return bool(self.not_after) and moment_ms(self.not_after) < wall_ms

    @cached_property
    def by_tag(self) -> dict[str, PlanPackage]:
        return {package.tag: package for package in self.packages}


class PlanFaults(DocumentFaults):
    """Every fault of a plan file, each `path = value: must be …`."""


def parse(raw: bytes) -> Plan:
    """Read a plan file (JSON); raise `PlanFaults` with all of its faults, and take nothing of it then."""
    try:
        found = msgspec.json.decode(raw)
    # RecursionError: so many brackets that the decoder gives up.
    except (msgspec.DecodeError, RecursionError) as error:
        raise PlanFaults([f"plan: {error}; must be one JSON object in UTF-8; export it again"]) from None
    if not isinstance(found, dict):
        raise PlanFaults([f"plan = {shown(found)}: must be one JSON object; export it again"])
    faults = faults_of("", found, HEAD) + _packages_faults(found.get("packages"))
    if faults:
        raise PlanFaults(faults)
    return msgspec.convert(found, Plan)


def stored(raw: bytes) -> Plan:
    """Read a plan that was once taken: rules that came later do not unmake it. Raise msgspec.MsgspecError."""
    return msgspec.json.decode(raw, type=Plan)


def _packages_faults(packages: Any) -> list[str]:
    if packages is None:
        return [f"packages is missing: must be a list of 1 to {PACKAGES_MAX} packages"]
    if not isinstance(packages, list):
        return [f"packages = {shown(packages)}: must be a list of 1 to {PACKAGES_MAX} packages"]
    if not 1 <= len(packages) <= PACKAGES_MAX:
        return [f"packages: {len(packages)} stand here; must be 1 to {PACKAGES_MAX}; split the plan by location"]
    first_at: dict[str, int] = {}
    faults = []
    for number, package in enumerate(packages):
        where = f"packages[{number}]"
        if not isinstance(package, dict):
            faults.append(f"{where} = {shown(package)}: must be an object with tag and item")
            continue
        faults += faults_of(f"{where}.", package, PACKAGE)
        tag = package.get("tag")
        if isinstance(tag, str) and first_at.setdefault(tag, number) != number:
            faults.append(f"{where}.tag = {shown(tag)}: stands at packages[{first_at[tag]}] already; must stand once")
    return faults
