"""What the log says, in plain words; of refusals those of the screens."""

from datetime import date

from station.domain.core.view import Phrase
from station.domain.station.leaf import rfc3339
from station.reports.access.log import Happening, Log, Moment, Opening, Stay, Who, lasted_ms
from station.screens.catalogues import worded_phrase

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OPENED = {
    "grant": "Opened for those who were let in",
    "egress": "Opened from inside by the lever",
    "exit_badge": "Opened after an exit badge",
    "emergency": "Opened in an emergency: fire or break-glass",
    "found": "Found open when the station came to see the door",
    "unjudged": "Opened; no rules of entry were in force",
    "unknown": "Opened, and nothing explains it yet",
    "forced": "FORCED: opened without badge, lever or emergency",
}
DOOR_INPUTS = {
    "door": "The door's contact",
    "rex": "The lever's switch",
    "tamper": "The tamper loop",
    "fire": "The fire input",
}
DOUBTS = {
    "restart": "people were inside, or the door was open, when the station restarted",
    "door_lost": "the door could not be seen",
    "door_found_open": "the door stood open when it was seen again",
    "forced": "the door was forced",
    "emergency": "the door was free in an emergency",
    "exit_without_badge": "somebody left by the lever and showed no exit badge",
    "exit_not_used": "an exit badge was shown and the door stayed shut",
    "not_entered": "somebody left who had not been seen coming in",
}
NOT_USED = {
    "time": "nobody opened the door in time",
    "lockdown": "a lockdown came first",
    "emergency": "an emergency came first",
    "restart": "the station restarted first",
    "lost": "door or lock failed first",
    "withdrawn": "the right was withdrawn first",
}
ENDED = {
    "": "still inside",
    "badge": "exit badge",
    "estimate": "estimate: presumed out when the door shut after the lever",
    "count": "not there at a head count; when they left is not known",
    "unnamed": "a head count found another number than was presumed; whether they were still inside is not known",
    "again": "came in anew; when they left is not known",
    "record": "the journal ended; when they left is not known",
}
CLOCKS = {"rtc": "clock not synchronised", "unsynced": "clock NOT SET"}
THROUGHOUT = {
    "synced": "synchronised throughout",
    "rtc": "kept by the hardware clock throughout, not synchronised",
    "unsynced": "NOT SET throughout: no time here proves anything",
}


def why_denied(reason: str) -> str:
    """Why a badge opened nothing, as the screen said it."""
    return _as_on_screen(f"denied_{reason}", reason)


def why_refused(reason: str) -> str:
    """Why a card did nothing, as the screen said it."""
    return _as_on_screen(f"refused_{reason}", reason)


def _as_on_screen(key: str, reason: str) -> str:
    text = worded_phrase(Phrase(key), "en")
    return plain_reason(reason) if text == key else text


def plain_reason(reason: str) -> str:
    """A reason that this release has no words for."""
    return reason.replace("_", " ")


def why_uncertain(reason: str) -> str:
    """Why it is uncertain who is inside."""
    return DOUBTS.get(reason, plain_reason(reason))


def people_names(found: tuple[Who, ...]) -> str:
    """`Ana R. (associate), Sam T. (supervisor)`; empty for nobody."""
    return ", ".join(f"{who.name} ({who.role})" if who.role else who.name for who in found)


def duration_text(ms: int | None) -> str:
    """`6 s`, `28 min 04 s`, `2 h 03 min`; empty where it is not known."""
    if ms is None:
        return ""
    seconds = round(ms / 1000)
    if seconds < 60:
        return f"{ms / 1000:.1f} s" if ms < 10_000 else f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes} min {seconds:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def local_time(moment: Moment) -> str:
    """`2026-11-23 06:02:11`, in the station's own time."""
    return rfc3339(moment.wall_ms + moment.minutes * 60_000)[:19].replace("T", " ")


def local_iso(moment: Moment) -> str:
    """`2026-11-23T06:02:11.123-08:00`."""
    return rfc3339(moment.wall_ms + moment.minutes * 60_000)[:-1] + offset_text(moment.minutes)


def utc_time(moment: Moment) -> str:
    """`14:02:11Z`; with `+1 day` or `-1 day` where its date is not the local one."""
    text, here = rfc3339(moment.wall_ms), local_time(moment)
    days = "" if text[:10] == here[:10] else " +1 day" if text[:10] > here[:10] else " -1 day"
    return f"{text[11:19]}Z{days}"


def offset_text(minutes: int) -> str:
    """`-08:00`."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def stay_notes(stay: Stay) -> list[str]:
    """What must be known to read an entry rightly."""
    found = []
    if stay.visitors:
        found.append(f"escort of {stay.visitors} visitor{'s' if stay.visitors > 1 else ''}")
    if stay.ended != "badge" and stay.doubt:
        found.append(f"uncertain: {why_uncertain(stay.doubt)}")
    moments = (stay.entered, stay.left) if stay.left else (stay.entered,)
    return found + list(dict.fromkeys(CLOCKS[each.clock] for each in moments if each.clock in CLOCKS))


def clock_worth(log: Log) -> str:
    """What the times of the log are worth."""
    rows = [row.begin for row in (*log.refused, *log.door, *log.gaps)]
    stays = [moment for stay in log.stays for moment in (stay.entered, stay.left) if moment]
    found = {moment.clock for moment in (*rows, *stays, log.first, log.last) if moment}
    if len(found) == 1:
        [quality] = found
        return THROUGHOUT.get(quality, plain_reason(quality))
    return "not always synchronised: each row and the gaps below say when; where it was NOT SET a time proves nothing"


def local_and_utc(moment: Moment) -> str:
    """Local time and UTC: `2026-11-23 06:02:11 (14:02:11Z)`; once where they are one."""
    return f"{local_time(moment)} ({utc_time(moment)})" if moment.minutes else f"{local_time(moment)}Z"


def utc_iso(moment: Moment) -> str:
    """`2026-11-23T14:02:11.123Z`."""
    return rfc3339(moment.wall_ms)


def heads_inside(log: Log) -> str:
    """How many are inside, and how far that can be relied on."""
    inside = log.inside
    doubt = ", uncertain" if inside.uncertain else ""
    estimate = ", an estimate: nothing reads who leaves" if inside.estimate else ""
    return f"{inside.heads or 'nobody'}{doubt}{estimate}"


def door_times(found: Opening | None) -> str:
    """How the door moved for an entry."""
    if found is None:
        return ""
    if found.closed is None:
        return f"door open from {local_time(found.opened)[11:]}, not seen shut"
    times = f"door {local_time(found.opened)[11:]} to {later_time(found.closed, found.opened)}"
    return f"{times}, open {duration_text(found.open_ms) or 'for a time not known'}"


def lasted_text(row: Happening) -> str:
    """For how long a row lasted, or that it does still."""
    if row.lasts:
        return "lasts still"
    if row.end is None:
        return ""
    return duration_text(row.lasted_ms) or "for a time not known"


def day_heading(moment: Moment) -> str:
    """`Monday 2026-11-23`, of local time."""
    text = local_time(moment)[:10]
    return f"{DAYS[date.fromisoformat(text).weekday()]} {text}"


def utc_stamp(wall_ms: int) -> str:
    """A moment of which no local time is known."""
    return f"{rfc3339(wall_ms)[:19].replace('T', ' ')} UTC"


def later_time(moment: Moment, first: Moment) -> str:
    """The local time, with its date where that is another than of the first."""
    text = local_time(moment)
    return text[11:] if text[:10] == local_time(first)[:10] else text


def inside_for(stay: Stay) -> str:
    """How long somebody was inside, as far as that is known."""
    if stay.left is None:
        return ""
    if stay.ended == "unnamed":
        return "how long is not known"
    text = duration_text(lasted_ms(stay.entered, stay.left))
    return text if stay.ended == "badge" else f"at most {text}"


def row_remarks(row: Happening) -> str:
    """What was found out later, and what the clock was worth, where the row does not say that itself."""
    clock = "" if row.reason in CLOCKS else CLOCKS.get(row.begin.clock, "")
    return "; ".join(part for part in (row.remark, clock) if part)
