"""What the screen says, computed from state and conditions; nothing else is ever shown."""

import textwrap

from msgspec.structs import replace

from station.domain.core.conditions import Conditions
from station.domain.core.event import Event
from station.domain.core.view import Phrase, Tone, View
from station.domain.count.decide import UNDO_WITHIN_MS
from station.domain.count.events import (
    CountAbandoned,
    CountClosed,
    CountException,
    CountLocated,
    CountOpened,
    CountQuantity,
    CountResumed,
    CountScanned,
    CountUndoAsked,
    CountUndone,
    PlanLoaded,
    TagEvent,
)
from station.domain.count.state import Phase
from station.domain.documents.values import moment_ms
from station.domain.entry import viewing as entry_viewing
from station.domain.entry.viewing import Picture
from station.domain.lifecycle.events import SourceWentAway
from station.domain.session.events import ScanRefused
from station.domain.station.state import Station

MINUTE_MS = 60_000
ANSWER_MS = 3_000
"""For how long the newest event has the line of detail before a message, or a lockdown, has it again."""
LINE_CHARS = 21
PIECE_MS = 2_000
"""Of a message that is longer than a line, each piece is shown for so long."""
TAG_CHARS_SHOWN = 6
"""Of a tag only the last so many characters are shown."""


def view(station: Station, conditions: Conditions, now: int) -> View:
    """What the screen says. Pure; `now` is monotonic milliseconds."""
    entered = _entry(station, conditions, now)
    if entered:
        tone, fact, detail, instruction = entered.tone, entered.fact, entered.detail, entered.instruction
    else:
        tone, fact, detail, instruction = _picture(station, conditions, now)
    synced = station.quality != "unsynced"
    return View(
        duty="entry" if entered else "count",
        tone=tone,
        fact=fact,
        detail=detail,
        instruction=instruction,
        link=conditions.link,
        waiting=max(0, station.seq - conditions.acked),
        minute_ms=(now + station.offset_ms) // MINUTE_MS * MINUTE_MS if synced else None,
        refused=station.unseen,
        bar=entered.bar if entered else None,
    )


def _entry(station: Station, conditions: Conditions, now: int) -> Picture | None:
    """The entry's picture: what is urgent before all but the recording itself, the rest while no count is open."""
    if conditions.storage or conditions.is_stopped or station.entry.policy is None:
        return None
    if found := entry_viewing.urgent(station, now):
        return found
    is_answered = station.newest is not None and _tone(station.newest) is not Tone.CALM
    if station.count.phase is not Phase.IDLE or (is_answered and now - station.at <= ANSWER_MS):
        return None
    found = entry_viewing.at_rest(station, now)
    if message := _message(station, now):
        return replace(found, detail=message, instruction=Phrase("scan_seen"))
    return replace(found, detail=found.detail or _lost(station))


def _lost(station: Station) -> Phrase | None:
    return Phrase("source_lost", (min(station.lost),)) if station.lost else None


def _picture(station: Station, conditions: Conditions, now: int) -> tuple[Tone, Phrase, Phrase | None, Phrase | None]:
    # First: a station that could not record its last events is not safe to unplug, whatever else it says.
    if conditions.storage:
        return Tone.NOT_RECORDING, Phrase("not_recording"), Phrase(conditions.storage), Phrase("recording_resumes")
    if conditions.is_stopped:
        return Tone.STOPPED, Phrase("stopped"), None, None
    if station.seq < 0:
        return Tone.CALM, Phrase("starting"), None, None
    tone, fact = _tone(station.newest), _fact(station)
    if tone is Tone.CALM or now - station.at > ANSWER_MS:
        if message := _message(station, now):
            return tone, fact, message, Phrase("scan_seen")
        if station.lockdown and station.count.phase is not Phase.IDLE:
            return tone, fact, Phrase("locked_down"), _instruction(station, now)
    return tone, fact, _detail(station), _instruction(station, now)


def _message(station: Station, now: int) -> Phrase | None:
    """The piece of the back office's message that is on now; None where there is none, or its time has passed."""
    message = station.message
    if message is None or moment_ms(message.not_after) <= now + station.offset_ms:
        return None
    pieces = textwrap.wrap(message.text, LINE_CHARS)
    return Phrase("message", (pieces[now // PIECE_MS % len(pieces)],))


def _tone(newest: Event | None) -> Tone:
    match newest:
        case CountScanned():
            return Tone.ACCEPTED
        case CountException(reason="duplicate"):
            return Tone.ALREADY
        case CountException() | ScanRefused():
            return Tone.REFUSED
        case _:
            return Tone.CALM


def _fact(station: Station) -> Phrase:
    count = station.count
    if count.phase is Phase.IDLE:
        return Phrase("lockdown" if station.lockdown else "ready")
    if count.phase is Phase.PAUSED:
        return Phrase("paused")
    if keyed := _keyed(station):
        return Phrase("keyed", (keyed,))
    seen = str(len(count.packages))
    return Phrase("progress", (seen, str(count.planned))) if count.plan else Phrase("counted", (seen,))


def _keyed(station: Station) -> str:
    """The digits waiting for enter: of the scanner that the newest event is about; where that is none, of any."""
    keyed = station.count.keyed
    scanner = getattr(station.newest, "scanner", "")
    if scanner:
        return keyed.get(scanner) or ""
    return next((text for _, text in sorted(keyed.items()) if text), "")


def _detail(station: Station) -> Phrase | None:
    if about := _about(station.newest):
        return about
    # Nothing newer matters: a scanner that is away is the next thing to know.
    return _lost(station)


def _about(newest: Event | None) -> Phrase | None:
    match newest:
        case TagEvent():
            return _about_tag(newest)
        case ScanRefused(reason=reason):
            return Phrase(f"refused_{reason}")
        case CountLocated(location=location):
            return Phrase("located", (location,))
        case CountOpened(session=session, plan=plan):
            return Phrase("opened", (plan or session,))
        case PlanLoaded(plan=plan):
            return Phrase("plan_loaded", (plan,))
        case CountResumed():
            return Phrase("resumed")
        case CountClosed(packages=packages):
            return Phrase("closed", (str(packages),))
        case CountAbandoned():
            return Phrase("abandoned")
        case SourceWentAway(source=source):
            return Phrase("source_lost", (source,))
        case _:
            return None


def _about_tag(newest: TagEvent) -> Phrase | None:
    tag = newest.tag[-TAG_CHARS_SHOWN:]
    match newest:
        case CountScanned(unit_index=None):
            return Phrase("scanned", (tag,))
        case CountScanned(unit_index=unit_index):
            return Phrase("unit", (tag, str(unit_index)))
        case CountException(reason=reason):
            return Phrase("already" if reason == "duplicate" else reason, (tag,))
        case CountQuantity(quantity=quantity, unit=unit):
            return Phrase("quantity", (tag, quantity, unit))
        case CountUndoAsked():
            return Phrase("undo_asked", (tag,))
        case CountUndone():
            return Phrase("undone", (tag,))
        case _:
            return None


def _instruction(station: Station, now: int) -> Phrase:
    count, newest = station.count, station.newest
    if count.phase is Phase.IDLE:
        return Phrase("scan_start")
    if count.phase is Phase.PAUSED:
        return Phrase("scan_resume")
    if not count.location:
        return Phrase("scan_location")
    # Later than that a second undo card only shows the line again.
    if isinstance(newest, CountUndoAsked) and now - station.at <= UNDO_WITHIN_MS:
        return Phrase("scan_undo_again")
    if _keyed(station):
        return Phrase("scan_enter")
    if station.unseen and _tone(newest) is Tone.REFUSED:
        return Phrase("scan_seen")
    return Phrase("scan_package")
