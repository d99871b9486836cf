"""Levels: what has to be told, and when it is forgotten."""

import pytest

from station.relay.outgoing import KINDS_MAX, WhyWithheld, WithheldAlerts
from station.relay.publications import ALERTS_MAX, LOST, STOPPED, Publications
from station.relay.topics import Topics

BASE = "custody/v1/greenleaf-414/vault-1"


@pytest.fixture
def publications() -> Publications:
    return Publications(Topics("greenleaf-414", "vault-1"))


def tell(publications: Publications) -> dict[str, bytes]:
    told = dict(publications.changed_publications())
    for topic, payload in told.items():
        publications.mark_told(topic, payload)
        publications.mark_confirmed(topic, payload)
    return {topic.removeprefix(f"{BASE}/"): payload for topic, payload in told.items()}


def test_each_level_is_told_once_until_it_changes(publications: Publications) -> None:
    publications.want_state("ready")
    publications.want_info({"epoch": "E"})
    assert tell(publications) == {"state": b'{"state":"ready"}', "info": b'{"epoch":"E"}'}
    assert tell(publications) == {}
    publications.want_state("ready")
    publications.want_state("degraded")
    assert tell(publications) == {"state": b'{"state":"degraded"}'}


def test_a_new_connection_is_told_everything(publications: Publications) -> None:
    publications.want_state("ready")
    publications.want_alerts({"a/b": {"cure": "c"}})
    tell(publications)
    publications.tell_all_again()
    assert tell(publications) == {"state": b'{"state":"ready"}', "alert/a/b": b'{"cure":"c"}'}


def test_a_fault_that_is_gone_is_cleared_and_then_forgotten(publications: Publications) -> None:
    publications.want_alerts({"a/b": {"cure": "c"}, "a/d": {"cure": "e"}})
    tell(publications)
    publications.want_alerts({"a/d": {"cure": "e"}})
    assert tell(publications) == {"alert/a/b": b""}
    publications.tell_all_again()
    assert tell(publications) == {"alert/a/d": b'{"cure":"e"}'}


def test_a_clearing_that_was_lost_with_its_connection_is_told_again(publications: Publications) -> None:
    publications.want_alerts({"a/b": {"cure": "c"}})
    tell(publications)
    publications.want_alerts({})
    for topic, payload in publications.changed_publications():
        publications.mark_told(topic, payload)
    publications.tell_all_again()
    assert tell(publications) == {"alert/a/b": b""}


def test_a_fault_that_is_back_before_its_clearing_was_answered_stays(publications: Publications) -> None:
    publications.want_alerts({"a/b": {"cure": "c"}})
    tell(publications)
    publications.want_alerts({})
    cleared = list(publications.changed_publications())
    for topic, payload in cleared:
        publications.mark_told(topic, payload)
    publications.want_alerts({"a/b": {"cure": "c"}})
    for topic, payload in cleared:
        publications.mark_confirmed(topic, payload)
    assert tell(publications) == {"alert/a/b": b'{"cure":"c"}'}


@pytest.mark.parametrize("key", ["", "a", "a/", "/b", "a/b/c", "a/#", "+/b", "a/b c"])
def test_an_alert_that_names_no_topic_is_left_out_and_named(publications: Publications, key: str) -> None:
    assert publications.want_alerts({key: {}, "good/one": {}}) == [key]
    assert tell(publications) == {"alert/good/one": b"{}"}


def test_alerts_are_bounded(publications: Publications) -> None:
    left_out = publications.want_alerts({f"a/{number}": {} for number in range(ALERTS_MAX + 3)})
    assert len(left_out) == 3
    assert len(tell(publications)) == ALERTS_MAX


def test_the_last_words() -> None:
    assert (LOST, STOPPED) == (b'{"state":"lost"}', b'{"state":"stopped"}')


def test_refusals_are_one_alert_a_kind_and_type_with_a_cure() -> None:
    refusals = WithheldAlerts()
    refusals.note_withheld(WhyWithheld.REFUSED, "door.forced", 3, 135)
    refusals.note_withheld(WhyWithheld.REFUSED, "door.forced", 9, 135)
    refusals.note_withheld(WhyWithheld.OVERSIZED, "door.forced", 10, 0)
    alerts = refusals.withheld_alerts()
    assert alerts["leaf-refused/door.forced"] | {"cure": ""} == {"times": 2, "seq": 9, "reason": 135, "cure": ""}
    assert set(alerts) == {"leaf-refused/door.forced", "leaf-oversized/door.forced"}
    assert all(each["cure"] for each in alerts.values())


def test_a_type_that_passes_again_ends_its_refusal_but_not_the_oversized_one() -> None:
    refusals = WithheldAlerts()
    refusals.note_passed("door.forced")
    refusals.note_withheld(WhyWithheld.REFUSED, "door.forced", 3, 135)
    refusals.note_withheld(WhyWithheld.OVERSIZED, "door.forced", 4, 0)
    refusals.note_passed("count.scanned")
    refusals.note_passed("door.forced")
    assert set(refusals.withheld_alerts()) == {"leaf-oversized/door.forced"}


def test_kinds_of_refusal_are_bounded() -> None:
    refusals = WithheldAlerts()
    for number in range(500):
        refusals.note_withheld(WhyWithheld.REFUSED, f"type{number}", number, 135)
    assert len(refusals.withheld_alerts()) == KINDS_MAX + 1
    assert refusals.withheld_alerts()["leaf-refused/others"]["times"] == 500 - KINDS_MAX
