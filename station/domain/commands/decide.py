"""A signed command: checked against what stands, carried out, answered."""

from collections.abc import Callable

from station.domain.commands import bodies, checking
from station.domain.commands.checking import Done, Refusal
from station.domain.commands.events import MessageSeen
from station.domain.commands.inputs import CommandReceived, CommandSpoiled
from station.domain.commands.state import Commanded
from station.domain.commands.verbs import Reason
from station.domain.core.decider import Decision, Loaded
from station.domain.core.effects import Answer, Verdict
from station.domain.core.facts import Facts
from station.domain.session.events import RefusalsSeen

TakeDocument = Callable[[CommandReceived], Loaded | str]


def check_command(commanded: Commanded, facts: Facts, received: CommandReceived, served: frozenset[str]) -> None:
    """Raise `Refusal` where this state refuses the command, whatever its body; `served` are the verbs acted on."""
    wall_ms = received.at + facts.offset_ms
    checking.check(commanded.counters, received, wall_ms, facts.trusted_ms is not None, served)


def decide_command(
    commanded: Commanded, facts: Facts, received: CommandReceived, served: frozenset[str], take: TakeDocument | None
) -> Decision:
    """A command came; `take` takes the document that it brings, where it brings one."""
    try:
        check_command(commanded, facts, received, served)
        done = _carry_out(commanded, received, take)
        if isinstance(done, str):
            raise Refusal(Reason.BAD_BODY, done)
    except Refusal as why:
        return checking.refuse(received, why)
    return checking.accept(received, done)


def _carry_out(commanded: Commanded, received: CommandReceived, take: TakeDocument | None) -> Done | str:
    if received.fault:
        return received.fault
    if take is None or received.content is None:
        return bodies.carry_out(commanded, received)
    loaded = take(received)
    if isinstance(loaded, str):
        return loaded
    return Done((loaded.event,), {"text": loaded.text, "document": loaded.document.sha256}, loaded.document)


def decide_spoiled(commanded: Commanded, facts: Facts, spoiled: CommandSpoiled) -> Decision:
    """Commands were refused before they were decided."""
    del commanded, facts
    return checking.decide_spoiled(spoiled)


def see_message(facts: Facts, scanner: str) -> Decision:
    """The card *seen* takes both off the screen, the message and the refusals."""
    refusals = (RefusalsSeen(facts.unseen, scanner),) if facts.unseen else ()
    return Decision((MessageSeen(scanner), *refusals), (Answer(scanner, Verdict.NOTED),))
