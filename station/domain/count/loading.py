"""Taking a plan in: one way, whether it came by a command, over the control socket or from a file."""

import hashlib

from msgspec.structs import replace

from station.domain.core.decider import Document, Loaded
from station.domain.core.facts import Facts
from station.domain.count.events import PlanLoaded
from station.domain.count.plan import PlanDocument
from station.domain.count.state import Count


def take_plan(count: Count, facts: Facts, document: PlanDocument, raw: bytes, by: str) -> Loaded | str:
    """Take a checked plan, or say why not; `by` is who brought it."""
    del facts
    held, plan = count.loaded, document.plan
    if held and held.plan == plan.plan and plan.version <= held.version:
        return (
            f"plan {plan.plan} version = {plan.version}: must be above {held.version}, which is loaded; export it again"
        )
    sha256 = hashlib.sha256(raw).hexdigest()
    event = PlanLoaded(plan.plan, plan.version, len(plan.packages), sha256, by)
    text = f"plan {plan.plan} version {plan.version}: {len(plan.packages)} packages"
    return Loaded(event, Document(sha256, raw, document), text)


def held_plan(count: Count) -> str:
    """The document of the plan that is loaded."""
    return count.loaded_document


def put_back_plan(count: Count, document: PlanDocument) -> Count:
    """The state of a snapshot with its plan again."""
    return replace(count, loaded=document.plan)
