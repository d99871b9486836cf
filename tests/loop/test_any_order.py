"""Any order of scans, facts, commits, failures and stalls: what was answered is there, and no fact is lost."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain.core.effects import Signal
from station.domain.count.events import CountException, CountScanned
from station.domain.lifecycle.events import SourceWentAway
from station.domain.session.events import ScanRefused
from station.journal.faults import StorageFault
from station.spine.loop import RETRY_MAX_MS
from tests.loop.stage import Stage, tag

FAULTS = st.sampled_from([StorageFault.DISK_FULL, StorageFault.DISK_READ_ONLY, StorageFault.DISK_ERROR])
DEEDS = st.one_of(
    st.tuples(st.just("scan"), st.lists(st.integers(0, 5), min_size=1, max_size=4)),
    st.tuples(st.just("fact"), st.none()),
    st.tuples(st.just("commit"), st.booleans()),
    st.tuples(st.just("fail"), FAULTS),
    st.tuples(st.just("restore"), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([1, 60, 300, 2_100, 5_100])),
)


class AnyOrder(Stage):
    """A stage that checks after each deed what must always hold."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = 0
        self.scans: list[str] = []
        self.start_counting()

    def do(self, deed: str, how: Any) -> None:
        match deed:
            case "scan":
                self.scans += map(tag, how)
                self.scan(*map(tag, how))
            case "fact":
                self.facts += 1
                self.lose(f"source-{self.facts}")
            case "commit":
                self.commit(has_reserve=how)
            case "fail":
                has_waiting = bool(self.waiting())
                self.fail(how)
                assert self.storage() or not has_waiting
            case "restore":
                self.restore_reserve()
            case "wait":
                self.step(later_ms=how)
        self.check()

    def check(self) -> None:
        counted = {each.tag for each in self.events() if isinstance(each, CountScanned)}
        assert self.outputs.done.count("gun counted") <= len(counted)
        assert (self.outputs.held is Signal.NOT_RECORDING) == bool(self.storage())
        assert self.replayed() == self.loop.durable
        retried = next((group.attempt for group in self.groups), 0)
        if retried and self.groups[0] is next(group for group in self.submitted if group.attempt == retried):
            assert self.waiting()[0] == "storage.failed"

    def heal(self) -> None:
        """Let every fault end, and everything that waits be recorded."""
        for _ in range(4):
            self.step(later_ms=RETRY_MAX_MS + 1)
            self.commit()
            self.restore_reserve()


@settings(max_examples=150)
@given(deeds=st.lists(DEEDS, max_size=40))
def test_whatever_happens_what_was_answered_is_recorded_and_no_fact_is_lost(deeds: list[tuple[str, Any]]) -> None:
    stage = AnyOrder()
    for deed, how in deeds:
        stage.do(deed, how)
    stage.heal()

    events = stage.events()
    answers = Counter(stage.outputs.done)
    assert stage.storage() == ""
    assert stage.loop.outstanding_ms(stage.now) == 0
    assert [each.source for each in events if isinstance(each, SourceWentAway)] == [
        f"source-{number}" for number in range(1, stage.facts + 1)
    ]
    assert answers["gun counted"] == sum(isinstance(each, CountScanned) for each in events)
    assert answers["gun already"] == sum(isinstance(each, CountException) for each in events)
    assert answers["gun refused"] == sum(each.times for each in events if isinstance(each, ScanRefused))
    assert answers.total() == len(stage.scans)
    assert stage.replayed() == stage.loop.durable


@settings(max_examples=60)
@given(deeds=st.lists(DEEDS, max_size=25))
def test_a_new_start_on_what_is_on_the_disk_goes_on(deeds: list[tuple[str, Any]]) -> None:
    stage = AnyOrder()
    for deed, how in deeds:
        stage.do(deed, how)
    counted = stage.outputs.done.count("gun counted")

    again = Stage(stage.replayed(), stage.rows)
    again.now = stage.now
    again.start()
    again.scan(tag(99))
    again.commit()

    assert again.outputs.done == ["gun counted"]
    assert len(again.loop.durable.count.packages) >= counted + 1
    assert again.loop.durable.count.session == "C000001"
