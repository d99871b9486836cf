"""The station's signing key: made at first start, read by the service only, named after the station.

It stands in the data directory, or comes as a systemd credential of the same name (LoadCredential=, for a station
whose key was made at enrolment). A new key that was sworn to but not yet put in place stands beside it.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from station.errors import IntegrityError, StationError
from station.journal import durably
from station.sealing.note import KeyRefused, SigningKey, VerifierKey, sign

NAME = "station.key"
NEXT_NAME = "station.key.next"


class RotationRefused(StationError):
    """The station's key stays as it is."""


def key_name(site: str, station: str) -> str:
    """The name that stands in the station's signatures: `custody/<site>/<station>`."""
    return f"custody/{site}/{station}"


def station_key(directory: Path, name: str) -> SigningKey:
    """The key of the station called `name`, made where there is none; raise `IntegrityError` for one that is none."""
    credential = Path(os.environ.get("CREDENTIALS_DIRECTORY", "")) / NAME
    if "CREDENTIALS_DIRECTORY" in os.environ and credential.exists():
        return read_key(credential, name)
    if not (directory / NAME).exists():
        directory.mkdir(parents=True, exist_ok=True)
        write_key(directory / NAME, SigningKey.generate(name))
    return read_key(directory / NAME, name)


def offer_next(directory: Path, present: SigningKey, origin: str) -> tuple[str, str]:
    """Make the next key and lay it beside the present one; its verifier key, and the note that vouches for it.

    Raise `RotationRefused` where it cannot be put in place later, or another is under way.
    """
    if not (directory / NAME).exists():
        raise RotationRefused("the key is a credential of systemd: rotate it where it is kept, then restart")
    if (directory / NEXT_NAME).exists():
        raise RotationRefused("a rotation is under way; wait until it is recorded, or restart the station")
    made = SigningKey.generate(present.name)
    write_key(directory / NEXT_NAME, made)
    text = f"custody-station key rotation\n{origin}\n{made.verifier}\n"
    return str(made.verifier), sign(text.encode(), present).decode()


def put_in_place(directory: Path, sworn: str) -> SigningKey:
    """The key of this verifier key, sworn to by now, becomes the station's; raise `IntegrityError` without it."""
    name = VerifierKey.parse(sworn).name
    made = read_key(directory / NEXT_NAME, name)
    if str(made.verifier) != sworn:
        raise IntegrityError(f"{directory / NEXT_NAME}: is not the key that was sworn to; must be {sworn}")
    (directory / NEXT_NAME).replace(directory / NAME)
    durably.sync_directory(directory)
    return made


def settle_rotation(directory: Path, present: SigningKey, keys: Sequence[str]) -> SigningKey:
    """The key to go on with after a start: a rotation that was sworn to is ended, any other is forgotten."""
    if not (directory / NEXT_NAME).exists():
        return present
    if keys and keys[-1] == str(read_key(directory / NEXT_NAME, present.name).verifier):
        return put_in_place(directory, keys[-1])
    (directory / NEXT_NAME).unlink()
    return present


def read_key(path: Path, name: str) -> SigningKey:
    """The key in this file; its text is never told."""
    try:
        key = SigningKey.parse(path.read_text(encoding="ascii").strip())
    except (KeyRefused, UnicodeDecodeError) as error:
        raise IntegrityError(f"{path}: {error}; restore it, or move it away and a new one is made") from None
    if key.name != name:
        raise IntegrityError(f"{path}: is the key of {key.name}; must be that of {name}; a station's key is its own")
    return key


def write_key(path: Path, key: SigningKey) -> None:
    """Put a key into a file that only its owner reads: on the disk when this returns."""
    durably.write_durably(path, f"{key.encode_private()}\n".encode("ascii"))
