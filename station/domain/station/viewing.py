"""What the screen says, computed from state and conditions; nothing else is ever shown.

A room's pictures are given that room's state and `Facts`, never the whole station.
"""

import textwrap

from msgspec.structs import replace

from station.domain.core.conditions import Conditions
from station.domain.core.duty import Duty
from station.domain.core.effects import Verdict
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.core.view import Phrase, Picture, Tone, View
from station.domain.documents.values import moment_ms
from station.domain.session.viewing import warning_of
from station.domain.station.dispatch import session_of
from station.domain.station.duties import OWNER, ROWS, SESSIONS, is_served
from station.domain.station.state import Station, facts_at

MINUTE_MS = 60_000
ANSWER_MS = 3_000
"""For how long the newest event has the line of detail before a message, or a lockdown, has it again."""
LINE_CHARS = 21
PIECE_MS = 2_000
"""Of a message that is longer than a line, each piece is shown for so long."""
TONES = {Verdict.COUNTED: Tone.ACCEPTED, Verdict.ALREADY: Tone.ALREADY, Verdict.REFUSED: Tone.REFUSED}
"""Of a scan that was answered in any other way the screen speaks calmly."""


def view(station: Station, conditions: Conditions, now: int) -> View:
    """What the screen says. Pure; `now` is monotonic milliseconds."""
    facts = facts_at(station, now, station.offset_ms, station.quality)
    facts = replace(facts, is_refused=_tone(station.newest) is Tone.REFUSED)
    duty, picture = _picture(station, conditions, facts)
    return View(
        duty=duty,
        tone=picture.tone,
        fact=picture.fact,
        detail=picture.detail,
        instruction=picture.instruction,
        link=conditions.link,
        waiting=max(0, station.seq - conditions.acked),
        minute_ms=(now + station.offset_ms) // MINUTE_MS * MINUTE_MS if facts.trusted_ms is not None else None,
        refused=station.session.unseen,
        bar=picture.bar,
    )


def _picture(station: Station, conditions: Conditions, facts: Facts) -> tuple[str, Picture]:
    """Whose picture it is, and what it shows."""
    home = _home(facts)
    # First: a station that could not record its last events is not safe to unplug, whatever else it says.
    if conditions.storage:
        fact, instruction = Phrase("not_recording"), Phrase("recording_resumes")
        return home, Picture(Tone.NOT_RECORDING, fact, Phrase(conditions.storage), instruction)
    if conditions.is_stopped:
        return home, Picture(Tone.STOPPED, Phrase("stopped"))
    if found := _urgent(station, facts):
        return found
    if station.seq < 0:
        return home, Picture(Tone.CALM, Phrase("starting"))
    return _at_rest(station, facts) or _of_session(station, facts, home)


def _home(facts: Facts) -> str:
    """The duty that the screen names while it speaks of none: the first that opens sessions here."""
    served = [row.name for row in ROWS if row.setting and is_served(row, facts.duties)]
    return next((row.name for row in SESSIONS if row.name in served), next(iter(served), SESSIONS[0].name))


def _urgent(station: Station, facts: Facts) -> tuple[str, Picture] | None:
    for row in ROWS:
        if row.urgent is not None and is_served(row, facts.duties):
            picture = row.urgent(getattr(station, row.name), _of_own(station, facts, row))
            if picture is not None:
                return row.name, picture
    return None


def _of_own(station: Station, facts: Facts, row: Duty) -> Facts:
    """The facts as a room sees them whose events are not shown as the newest: it speaks of its own newest."""
    newest = station.newest_own.get(row.name)
    if row.is_shown_as_newest:
        return facts
    event, at = (newest.event, newest.at) if newest is not None else (None, 0)
    return replace(facts, newest=event, newest_at=at)


def _at_rest(station: Station, facts: Facts) -> tuple[str, Picture] | None:
    """What stands while no session is open; for a moment the answer to the last scan comes first."""
    is_answered = _tone(station.newest) is not Tone.CALM and facts.at - station.at <= ANSWER_MS
    if is_answered or session_of(station, facts) is not None:
        return None
    for row in ROWS:
        if row.at_rest is None or not is_served(row, facts.duties):
            continue
        found = row.at_rest(getattr(station, row.name), _of_own(station, facts, row))
        if found is not None:
            if message := _message(station, facts):
                return row.name, replace(found, detail=message, instruction=Phrase("scan_seen"))
            return row.name, replace(found, detail=found.detail or _lost(facts))
    return None


def _of_session(station: Station, facts: Facts, home: str) -> tuple[str, Picture]:
    """The session that has the floor or was paused last; where there is none, what begins one."""
    session = session_of(station, facts)
    if session is None:
        fact = Phrase("lockdown" if facts.is_locked_down else "ready")
        name, picture, warning = home, Picture(Tone.CALM, fact, None, Phrase("scan_start")), None
    else:
        row, rules = session
        state = getattr(station, row.name)
        name, picture, warning = row.name, rules.picture(state, facts), warning_of(state, facts)
    tone = _tone(station.newest)
    is_over = tone is Tone.CALM or facts.at - station.at > ANSWER_MS
    if is_over and (message := _message(station, facts)):
        return name, Picture(tone, picture.fact, message, Phrase("scan_seen"))
    if is_over and warning:
        return name, Picture(tone, picture.fact, warning, picture.instruction)
    if is_over and facts.is_locked_down and session is not None:
        return name, Picture(tone, picture.fact, Phrase("locked_down"), picture.instruction)
    # Nothing newer matters: a scanner that is away is the next thing to know.
    return name, Picture(tone, picture.fact, _detail(station.newest) or _lost(facts), picture.instruction)


def _lost(facts: Facts) -> Phrase | None:
    return Phrase("source_lost", (min(facts.lost),)) if facts.lost else None


def _message(station: Station, facts: Facts) -> Phrase | None:
    """The piece of the back office's message that is on now; None where there is none, or its time has passed."""
    message = station.commands.message
    if message is None or moment_ms(message.not_after) <= facts.at + station.offset_ms:
        return None
    pieces = textwrap.wrap(message.text, LINE_CHARS)
    return Phrase("message", (pieces[facts.at // PIECE_MS % len(pieces)],))


def verdict_of(event: Event) -> Verdict | None:
    """What the scan or the badge that an event is about came to, by its room; None where it is about none."""
    owner = OWNER.get(type(event))
    return owner.verdict(event) if owner and owner.verdict else None


def _tone(newest: Event | None) -> Tone:
    verdict = verdict_of(newest) if newest is not None else None
    return TONES.get(verdict, Tone.CALM) if verdict else Tone.CALM


def _detail(newest: Event | None) -> Phrase | None:
    owner = OWNER.get(type(newest)) if newest is not None else None
    return owner.detail(newest) if owner and owner.detail else None
