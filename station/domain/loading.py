"""Taking in a plan or a roster: one way, whether it came by a command, over the control socket or from a file."""

import hashlib

import msgspec

from station.domain import events as e
from station.domain import roster_rules
from station.domain.decider import Document
from station.domain.plan import Plan
from station.domain.policy import Policy
from station.domain.roster import Roster


class Loaded(msgspec.Struct, frozen=True):
    """What was taken: its event, its document, and what to tell whoever brought it."""

    event: e.Event
    document: Document
    text: str


def load_plan(held: Plan | None, plan: Plan, raw: bytes, by: str) -> Loaded | str:
    """Take a checked plan, or say why not; `held` is the one that is loaded, `by` who brought it."""
    if held and held.plan == plan.plan and plan.version <= held.version:
        return (
            f"plan {plan.plan} version = {plan.version}: must be above {held.version}, which is loaded; export it again"
        )
    sha256 = hashlib.sha256(raw).hexdigest()
    event = e.PlanLoaded(plan.plan, plan.version, len(plan.packages), sha256, by)
    text = f"plan {plan.plan} version {plan.version}: {len(plan.packages)} packages"
    return Loaded(event, Document(sha256, raw, plan), text)


def load_roster(  # noqa: PLR0917
    held: Roster | None, policy: Policy | None, roster: Roster, raw: bytes, by: str, wall_ms: int | None
) -> Loaded | str:
    """Take a roster whole, or say every fault of it, one a line; `wall_ms` and `policy` as in `roster_rules`."""
    if faults := roster_rules.faults(roster, held, policy, wall_ms):
        return "\n".join(faults)
    sha256 = hashlib.sha256(raw).hexdigest()
    event = e.RosterLoaded(roster.roster, len(roster.people), sha256, by, roster.not_after)
    badges = sum(len(person.badges) for person in roster.people)
    text = f"roster {roster.roster}: {len(roster.people)} people, {badges} badges, until {roster.not_after}"
    return Loaded(event, Document(sha256, raw, roster), text)
