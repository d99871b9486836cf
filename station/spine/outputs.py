"""What the loop decides, carried to the devices. Nothing here blocks: every device has its own thread or queue."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from drivers.ports import Answering, Display, Indicator, Lock
from station.domain.core.effects import RemoteReply, Signal, Verdict
from station.domain.core.view import View

SIGNALS = {
    Verdict.COUNTED: Signal.ACCEPTED,
    Verdict.NOTED: Signal.ACCEPTED,
    Verdict.ALREADY: Signal.ALREADY,
    Verdict.REFUSED: Signal.REFUSED,
    Verdict.BADGE_NEEDED: Signal.BADGE_NEEDED,
    Verdict.PIN_NEEDED: Signal.BADGE_NEEDED,
    Verdict.GRANTED: Signal.ACCEPTED,
    Verdict.DENIED: Signal.REFUSED,
}


class Outputs(Protocol):
    """What the loop moves outside; no call may block."""

    def answer(self, source: str, verdict: Verdict) -> None: ...
    def reply(self, caller: int, text: str, error: str) -> None: ...
    def prune(self, below: int) -> None: ...
    def remote(self, reply: RemoteReply) -> None: ...
    def hold(self, signal: Signal | None) -> None: ...
    def show(self, view: View) -> None: ...
    def durable(self, seq: int) -> None: ...
    def release(self, for_ms: int) -> None: ...
    def secure(self) -> None: ...
    def siren(self, is_on: bool) -> None: ...


class NoOutputs:
    """The `Outputs` of a loop on which no device hangs: nothing is done."""

    def answer(self, source: str, verdict: Verdict) -> None: ...
    def reply(self, caller: int, text: str, error: str) -> None: ...
    def prune(self, below: int) -> None: ...
    def remote(self, reply: RemoteReply) -> None: ...
    def hold(self, signal: Signal | None) -> None: ...
    def show(self, view: View) -> None: ...
    def durable(self, seq: int) -> None: ...
    def release(self, for_ms: int) -> None: ...
    def secure(self) -> None: ...
    def siren(self, is_on: bool) -> None: ...


class Callers(NamedTuple):
    """Where what is for no device goes: a caller's answer, how far is durable, what to prune, a command's reply."""

    reply: Callable[[int, str, str], None]
    durable: Callable[[int], None]
    prune: Callable[[int], None]
    remote: Callable[[RemoteReply], None]


class DeviceOutputs:
    """The loop's `Outputs`: indicators, displays, the lock, answering scanners, the control socket, the relay."""

    def __init__(
        self,
        indicators: Sequence[Indicator],
        displays: Sequence[Display],
        lock: Lock,
        answering: Mapping[str, Answering],
        callers: Callers,
    ) -> None:
        self._indicators, self._displays, self._answering = indicators, displays, answering
        self.release, self.secure, self.siren = lock.release, lock.secure, lock.siren
        self.reply, self.durable = callers.reply, callers.durable
        self.prune, self.remote = callers.prune, callers.remote

    def answer(self, source: str, verdict: Verdict) -> None:
        """Sound, light, and the scanner's own answer where it takes one."""
        if source in self._answering:
            self._answering[source].answer(verdict)
        for indicator in self._indicators:
            indicator.play(SIGNALS[verdict])

    def refuse_scan(self, source: str) -> None:
        """The answer to a scan that did not enter the inbox; callable from any thread."""
        self.answer(source, Verdict.REFUSED)

    def hold(self, signal: Signal | None) -> None:
        """Repeat a signal on every indicator until it is let go by None."""
        for indicator in self._indicators:
            indicator.hold(signal)

    def show(self, view: View) -> None:
        """Show the newest view on every display."""
        for display in self._displays:
            display.show(view)
