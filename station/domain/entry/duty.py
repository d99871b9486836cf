"""The row of the vault's entry."""

from station.domain.commands.events import LockdownSet
from station.domain.core.duty import Duty
from station.domain.core.inputs import NumberKeyed
from station.domain.entry.alarms import alarms
from station.domain.entry.cards import CARDS
from station.domain.entry.consequences import consequences
from station.domain.entry.decide import decide, decide_card, decide_deadline, decide_lock, due, turn_number_away
from station.domain.entry.events import (
    DoorClosed,
    DoorExplained,
    DoorForced,
    DoorHeld,
    DoorOpened,
    DoorTampered,
    DoorUnstable,
    EgressRex,
    EntryDenied,
    EntryEmpty,
    EntryExited,
    EntryFirstBadge,
    EntryGranted,
    EntryHeadCounted,
    EntryHeldOpen,
    EntryIdentified,
    EntryJoined,
    EntryLone,
    EntryLoneAlarm,
    EntryNotUsed,
    EntryPinAwaited,
    EntryRevoked,
    EntryThrottled,
    EntryUncertain,
    EntryVisitor,
    RosterStale,
)
from station.domain.entry.evolve import evolve
from station.domain.entry.inputs import DoorMoved, FireChanged, LockFailed, LockWorks, RexPressed, TamperChanged
from station.domain.entry.phrases import PHRASES
from station.domain.entry.state import Entry
from station.domain.entry.summary import describe, verdict
from station.domain.entry.viewing import at_rest, urgent
from station.domain.lifecycle.events import ClockSworn, SourceCameBack, SourceWentAway, StationStarted, StationStopped
from station.domain.people.events import RosterLoaded
from station.domain.people.inputs import BadgePresented, BadgeSpoiled, PinKeyed


def wants_release(entry: Entry) -> bool:
    """Whether somebody is still let in: a grant may have ended while its commit was under way."""
    return entry.grant is not None


ENTRY = Duty(
    name="entry",
    setting="entry",
    initial=Entry(),
    owns=(
        EntryFirstBadge,
        EntryPinAwaited,
        EntryGranted,
        EntryJoined,
        EntryDenied,
        EntryThrottled,
        EntryNotUsed,
        EntryExited,
        EntryLone,
        EntryLoneAlarm,
        EntryEmpty,
        EntryUncertain,
        EntryHeadCounted,
        EntryVisitor,
        EntryHeldOpen,
        EntryIdentified,
        EntryRevoked,
        DoorOpened,
        DoorClosed,
        DoorHeld,
        DoorForced,
        DoorUnstable,
        DoorTampered,
        DoorExplained,
        EgressRex,
        RosterStale,
    ),
    hears=(StationStarted, StationStopped, ClockSworn, SourceWentAway, SourceCameBack, RosterLoaded, LockdownSet),
    evolve=evolve,
    decides={
        BadgePresented: decide,
        BadgeSpoiled: decide,
        PinKeyed: decide,
        DoorMoved: decide,
        RexPressed: decide,
        FireChanged: decide,
        TamperChanged: decide,
        LockFailed: decide_lock,
        LockWorks: decide_lock,
    },
    intercepts={NumberKeyed: turn_number_away},
    cards=CARDS,
    decide_card=decide_card,
    due=due,
    decide_deadline=decide_deadline,
    consequences=consequences,
    urgent=urgent,
    at_rest=at_rest,
    alarms=alarms,
    phrases=PHRASES,
    verdict=verdict,
    describe=describe,
    is_shown_as_newest=False,
    wants_release=wants_release,
)
