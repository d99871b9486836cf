"""The row of the count."""

from station.domain.core.duty import CardKind, DocumentKind, Duty, Refusal, Said, SessionRules
from station.domain.count.book import kept_books, put_back_book, read_plan, stored_plan
from station.domain.count.decide import (
    START,
    decide_badge,
    decide_card,
    decide_code,
    decide_deadline,
    decide_number,
    decide_start,
)
from station.domain.count.events import EVENTS, CountAbandoned, CountClosed, CountException, CountOpened, PlanLoaded
from station.domain.count.loading import held_plan, put_back_plan, take_plan
from station.domain.count.phrases import PHRASES
from station.domain.count.state import Count, evolve
from station.domain.count.summary import describe, detail, verdict
from station.domain.count.viewing import picture
from station.domain.session.deciding import due
from station.domain.session.state import HEARD, is_at_rest


def refusal(event: object) -> Refusal | None:
    """A package that is in no plan latches as a refused scan does."""
    match event:
        case CountException(scanner=scanner, reason="unknown" as reason, tag=tag):
            return Refusal(scanner, reason, tag)
        case _:
            return None


PLAN = DocumentKind(
    name="plan",
    read=read_plan,
    stored=stored_plan,
    take=take_plan,
    event=PlanLoaded,
    held=held_plan,
    put_back=put_back_plan,
    put_back_book=put_back_book,
)

COUNT = Duty(
    name="count",
    setting="count",
    initial=Count(),
    owns=EVENTS,
    hears=HEARD,
    evolve=evolve,
    cards=(CardKind(verb=START, title=Said("Start a count", "Empezar un conteo")),),
    decide_card=decide_start,
    session=SessionRules(
        decide_card=decide_card,
        decide_code=decide_code,
        decide_number=decide_number,
        decide_badge=decide_badge,
        picture=picture,
    ),
    due=due,
    decide_deadline=decide_deadline,
    is_at_rest=is_at_rest,
    phrases=PHRASES,
    verdict=verdict,
    describe=describe,
    detail=detail,
    latching=(CountException,),
    refusal=refusal,
    documents=(PLAN,),
    booking=(PlanLoaded, CountOpened, CountClosed, CountAbandoned),
    kept_books=kept_books,
    left_out=frozenset({"loaded", "plan"}),  # documents: the loaded one is kept by its hash, and put back
)
