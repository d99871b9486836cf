"""The row of what the back office asks for."""

from station.domain.commands.decide import decide_spoiled
from station.domain.commands.events import (
    CommandAccepted,
    CommandRefused,
    LockdownCleared,
    LockdownSet,
    MessageReceived,
    MessageSeen,
)
from station.domain.commands.inputs import CommandSpoiled
from station.domain.commands.state import Commanded, evolve
from station.domain.core.duty import Duty, Phrases, Said

PHRASES = Phrases(
    facts={"lockdown": Said("LOCKDOWN", "BLOQUEADO")},
    details={
        "message": Said("{0}", "{0}"),
        "locked_down": Said("Lockdown: no entry", "Nadie debe entrar"),
    },
)

COMMANDS = Duty(
    name="commands",
    initial=Commanded(),
    owns=(CommandAccepted, CommandRefused, MessageReceived, MessageSeen, LockdownSet, LockdownCleared),
    evolve=evolve,
    decides={CommandSpoiled: decide_spoiled},
    phrases=PHRASES,
    is_shown_as_newest=False,  # whoever scans must not lose the answer to it
)
