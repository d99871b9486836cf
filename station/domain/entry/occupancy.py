"""Who is presumed inside: by person, never by badge, for people have more than one."""

from station.domain.entry.state import Inside
from station.domain.people.actors import Actor

People = tuple[Inside, ...]


def is_them(person: Inside, actor: Actor, badge: str) -> bool:  # noqa: ARG001
    """Whether the one inside is this person, whichever badge they show."""
    return person.actor.id == actor.id


def found(inside: People, actor: Actor, badge: str) -> Inside | None:
    """The person among those inside."""
    return next((person for person in inside if is_them(person, actor, badge)), None)


def admitted(inside: People, actors: tuple[Actor, ...], badges: tuple[str, ...], visitors: int) -> People:
    """These people are inside from now on; the visitors go with the first of them."""
    new = tuple(
        Inside(actor, badge, 0 if number else visitors)
        for number, (actor, badge) in enumerate(zip(actors, badges, strict=True))
    )
    kept = tuple(person for person in inside if not any(is_them(person, each.actor, each.badge) for each in new))
    return kept + new


def without(inside: People, actor: Actor, badge: str) -> People:
    """This person has left, and whom they brought with them."""
    return tuple(person for person in inside if not is_them(person, actor, badge))
