"""The plan of a guided count: what should be found, as the back office sent it (CONTRACTS.md, `import plan`)."""

import hashlib
from functools import cached_property
from typing import Annotated, Any

import msgspec

from station.domain.core.decider import Document
from station.domain.count.events import PlanLoaded
from station.domain.documents.fields import Characters, Described, Length, OneOf, Table, Text, Unique
from station.domain.documents.json_files import read_document, read_stored
from station.domain.documents.kinds import Loaded
from station.domain.documents.values import DayIfAny, MomentIfAny, Name, Quantity, Remark, Version, moment_ms

PACKAGES_MAX = 50_000

Tag = Annotated[str, Text("[0-9A-Z]{24}", "24 characters of 0-9 and A-Z"), Unique("tag")]


class PlanPackage(Table, frozen=True):
    """One package of a plan; `pos` and `metrc` are exact decimals as text, in `unit`."""

    tag: Tag
    item: Annotated[str, Characters(1, 200)]
    unit: Annotated[str, Characters(1, 16, printable=True)] = "ea"
    pos: Quantity = ""
    metrc: Quantity = ""
    location: Remark = ""
    category: Remark = ""
    batch: Remark = ""
    expires: DayIfAny = ""
    hold: bool = False
    recall: bool = False


Packages = Annotated[tuple[PlanPackage, ...], Length(1, PACKAGES_MAX, "packages", "split the plan by location")]


class Plan(Table, frozen=True, kw_only=True, dict=True):
    """A checked plan. No tag stands in it twice. The packages stand last, as what is said of them may be long."""

    plan: Name
    version: Version
    kind: Annotated[str, OneOf(("guided",))]
    location: Name
    made_at: MomentIfAny = ""
    not_after: MomentIfAny = ""
    books: Annotated[dict[str, Any], Described("an object with a book's name for each")] = msgspec.field(
        default_factory=dict
    )
    packages: Packages

    def is_stale(self, wall_ms: int) -> bool:
        """Whether `not_after` has passed at this moment (UTC milliseconds since 1970)."""
        return bool(self.not_after) and moment_ms(self.not_after) < wall_ms

    @cached_property
    def by_tag(self) -> dict[str, PlanPackage]:
        return {package.tag: package for package in self.packages}


def parse(raw: bytes) -> Plan:
    """Read a plan file (JSON); raise `DocumentFaults` with all of its faults, and take nothing of it then."""
    return read_document(raw, Plan, "plan")


def stored(raw: bytes) -> Plan:
    """Read a plan that was once taken: rules that came later do not unmake it. Raise msgspec.MsgspecError."""
    return read_stored(raw, Plan)


def load_plan(held: Plan | None, plan: Plan, raw: bytes, by: str) -> Loaded | str:
    """Take a checked plan, or say why not; `held` is the one that is loaded, `by` who brought it."""
    if held and held.plan == plan.plan and plan.version <= held.version:
        return (
            f"plan {plan.plan} version = {plan.version}: must be above {held.version}, which is loaded; export it again"
        )
    sha256 = hashlib.sha256(raw).hexdigest()
    event = PlanLoaded(plan.plan, plan.version, len(plan.packages), sha256, by)
    text = f"plan {plan.plan} version {plan.version}: {len(plan.packages)} packages"
    return Loaded(event, Document(sha256, raw, plan), text)
