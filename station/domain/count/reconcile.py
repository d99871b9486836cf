"""What is counted beside what is expected: the only reader of the books."""

from typing import cast

from station.domain.count.book import Books, Expected


def expected_shown(kind: str, books: object, tag: str) -> Expected | None:
    """How much of a package is expected, as the screen of an open count may show it.

    None unless the count is guided: whoever counts blind must not be told before they have submitted. None too for a
    package that the count's plan does not have. `books` is the station's slot.
    """
    if kind != "guided" or books is None:
        return None
    opened = cast(Books, books).opened
    return opened.expected.get(tag) if opened else None
