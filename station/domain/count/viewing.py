"""What the screen says of a count that is open or paused."""

from station.domain.core.facts import Facts
from station.domain.core.view import Phrase, Picture, Tone
from station.domain.count.state import Count
from station.domain.session.viewing import fact_of, instruction_of


def picture(count: Count, facts: Facts) -> Picture:
    """How far the count has come, and what to do next."""
    seen = str(len(count.packages))
    progress = Phrase("progress", (seen, str(count.planned))) if count.plan else Phrase("counted", (seen,))
    instruction = instruction_of(count, facts, Phrase("scan_package"))
    return Picture(Tone.CALM, fact_of(count, facts, progress), None, instruction)
