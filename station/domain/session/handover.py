"""Whose session it is: who opened it, who resumes it, who takes it over, who signs it.

A badge at the desk is offered to the session first; one for which it has no use is entry's. Without readers the printed
card of a person stands in, and the events say so.
"""

from station.domain.core.decider import Decision
from station.domain.core.effects import Answer, Verdict
from station.domain.core.facts import Facts
from station.domain.people.actors import Actor, Actors
from station.domain.people.inputs import BadgePresented
from station.domain.people.policy import SUPERVISORS, Policy
from station.domain.people.roster import Person
from station.domain.people.state import actor_of, known_badge, known_person, people_of
from station.domain.session.events import ScanRefused, SessionHandedOver, SessionIdentified, SessionResumed
from station.domain.session.refusing import refuse
from station.domain.session.state import Identified, Phase, Session

ACT_WITHIN_MS = 30_000


def decide_badge(session: Session, facts: Facts, shown: BadgePresented) -> Decision | None:
    """A badge at the desk while this session has the floor, or is paused and nothing has it; None: it is not for it."""
    if session.phase is Phase.IDLE or not session.badges:
        return None
    person = known_badge(people_of(facts).roster, shown.badge, facts.wall_ms)
    if isinstance(person, str):
        return None
    step = _step(session, facts, person, "badge", (shown.badge,))
    if isinstance(step, str):
        refused = ScanRefused(shown.source, step, person.id)
        return Decision((refused,), (Answer(shown.source, Verdict.DENIED),)) if step else None
    return Decision(step, (Answer(shown.source, Verdict.NOTED),))


def decide_person(session: Session, facts: Facts, scanner: str, person_id: str) -> Decision:
    """The printed card of a person, where there is no reader at the desk."""
    if session.phase is Phase.IDLE:
        return refuse(scanner, "no_session", person_id)
    if "desk" in facts.readers:
        return refuse(scanner, "no_badge", person_id)
    person = known_person(people_of(facts).roster, person_id, facts.wall_ms)
    if isinstance(person, str):
        return refuse(scanner, "no_person", person_id)
    step = _step(session, facts, person, "card", ())
    if isinstance(step, str):
        return refuse(scanner, step or "no_person", person_id)
    return Decision(step, (Answer(scanner, Verdict.NOTED),))


Step = tuple[SessionIdentified | SessionHandedOver | SessionResumed, ...]


def _step(session: Session, facts: Facts, person: Person, by: str, badges: tuple[str, ...]) -> Step | str:
    """What comes of this person's showing who they are: events, a reason to refuse, or empty: it is not for it."""
    role = next((role for role in person.roles if _is_supervising(facts, role)), "")
    actor, known = actor_of(person, role), known_lately(session, facts.at)
    is_theirs = is_among(session.actors, actor)
    identified = SessionIdentified(session.session, (actor,), by, facts.at + ACT_WITHIN_MS, badges)
    if is_theirs and session.phase is Phase.PAUSED:
        return (SessionResumed(session.session, (actor,)),)
    if is_theirs or not session.actors or session.signed:
        return (identified,)
    if known is not None and (_is_supervising(facts, known.actor.role) or is_among(session.actors, known.actor)):
        return _handed_over(session, SessionHandedOver(session.session, (actor,), (known.actor,), by, badges))
    if session.phase is Phase.OPEN:
        return ""
    return (identified,) if role else "other_person"


def _handed_over(session: Session, handed: SessionHandedOver) -> Step:
    """Whoever takes a session over that is paused goes on with it."""
    if session.phase is Phase.PAUSED:
        return handed, SessionResumed(session.session, handed.actors)
    return (handed,)


def known_lately(session: Session, at: int) -> Identified | None:
    """Who showed themselves lately."""
    known = session.identified
    return known if known is not None and known.until >= at else None


def _is_supervising(facts: Facts, role: str) -> bool:
    """Whether who has this role may hand over for somebody who is away; the door's policy names such roles, if any."""
    policy: Policy | None = facts.policy
    return role in (SUPERVISORS if policy is None else policy.supervisors)


def is_among(actors: Actors, actor: Actor) -> bool:
    """Whether this person is one of them, in whatever role."""
    return any(each.id == actor.id for each in actors)
