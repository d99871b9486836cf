"""The names of all MQTT topics of a station, and what may stand in them."""

import re

from station.domain.commands.verbs import EVERY_STATION

NAME_CHARACTERS_MAX = 31
"""Of a site and of a station: together with the slash they fit the 64 characters of a certificate's common name."""

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}"
_NAME = re.compile(NAME_PATTERN, re.ASCII)
_LEVEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


class NameRefused(ValueError):
    """A name that may not stand in a topic; the text says where it was, what is allowed and what to do."""


def check_name(where: str, text: str) -> str:
    """Return a site's or station's name unchanged, or raise `NameRefused` naming `where` it stands."""
    if not _NAME.fullmatch(text):
        raise NameRefused(
            f"{where} = {text[:80]!r}: must be 1..{NAME_CHARACTERS_MAX} of A-Z a-z 0-9 . _ - and begin with a letter "
            "or digit; it is a level of every MQTT topic"
        )
    return text


def check_station_name(where: str, text: str) -> str:
    """As `check_name`, and not the word that means every station."""
    if text == EVERY_STATION:
        raise NameRefused(f"{where} = {text!r}: stands for every station of the site; choose another name")
    return check_name(where, text)


def check_level(where: str, text: str) -> str:
    """Return one level of a topic unchanged, or raise `NameRefused`: no slash, no wildcard, at most 64 characters."""
    if not _LEVEL.fullmatch(text):
        raise NameRefused(f"{where} {text[:80]!r}: must be 1..64 of A-Z a-z 0-9 . _ -; it is one level of a topic")
    return text


class Mailbox:
    """Where a station is spoken to and answers; with `EVERY_STATION` all of a site are spoken to."""

    def __init__(self, site: str, station: str) -> None:
        of_site = f"custody/v1/{check_name('site', site)}"
        self.base = f"{of_site}/{check_name('station', station)}"
        self.answering = f"{of_site}/+" if station == EVERY_STATION else self.base
        """The base below which answers come, to subscribe to."""

    def command_topic(self, verb: str) -> str:
        """Where the back office sends a command."""
        return f"{self.base}/command/{check_level('command', verb)}"

    def chunk_topic(self, sha256: str) -> str:
        """Where the back office sends a chunk of a command's body, named by its SHA-256 in hex."""
        return f"{self.base}/chunk/{check_level('chunk', sha256)}"

    def reply_topic(self, caller: str) -> str:
        """Where the answer to a caller's command goes."""
        return f"{self.base}/reply/{check_level('caller', caller)}"


class Topics(Mailbox):
    """Topics below `custody/v1/<site>/<station>/`; every part that comes from outside is checked."""

    def __init__(self, site: str, station: str) -> None:
        super().__init__(check_name("[station] site", site), check_station_name("[station] name", station))
        self.identity = f"{site}/{station}"
        """`<site>/<station>`: the MQTT client id, and the common name of the station's certificate."""
        self.state = f"{self.base}/state"
        self.info = f"{self.base}/info"
        self.health = f"{self.base}/health"
        self.checkpoint = f"{self.base}/checkpoint"
        self.withheld = f"{self.base}/withheld"
        self.resend = f"{self.base}/resend"
        self.acks = f"{self.base}/ack/+"
        self.alerts = f"{self.base}/alert/+/+"
        self.every = Mailbox(site, EVERY_STATION).base
        """The base of the topics that every station of the site reads."""

    def event_topic(self, type_name: str) -> str:
        """Where leaves of this event type go."""
        return f"{self.base}/event/{check_level('event type', type_name)}"

    def alert_topic(self, code: str, instance: str) -> str:
        """Where one live fault stands, retained."""
        return f"{self.base}/alert/{check_level('alert code', code)}/{check_level('alert instance', instance)}"

    def ack_topic(self, witness: str) -> str:
        """Where a witness leaves the newest checkpoint that it cosigned."""
        return f"{self.base}/ack/{check_level('witness', witness)}"

    def witness_of(self, topic: str) -> str | None:
        """The witness whose topic this is, or None."""
        base, _, witness = topic.rpartition("/")
        return witness if base == f"{self.base}/ack" else None

    def is_alert(self, topic: str) -> bool:
        """Whether one of our own live faults stands there."""
        return topic.startswith(f"{self.base}/alert/")
