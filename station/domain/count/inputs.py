"""What is brought to a count."""

from station.domain.core.inputs import Input
from station.domain.count.plan import Plan


class PlanOffered(Input, frozen=True):
    """A checked plan and its bytes as received; `caller` is whom to answer, `by` who brought it."""

    at: int
    plan: Plan
    raw: bytes
    by: str
    caller: int
