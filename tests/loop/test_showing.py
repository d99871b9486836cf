"""When the loop shows: beside the commits, not before them."""

import pytest

from station.spine.loop import SHOW_EVERY_MS, SHOW_LATEST_MS
from tests.loop.stage import Stage, tag


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.start_counting()
    stage.step(later_ms=1_000)
    stage.outputs.views.clear()
    return stage


def test_a_step_that_hands_something_over_shows_nothing_and_the_next_does(stage: Stage) -> None:
    stage.scan(tag(1), later_ms=SHOW_EVERY_MS + 10)
    assert stage.groups
    assert stage.outputs.views == []

    stage.commit()
    assert [view.fact.args for view in stage.outputs.views] == [("1",)]


def test_scans_without_a_pause_do_not_keep_the_screen_from_showing(stage: Stage) -> None:
    began = stage.now
    number = 0
    while not stage.outputs.views:
        number += 1
        stage.scan(tag(number), later_ms=7)
        assert stage.groups

    assert SHOW_LATEST_MS - 10 <= stage.now - began <= SHOW_LATEST_MS + 10


def test_a_screen_that_is_behind_is_not_slept_over(stage: Stage) -> None:
    stage.scan(tag(1), later_ms=SHOW_EVERY_MS // 2)
    stage.commit()
    assert stage.outputs.views == []
    assert 0 < stage.loop.wait_ms(stage.now) <= SHOW_EVERY_MS
    stage.step(later_ms=stage.loop.wait_ms(stage.now))

    assert stage.outputs.views[-1].fact.args == ("1",)
