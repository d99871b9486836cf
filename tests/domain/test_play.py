"""The scenario player itself: it must fail where a scenario is wrong, and say how."""

import pytest

from tests.domain.play import play


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("1.0 gun scans A -> count.scanned | refused", "other events"),
        ("1.0 gun scans A -> nothing | refused", "other events"),
        ("1.0 gun scans A -> scan.refused, scan.refused | refused", "other events"),
        ("1.0 gun scans A -> scan.refused | counted", "other answers"),
        ("1.0 gun scans A -> scan.refused", "other answers"),
        ("1.0 gun scans A -> scan.refused reason=paused | refused", "scan.refused reason is 'no_session'"),
        ("1.0 gun scans A", "must be: [moment] who does what -> events | answers"),
        ("1.0 gun sings A -> nothing", "no scenario knows this"),
    ],
)
def test_a_scenario_that_is_wrong_fails_and_says_how(line: str, fault: str) -> None:
    with pytest.raises(AssertionError) as caught:
        play(line)
    assert fault in str(caught.value)


def test_a_failure_shows_what_came_and_what_was_played_before() -> None:
    with pytest.raises(AssertionError) as caught:
        play("1.0 gun lost gone -> source.lost\n2.0 gun found -> nothing")
    assert str(caught.value).splitlines()[:5] == [
        "line 2: 2.0 gun found -> nothing",
        "  other events",
        "  came: source.found source=gun | ",
        "  after:",
        "    0.0 start -> station.started   [0]",
    ]
