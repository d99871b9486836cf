"""Who there is at the simulated vault: a roster, its people's badges, and the site's key that the badges go by."""

import os
import secrets
import time
from pathlib import Path

import msgspec

from station.domain.identifiers.badge_number import SITE_KEY_BYTES

BADGES = {
    "ana": "26:12:3456",
    "ana2": "26:12:3460",
    "ben": "26:12:3457",
    "cleo": "26:12:3458",
    "sam": "26:12:3459",
    "lost": "26:12:3461",
    "stranger": "26:99:1",
}
"""Names of badges -> their numbers. `ana2` is another card of Ana's; `lost` was revoked; nobody knows `stranger`."""
VALID_S = 30 * 86_400
_PEOPLE = (
    ("ana", "Ana R.", "associate", ("ana", "ana2")),
    ("ben", "Ben O.", "associate", ("ben",)),
    ("cleo", "Cleo M.", "associate", ("cleo",)),
    ("sam", "Sam T.", "supervisor", ("sam",)),
)
SIDES = ("outside", "inside", "desk")


def roster_file(version: int) -> bytes:
    """A roster file as `station import roster` takes it, good for a month."""
    people = [
        {"id": id, "name": name, "roles": [role], "badges": [BADGES[badge] for badge in badges]}
        for id, name, role, badges in _PEOPLE
    ]
    not_after = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + VALID_S))
    return msgspec.json.encode(
        {"roster": version, "not_after": not_after, "people": people, "revoked": [BADGES["lost"]]}
    )


def make_site_key(path: Path) -> None:
    """A key of this station's own, 0600, where there is none yet; it is shown to nobody."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SITE_KEY_BYTES) + "\n")
