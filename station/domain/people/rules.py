"""What a roster must hold beside the rules of its fields: each against the others, the loaded one, policy and clock.

One place for all of it, whichever way a roster comes, so that whoever made it hears of every fault at once. No fault
shows a badge, not even its HMAC.
"""

from collections.abc import Iterable, Iterator

from station.domain.documents.spelling import shown
from station.domain.documents.values import moment_ms
from station.domain.people.policy import Policy
from station.domain.people.roster import Person, Roster


def faults(roster: Roster, held: Roster | None, policy: Policy | None, wall_ms: int | None) -> list[str]:
    """Every fault, each `where = value: must be …; what to do`; `held` is the roster that is loaded.

    `policy` is None where the station has no entry: then any role may stand here, and nobody explains a door.
    `wall_ms` is UTC now, None where the clock is not to be trusted.
    """
    found = [*_version(roster, held), *_twice(roster), *_ends(roster, wall_ms)]
    if policy is not None:
        found += [*_roles(roster, policy), *_supervisors(roster, policy)]
    return found


def _version(roster: Roster, held: Roster | None) -> Iterator[str]:
    if held and roster.roster <= held.roster:
        yield f"roster = {roster.roster}: must be above {held.roster}, which is loaded; export it again"


def _twice(roster: Roster) -> Iterator[str]:
    """`26:12:7` and `26:012:7` are one badge: their HMACs are the same."""
    ids: dict[str, int] = {}
    badges: dict[str, int] = {}
    for number, person in enumerate(roster.people):
        where = f"people[{number}]"
        if (first := ids.setdefault(person.id, number)) != number:
            yield f'{where}.id = "{person.id}": must stand once, and is the id of people[{first}]; give it another'
        for at, badge in enumerate(person.badges):
            if badge in badges:
                yield f"{where}.badges[{at}]: must stand once, and is a badge of people[{badges[badge]}]; strike one"
            badges.setdefault(badge, number)


def _ends(roster: Roster, wall_ms: int | None) -> Iterator[str]:
    """A roster begins when it was made, or now: what ends earlier never holds.

    Somebody whose time is over when a roster of last week arrives at last is no fault of it.
    """
    begins_ms = moment_ms(roster.made_at) if roster.made_at else wall_ms
    if wall_ms is not None and roster.is_stale(wall_ms):
        yield f"not_after = {shown(roster.not_after)}: has passed; must lie ahead; export it again"
    elif begins_ms is not None and roster.is_stale(int(begins_ms)):
        yield f"not_after = {shown(roster.not_after)}: must lie after made_at; export it again"
    begin = "made_at" if roster.made_at else "now"
    for number, person in enumerate(roster.people):
        if begins_ms is not None and person.not_after and moment_ms(person.not_after) < begins_ms:
            yield (
                f"people[{number}].not_after = {shown(person.not_after)}: must lie after {begin}, when it begins; "
                f"correct it, or leave {person.id} out"
            )


def _roles(roster: Roster, policy: Policy) -> Iterator[str]:
    known = policy.roles
    for number, person in enumerate(roster.people):
        for at, role in enumerate(person.roles):
            if role not in known:
                yield (
                    f'people[{number}].roles[{at}] = "{role}": must be {_either(known)}; correct it, or name it in the '
                    "station's settings: [entry] other_roles"
                )


def _supervisors(roster: Roster, policy: Policy) -> Iterator[str]:
    if not any(_is_supervisor(person, roster, policy) for person in roster.people):
        yield (
            f"people: nobody among {len(roster.people)} is {_either(policy.supervisors)} with a badge; must be at "
            "least one, to explain a forced door and count heads; add one"
        )


def _is_supervisor(person: Person, roster: Roster, policy: Policy) -> bool:
    is_named = any(role in policy.supervisors for role in person.roles)
    return is_named and any(badge not in roster.revoked for badge in person.badges)


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
