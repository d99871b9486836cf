"""What verification found, in plain lines for people; and the sheet that two of them sign."""

import base64
import hashlib

from station.domain.station.leaf import rfc3339
from station.evidence.bundle import SealedCheckpoint, verifier_source
from station.evidence.verify import Verified

LINE = "Name _______________________  Signature _____________________  Date __________"


def account_lines(found: Verified) -> list[str]:
    """Tell what holds, line by line, the verdict first."""
    of_what = f"{found.kind}: " if found.kind != "journal" else ""
    epoch = f"epoch {found.epoch}: " if found.epoch else ""
    if found.fault:
        held = f"{epoch}{found.events} events hold, then " if found.kind != "bundle" else ""
        return [of_what + held + found.fault]
    whole = "a selection, each in itself as published" if found.is_selection else "chain verified"
    if found.kind == "bundle":
        whole = "each proved by the checkpoint" + (", others between them left out" if found.is_selection else "")
    told = [f"{of_what}{epoch}{found.events} events, {whole}"]
    if found.pruned:
        told.append(f"events 0 to {found.pruned - 1} were pruned: their hashes stand for them")
    return [*told, *_sealed_lines(found), *_witnessed_lines(found), *_outside_lines(found), *_key_lines(found)]


def _sealed_lines(found: Verified) -> list[str]:
    if not found.checkpoints:
        return ["no checkpoint: nothing is signed here"]
    signed = "signed" if found.fingerprint else "NOT CHECKED FOR THEIR SIGNATURE, for want of a key; give --key"
    after = found.events - found.sealed if found.kind == "journal" else 0
    beyond = f"; then {after} not yet under one" if after else ""
    count = f"{found.checkpoints} checkpoints" if found.checkpoints > 1 else "1 checkpoint"
    return [f"{count}, up to {found.sealed} events, {signed}{beyond}"]


def _witnessed_lines(found: Verified) -> list[str]:
    told = [
        f"witnessed up to {each.size} events by {each.witness}"
        + (
            f" at {rfc3339(each.at_s * 1000)[:19]}Z"
            if each.at_s
            else ", NOT CHECKED for want of its key; give --witness"
        )
        for each in found.witnessed
    ]
    if found.kind == "journal" and found.checkpoints:
        rest = found.events - max((each.size for each in found.witnessed), default=0)
        told.append(f"then {rest} not yet witnessed" if told else "not witnessed: whoever has the key can rewrite it")
    return told


def _outside_lines(found: Verified) -> list[str]:
    return [f"the checkpoint in {name} holds" for name in found.outside]


def _key_lines(found: Verified) -> list[str]:
    if not found.fingerprint:
        return []
    if found.is_key_confirmed:
        return [f"key confirmed: {found.fingerprint}"]
    return [f"KEY NOT CONFIRMED: compare its fingerprint with the paper: {found.fingerprint}"]


def signing_sheet(sealed: SealedCheckpoint) -> str:
    """The newest checkpoint on one page of 80 columns, for two people to sign."""
    checkpoint, groups = sealed.checkpoint, sealed.key.fingerprint.split()
    rows = "\n".join("    " + "  ".join(groups[at : at + 4]) for at in range(0, 16, 4))
    digest = hashlib.sha256(verifier_source()).hexdigest()
    return f"""\
CUSTODY CHECKPOINT

{checkpoint.origin}
{checkpoint.size}
{base64.b64encode(checkpoint.root).decode()}

The three lines above are the station's whole journal up to event {checkpoint.size - 1}: no
earlier event can be changed, added or left out without another third line.

Fingerprint of the station's key

{rows}

SHA-256 of verify.py, the program that checks bundles

    {digest[:32]}
    {digest[32:]}

We saw the station print this, and keep this paper where its owner cannot
replace it.


{LINE}


{LINE}
"""


def signing_sheet_json(sealed: SealedCheckpoint) -> dict[str, object]:
    """The sheet's content for a program; `note` is the signed note."""
    return {
        "origin": sealed.checkpoint.origin,
        "size": sealed.checkpoint.size,
        "root": base64.b64encode(sealed.checkpoint.root).decode(),
        "note": sealed.note.decode(),
        "key": str(sealed.key),
        "fingerprint": sealed.key.fingerprint,
        "verifier_sha256": hashlib.sha256(verifier_source()).hexdigest(),
    }
