"""Keys that are lost or rotated away: nothing is made or approved without a word."""

from pathlib import Path

import pytest

from station.backoffice.sending.rosters import make_site_key, site_key
from station.backoffice.trust.keys import KeyNotApproved, rotation_text
from station.errors import UsageError
from station.sealing.note import SigningKey, sign
from tests.backoffice.test_cli import Desk, desk
from tests.backoffice.world import VAULT

__all__ = ["desk"]


def test_a_key_that_was_rotated_away_is_not_approved_again(desk: Desk) -> None:
    office, vault, old = desk.office, desk.vault, desk.vault.key
    office.approve(vault)
    new = SigningKey(old.name, 1, b"n" * 32)
    note = sign(rotation_text(vault.origin, str(new.verifier)), old).decode()
    vault.write(1, "key.rotated", key=str(new.verifier), note=note)
    office.take(vault.event(21), vault.checkpoint())

    result = desk.run("approve", VAULT, str(old.verifier))
    assert (result.exit_code, "was rotated away at event 21" in result.output) == (2, True)
    with pytest.raises(KeyNotApproved, match="rotated away"):
        office.receiver.approve_key(VAULT, old.verifier)
    assert "was approved before" in desk.run("approve", VAULT, str(new.verifier)).output


def test_a_lost_site_key_is_not_made_anew_by_sending_a_roster(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is not there; must be the site's key that the stations have"):
        site_key(tmp_path / "site.key")
    assert list(tmp_path.iterdir()) == []


def test_init_says_of_each_key_that_it_made_it(desk: Desk) -> None:
    first = desk.run("init")
    assert "site.key: new; where the stations know another one" in first.stderr
    assert "w.key" not in first.stderr
    (desk.folder / "c.key").unlink()
    assert desk.run("init").stderr.count("made ") == 1
    assert not make_site_key(desk.folder / "here" / "site.key")
