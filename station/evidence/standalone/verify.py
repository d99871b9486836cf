#!/usr/bin/env python3
"""Check a bundle of a custody station, with Python 3.10 or newer and nothing else installed.

    python3 verify.py BUNDLE.zip --fingerprint "1f2e 3d4c ..." --witness "office+0a1b2c3d+BC..."

or, within an unpacked bundle, `python3 verify.py`. Exit code 0: what is said holds.
6: something is wrong, and named.

What is proof: the events. Each is a leaf of a Merkle tree (RFC 6962); its proof in proofs.json leads to the root that
stands in checkpoint.txt, which the station signed with Ed25519 (RFC 8032, C2SP signed-note, tlog-checkpoint), and which
witnesses cosigned (C2SP tlog-cosignature). What is no proof: index.html, README.txt and this file are held to
contents.txt by a checksum only; whoever changes them on purpose changes contents.txt too. So the fingerprint and the
witness's key must come from paper or from the witness, and this program best from its publisher.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
import time
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

CONTENTS = "contents.txt"
FIXED = ("README.txt", "checkpoint.txt", CONTENTS, "index.html", "key.txt", "proofs.json", "verify.py")
EVENT = re.compile(r"events/([0-9]{12})\.json", re.ASCII)
STATION_KEY, WITNESS_KEY = 1, 4  # signature types of C2SP signed-note: Ed25519, and a timestamped cosignature


class Fault(Exception):
    """What is wrong: the file, and why."""


@contextmanager
def within(name: str) -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        raise Fault(f"{name}: {fault}") from None


# -- Ed25519, RFC 8032, section 5.1: points as (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z --

Point = tuple[int, int, int, int]
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def added(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = added(total, point)
        point = added(point, point)
        number >>= 1
    return total


def decoded(raw: bytes) -> Point | None:
    """The point of these 32 bytes; None where they are the (one) encoding of no point."""
    number = int.from_bytes(raw, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if len(raw) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def encoded(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def point_of(public: bytes) -> Point | None:
    """The point of a public key; None where it is none, or of small order: then anybody can sign for it."""
    point = decoded(public)
    return None if point is None or encoded(times(8, point)) == encoded((0, 1, 1, 0)) else point


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is that of the public key over the message."""
    point, s = point_of(public), int.from_bytes(signature[32:], "little")
    if point is None or len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    minus_point = (P - point[0], point[1], point[2], P - point[3])
    return encoded(added(times(s, BASE), times(k, minus_point))) == signature[:32]


# -- the Merkle tree, RFC 6962, section 2.1 --


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def root_by_proof(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root to which the proof leads (RFC 9162, section 2.1.3.2); raise Fault for one of another length."""
    found, at, last = sha256(b"\x00" + leaf), index, size - 1
    if not 0 <= index < size:
        raise Fault("is not among the events that the checkpoint covers")
    for other in proof:
        if last == 0:
            raise Fault("its proof is too long")
        if at & 1 or at == last:
            found = sha256(b"\x01" + other + found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + other)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Fault("its proof is too short")
    return found


# -- signed notes and checkpoints, C2SP signed-note, tlog-checkpoint, tlog-cosignature --


class Key(NamedTuple):
    """A verifier key, `<name>+<key ID>+<base64>`."""

    name: str
    algorithm: int
    public: bytes

    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public)[:4]

    def fingerprint(self) -> str:
        text = sha256(bytes([self.algorithm]) + self.public).hex()
        return " ".join(text[at : at + 4] for at in range(0, 64, 4))


class Checkpoint(NamedTuple):
    """Signed: the log `origin` of `size` events has this root. `lines` are (key's name, key ID, signature)."""

    text: str
    origin: str
    size: int
    root: bytes
    lines: list[tuple[str, bytes, bytes]]


def from_base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if not raw or base64.b64encode(raw).decode() != text:
        raise Fault(f"{text[:60]!a} is not base64")
    return raw


def parse_key(text: str, algorithm: int) -> Key:
    """Read a verifier key of this signature type."""
    name, key_id, raw = [*text.split("+", 2), "", ""][:3]
    material = from_base64(raw)
    key = Key(name, algorithm, material[1:])
    if material[0] != algorithm or point_of(key.public) is None or key.key_id().hex() != key_id:
        raise Fault(f"{text[:60]!a}: must be <name>+<its key ID>+<base64> of an Ed25519 key of type {algorithm}")
    return key


def parse_checkpoint(raw: bytes) -> Checkpoint:
    """Read a signed checkpoint; verifies nothing."""
    note = raw.decode("utf-8", "replace")
    if note.encode() != raw or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise Fault("is not UTF-8 without control characters")
    text = re.match(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)\n", note)
    below = note[text.end() :].split("\n") if text else []
    lines = [re.fullmatch(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)", line) for line in below[:-1]]
    if not text or not 0 < len(lines) <= 100 or below[-1] or None in lines:
        raise Fault("is no signed checkpoint: an origin, a size, a root, and signatures")
    signed = [(line[1], from_base64(line[2])) for line in lines if line]
    split = [(name, signature[:4], signature[4:]) for name, signature in signed]
    return Checkpoint(note[: text.end() - 1], text[1], int(text[2]), from_base64(text[3]), split)


def signatures_by(checkpoint: Checkpoint, key: Key) -> list[bytes]:
    """The signatures of this key, each verified; raise Fault where one of them is wrong or there is none."""
    found = [signature for name, key_id, signature in checkpoint.lines if (name, key_id) == (key.name, key.key_id())]
    if not found:
        raise Fault(f"is not signed by {ascii(key.name)[1:-1]}")
    for signature in found:
        message, cut = checkpoint.text.encode(), 0
        if key.algorithm == WITNESS_KEY:  # the signature follows upon eight bytes of time
            message, cut = b"cosignature/v1\ntime %d\n" % int.from_bytes(signature[:8], "big") + message, 8
        if not ed25519_holds(key.public, message, signature[cut:]):
            raise Fault(f"the signature of {ascii(key.name)[1:-1]} is wrong")
    return found


# -- the zip: stored, in order of names, without dates; there is one zip of the same files, byte for byte --


def zip_bytes(files: dict[str, bytes]) -> bytes:
    """The zip of these files. The format: PKWARE APPNOTE.TXT, 4.3.7, 4.3.12, 4.3.16."""
    body, directory = bytearray(), bytearray()
    for name, content in sorted(files.items()):
        raw, size = name.encode("latin-1"), len(content)
        common = struct.pack("<5H3I2H", 20, 0, 0, 0, 33, zlib.crc32(content), size, size, len(raw), 0)
        rest = struct.pack("<3H2I", 0, 0, 0, 0o100644 << 16, len(body))
        directory += b"PK\x01\x02" + struct.pack("<H", 0x0314) + common + rest + raw
        body += b"PK\x03\x04" + common + raw + content
    counts = (len(files), len(files), len(directory), len(body))
    return bytes(body + directory) + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, *counts, 0)


def read_zip(raw: bytes) -> dict[str, bytes]:
    """The files of a zip that is written in just that way; raise Fault for any other."""
    files: dict[str, bytes] = {}
    at = 0
    while raw[at : at + 4] == b"PK\x03\x04" and len(raw) >= at + 30 and len(files) < 65_535:
        size, _, name_size = struct.unpack("<2IH", raw[at + 18 : at + 28])
        name = raw[at + 30 : at + 30 + name_size].decode("latin-1")
        name += " (again)" if name in files else ""
        files[name] = raw[at + 30 + name_size : at + 30 + name_size + size]
        at += 30 + name_size + size
    made = zip_bytes(files)
    if raw != made:
        first = bisect_left(range(len(raw)), True, key=lambda at: raw[: at + 1] != made[: at + 1])
        where = f"zip: from byte {first} of {len(raw)} on it is not as a bundle's zip is written"
        raise Fault("\n".join([*contents_faults(files), where]))
    return files


def read_bundle(path: Path) -> dict[str, bytes]:
    """The files of a bundle, zipped or unpacked."""
    if not path.is_dir():
        return read_zip(path.read_bytes())
    found = [each for each in sorted(path.rglob("*")) if each != path / "events"]
    if strange := [each.name for each in found if each.is_symlink() or not each.is_file()]:
        raise Fault(f"{strange[0]!a}: is not a file of a bundle")
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in found}


# -- the bundle --


def contents_text(files: dict[str, bytes]) -> bytes:
    """The SHA-256 of every other file, as `sha256sum` writes and checks them."""
    return "".join(f"{sha256(files[name]).hex()}  {name}\n" for name in sorted(files) if name != CONTENTS).encode()


def contents_faults(files: dict[str, bytes]) -> list[str]:
    """What is missing, what does not belong there, and what is not as contents.txt says."""
    told = dict.fromkeys(files.get(CONTENTS, b"").decode("ascii", "replace").split("\n"))
    strange = sorted(name for name in files if name not in FIXED and not EVENT.fullmatch(name))
    missing = sorted({*FIXED, *(line[66:] for line in told if EVENT.fullmatch(line[66:]))} - files.keys())
    faults = [f"{name!a}: does not belong here" for name in strange] + [f"{name}: is missing" for name in missing]
    for name in sorted(files.keys() - {CONTENTS, *strange}):
        if f"{sha256(files[name]).hex()}  {name}" not in told:
            faults.append(f"{name}: its bytes are not those in {CONTENTS}")
    if not faults and files[CONTENTS] != contents_text(files):
        faults.append(f"{CONTENTS}: is not as a bundle's is written")
    return faults


class Report(NamedTuple):
    """What holds of a bundle: who cosigned it when, in seconds since 1970; `events` are (seq, time, type, subject)."""

    checkpoint: Checkpoint
    key: Key
    is_confirmed: bool
    witnessed: list[tuple[str, int]]
    events: list[tuple[int, str, str, str]]


def check(files: dict[str, bytes], fingerprint: str = "", witnesses: tuple[Key, ...] = ()) -> Report:
    """Check what a bundle swears to; raise Fault with what is wrong, one a line."""
    if faults := contents_faults(files):
        raise Fault("\n".join(faults))
    with within("key.txt"):
        key = parse_key(files["key.txt"].decode("utf-8", "replace").rstrip("\n"), STATION_KEY)
        if fingerprint and re.sub(r"[\s:-]", "", fingerprint).lower() != key.fingerprint().replace(" ", ""):
            raise Fault(f"its fingerprint is {key.fingerprint()}; must be {fingerprint!a}")
    with within("checkpoint.txt"):
        checkpoint = parse_checkpoint(files["checkpoint.txt"])
        signatures_by(checkpoint, key)
        if checkpoint.origin.rpartition("/")[0] != key.name:
            raise Fault(f"is of {checkpoint.origin!a}; the key is of {key.name!a}")
        stamps = [(witness.name, signatures_by(checkpoint, witness)[-1][:8]) for witness in witnesses]
    witnessed = [(name, int.from_bytes(stamp, "big")) for name, stamp in stamps]
    return Report(checkpoint, key, bool(fingerprint), witnessed, check_events(files, checkpoint))


def check_events(files: dict[str, bytes], checkpoint: Checkpoint) -> list[tuple[int, str, str, str]]:
    """Hold each event to the checkpoint's root by its proof."""
    proofs = read_proofs(files["proofs.json"], checkpoint.size)
    found = []
    for name in sorted(files):
        if match := EVENT.fullmatch(name):
            with within(name):
                seq = int(match[1])
                if root_by_proof(files[name], seq, checkpoint.size, proofs.pop(seq, [])) != checkpoint.root:
                    raise Fault("is not the event that the checkpoint covers")
                found.append(read_leaf(files[name], seq, checkpoint.origin))
    if proofs or not found:
        raise Fault(f"proofs.json: proves events that are not there: {sorted(proofs)[:5]}")
    return found


def read_proofs(raw: bytes, size: int) -> dict[int, list[bytes]]:
    """The proofs, by the seq of their event: `{"size": N, "proofs": {"<seq>": ["<hash in hex>"]}}`."""
    try:
        told = json.loads(raw)
        proofs = {int(seq): [bytes.fromhex(each) for each in proof] for seq, proof in told["proofs"].items()}
        if told["size"] == size:
            return proofs
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        pass
    raise Fault(f"proofs.json: must be the proofs for the size of the checkpoint, {size}")


def read_leaf(leaf: bytes, seq: int, origin: str) -> tuple[int, str, str, str]:
    """What an event says of itself: seq, time, type, subject."""
    try:
        told = json.loads(leaf)
        place = f"{told['source']}/{told['epoch']}", told["sequence"]
        found = seq, str(told["time"]), str(told["type"]), str(told.get("subject", ""))
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        raise Fault("is no event: must be a CloudEvents object of a station") from None
    if place != (f"/{origin}", f"{seq:012d}"):
        raise Fault(f"says that it is {place!a}; must be of {origin!a}, at {seq}")
    return found


def account(report: Report) -> list[str]:
    """What holds, in plain words."""
    seqs, name = [seq for seq, *_ in report.events], ascii(report.checkpoint.origin)[1:-1]
    is_whole = len(seqs) == seqs[-1] - seqs[0] + 1
    lines = [
        f"checkpoint of {name}, over {report.checkpoint.size} events: the station's signature holds",
        f"events     {len(seqs)} from {seqs[0]} to {seqs[-1]}, each proved by the checkpoint; "
        + ("none between them is left out" if is_whole else "a selection: others between them are not in this bundle"),
    ]
    for witness, at_s in report.witnessed:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(at_s, 2**37)))
        lines.append(f"witness    {ascii(witness)[1:-1]} cosigned the checkpoint at {at}")
    if not report.witnessed:
        lines.append("witness    NONE CHECKED: whoever has the station's key could have made this; give --witness KEY")
    if report.is_confirmed:
        return [*lines, f"key        confirmed: {report.key.fingerprint()}"]
    lines.append("KEY NOT CONFIRMED: anybody can make a bundle with a key of his own. Compare with the signed paper,")
    return [*lines, f"or give its --fingerprint; the key in this bundle has {report.key.fingerprint()}"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Check a bundle of a custody station.")
    parser.add_argument("bundle", nargs="?", type=Path, help="a zip, or an unpacked folder; else where this file lies")
    parser.add_argument("--fingerprint", default="", help="of the station's key, from the signed paper")
    parser.add_argument("--witness", action="append", default=[], metavar="KEY", help="a witness's verifier key")
    parser.add_argument("--events", action="store_true", help="list the events that are proved")
    asked = parser.parse_args()
    try:
        with within("--witness"):
            witnesses = tuple(parse_key(text, WITNESS_KEY) for text in asked.witness)
        report = check(read_bundle(asked.bundle or Path(__file__).parent), asked.fingerprint, witnesses)
    except (Fault, OSError) as fault:
        for line in str(fault).split("\n")[:20]:
            print(f"FAULT: {line}")
        print("This bundle does not hold.")
        return 6
    print("\n".join(account(report)))
    for seq, *told in report.events if asked.events else []:
        print(f"{seq:>7} {ascii(' '.join(told))[1:-1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
