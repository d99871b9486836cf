"""Whether each journal of a station names the one before it: else one may have been taken away. Pure."""

from collections.abc import Sequence

from station.backoffice.store.epochs import Epoch


def breaks_of_succession(epochs: Sequence[Epoch]) -> dict[str, str]:
    """Return the epochs, in the order in which they were heard of, that do not name the one before, and why so.

    The first of all has none before it; one whose first event did not come yet says nothing.
    """
    begun = [each for each in epochs if each.contiguous >= 0]
    by_name = {each.name: each for each in epochs}
    beginning = _with_ancestors(begun[0].name, by_name) if begun else set()
    followed: dict[str, str] = {}
    found: dict[str, str] = {}
    for each in begun:
        if each.previous and each.previous not in followed:
            followed[each.previous] = each.name
        elif each.previous:
            found[each.name] = f"names {each.previous}, upon which {followed[each.previous]} followed already"
        elif each.name not in beginning:
            found[each.name] = f"names no journal before it, though {begun[0].name} was there"
    return found


def _with_ancestors(name: str, by_name: dict[str, Epoch]) -> set[str]:
    found: set[str] = set()
    while name in by_name and name not in found:
        found.add(name)
        name = by_name[name].previous
    return found
