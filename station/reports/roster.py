"""`station roster show`: the roster for people to read, without what stands for badges and PINs: they are counted."""

import msgspec

from station.domain.people.roster import Person, Roster


class Listed(msgspec.Struct, frozen=True):
    """One person; `badges` counts those that are not revoked; with `offline` they may enter after the roster's end."""

    id: str
    name: str
    roles: tuple[str, ...]
    badges: int
    pin: bool
    not_after: str
    offline: bool


class Shown(msgspec.Struct, frozen=True):
    """A roster; `revoked` counts badges."""

    roster: int
    made_at: str
    not_after: str
    is_stale: bool
    revoked: int
    people: tuple[Listed, ...]


def shown_roster(roster: Roster, wall_ms: int) -> Shown:
    """What is shown of it at this moment (UTC milliseconds since 1970)."""
    people = tuple(_listed_person(person, roster) for person in roster.people)
    is_stale = roster.is_stale(wall_ms)
    return Shown(roster.roster, roster.made_at, roster.not_after, is_stale, len(roster.revoked), people)


def _listed_person(person: Person, roster: Roster) -> Listed:
    badges = sum(badge not in roster.revoked for badge in person.badges)
    is_offline = person.id in roster.offline
    return Listed(person.id, person.name, person.roles, badges, bool(person.pin), person.not_after, is_offline)


def roster_lines(found: Shown | None) -> list[str]:
    """The same as text, a person a line, in columns."""
    if found is None:
        return ["no roster is loaded: nobody enters; station import roster"]
    stale = "STALE: only its offline list enters; import a newer one; " if found.is_stale else ""
    head = f"{stale}roster {found.roster}, until {found.not_after}; {_badges_text(found.revoked)} revoked"
    rows = [(person.id, person.name, ", ".join(person.roles)) for person in found.people]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    columns = ("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
    return [head, *(f"{text}  {_rest_of(person)}" for text, person in zip(columns, found.people, strict=True))]


def _rest_of(person: Listed) -> str:
    more = ["PIN"] if person.pin else []
    more += [f"until {person.not_after}"] if person.not_after else []
    more += ["offline too"] if person.offline else []
    return ", ".join([_badges_text(person.badges), *more])


def _badges_text(badges: int) -> str:
    return f"{badges} badge" if badges == 1 else f"{badges} badges"
