"""The end that is sworn to: two different people sign the digest of what the list holds."""

import base64
import hashlib
import json

import pytest

from station.domain.core.conditions import Conditions
from station.domain.core.view import Phrase
from station.domain.session.events import SessionSigned
from station.domain.session.signing import digest_of
from station.domain.session.state import Phase
from station.domain.station.viewing import view
from station.sealing.merkle import leaf_hash
from tests.session.play import SessionPlayer, at_desk, moving

MOVED = """
    2.0 gun scans A             -> session.scanned | counted
        gun card location Floor -> session.located, move.recorded | noted
"""
SIGNED_ONCE = (
    MOVED
    + """
    3.0 badge ana desk -> session.identified actors=ana | noted
        gun card sign  -> session.signed actors=ana by=badge | noted
"""
)


def sworn(player: SessionPlayer) -> str:
    """The digest, of the leaves alone: all that name the list, from opened to the last before the first signature."""
    hashes = b""
    for leaf in player.stamping.leaves:
        told = json.loads(leaf)
        if told["type"] == "session.signed":
            break
        hashes += leaf_hash(leaf) if told["data"].get("session") == "M000001" else b""
    return hashlib.sha256(hashes).hexdigest()


def signatures(player: SessionPlayer) -> list[SessionSigned]:
    return [recorded.event for recorded in player.stamping.recorded if isinstance(recorded.event, SessionSigned)]


def test_two_people_sign_the_same_digest_and_the_list_closes_by_itself() -> None:
    player = at_desk(
        SIGNED_ONCE
        + """
        4.0  badge ben desk -> session.identified actors=ben | noted
             gun card pause -> session.paused | noted
             gun card resume -> session.resumed | noted
             gun card sign  -> session.signed actors=ben by=badge, session.closed packages=1 | noted
        """
    )
    assert player.station.moves.phase is Phase.IDLE
    assert [signed.digest for signed in signatures(player)] == [sworn(player)] * 2


def test_the_digest_that_is_shown_is_the_one_that_is_signed() -> None:
    player = at_desk(SIGNED_ONCE)
    shown = view(player.station, Conditions(), player.station.at)
    digest = base64.b32encode(bytes.fromhex(sworn(player))).decode()[:8]
    assert shown.detail == Phrase("signed_by", (digest, "ana"))
    assert shown.instruction == Phrase("second_signs")


def test_the_digest_is_over_the_leaf_hashes_in_their_order() -> None:
    assert digest_of([b"a", b"b"]) == hashlib.sha256(b"ab").hexdigest()


def test_the_same_person_signs_no_second_time() -> None:
    at_desk(
        SIGNED_ONCE
        + """
        4.0 gun card sign   -> scan.refused reason=no_badge | refused
            badge ana2 desk -> session.identified actors=ana | noted
            gun card sign   -> scan.refused reason=refusals_unseen | refused
            gun card seen   -> scan.refusals_seen | noted
            gun card sign   -> scan.refused reason=same_person | refused
        """
    )


def test_after_the_first_signature_nothing_is_edited() -> None:
    at_desk(
        SIGNED_ONCE
        + """
        4.0 gun scans B              -> scan.refused reason=signed | refused
            gun card location Dock   -> scan.refused reason=signed text=Dock | refused
            gun card undo            -> scan.refused reason=signed text=undo | refused
            gun card digit 3         -> scan.refused reason=signed | refused
            gun card clear           -> scan.refused reason=signed | refused
            gun card enter           -> scan.refused reason=signed | refused
            keypad keys 3            -> scan.refused reason=signed | refused
        """
    )


def test_a_badge_counts_for_half_a_minute() -> None:
    at_desk(
        MOVED
        + """
        3.0    badge ana desk -> session.identified | noted
        33.0   gun card sign  -> session.signed actors=ana | noted
        40.0   badge ben desk -> session.identified | noted
        70.001 gun card sign  -> scan.refused reason=no_badge | refused
        """
    )


def test_nothing_is_signed_that_is_still_open() -> None:
    at_desk(
        """
        2.0 gun scans A        -> session.scanned | counted
            badge ana desk     -> session.identified | noted
            gun card sign      -> scan.refused reason=not_put_down | refused
            gun card seen      -> scan.refusals_seen | noted
            gun card pause     -> session.paused | noted
            gun card sign      -> scan.refused reason=paused | refused
        """
    )


def test_printed_cards_sign_where_there_is_no_reader() -> None:
    player = moving(
        MOVED
        + """
        3.0 gun card sign       -> scan.refused reason=no_badge | refused
            gun card seen       -> scan.refusals_seen | noted
            gun card person ana -> session.identified | noted
            gun card sign       -> session.signed actors=ana by=card | noted
            gun card person ben -> session.identified actors=ben by=card | noted
            gun card sign       -> session.signed actors=ben by=card, session.closed | noted
        """
    )
    assert {signed.digest for signed in signatures(player)} == {sworn(player)}


@pytest.mark.parametrize("cut_before", ["badge ben", "gun card sign  -> session.signed actors=ben"])
def test_a_power_cut_between_the_signatures_changes_no_digest(cut_before: str) -> None:
    rest = """
        5.0 badge ben desk -> session.identified actors=ben | noted
            gun card sign  -> session.signed actors=ben by=badge, session.closed | noted
        """
    cut = "5.0 start -> station.started clean=False\n"
    if cut_before.startswith("gun"):
        rest = rest.replace("gun card sign", "badge ben desk -> session.identified | noted\n gun card sign")
        cut = "4.0 badge ben desk -> session.identified actors=ben | noted\n" + cut
    player = at_desk(SIGNED_ONCE + cut + rest)
    assert [signed.digest for signed in signatures(player)] == [sworn(player)] * 2
