"""The plan of a guided count: what should be found, as the back office sent it (CONTRACTS.md, `import plan`)."""

from functools import cached_property
from typing import Annotated, Any, Protocol

import msgspec

from station.domain.documents.fields import Characters, Described, Length, OneOf, Table, Text, Unique
from station.domain.documents.values import DayIfAny, MomentIfAny, Name, Remark, Version, moment_ms

PACKAGES_MAX = 50_000

Tag = Annotated[str, Text("[0-9A-Z]{24}", "24 characters of 0-9 and A-Z"), Unique("tag")]


class PlanPackage(Table, frozen=True):
    """One package of a plan; how much of it is expected stands in `book` alone."""

    tag: Tag
    item: Annotated[str, Characters(1, 200)]
    unit: Annotated[str, Characters(1, 16, printable=True)] = "ea"
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


class OfPlan(Protocol):
    """A plan, or what goes with one."""

    @property
    def plan(self) -> str: ...
    @property
    def version(self) -> int: ...


def is_same_plan(counted: OfPlan | None, loaded: OfPlan | None) -> bool:
    """Whether what a count was opened with is of the plan and the version that are still loaded."""
    if counted is None or loaded is None:
        return False
    return (counted.plan, counted.version) == (loaded.plan, loaded.version)


class PlanDocument(msgspec.Struct, frozen=True):
    """A plan as it was read: the plan, and its book, which only `reconcile` opens."""

    plan: Plan
    book: object
