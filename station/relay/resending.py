"""`resend`: a receiver asks again for leaves that it misses. What it may ask for is bounded, and how often. Pure."""

from collections import deque
from collections.abc import Callable

import msgspec

from station.domain.station.messages import Resend

LEAVES_MAX = 1000
REQUESTS_A_MINUTE_MAX = 30
WINDOW_S = 60.0


class Resends:
    """Reads requests for one epoch, at most `REQUESTS_A_MINUTE_MAX`; a receiver that gets no answer asks again."""

    def __init__(self, epoch: str, now: Callable[[], float]) -> None:
        self._epoch, self._now = epoch, now
        self._granted: deque[float] = deque()

    def received(self, payload: bytes) -> tuple[int, int] | None:
        """The first and last seq to send again, at most `LEAVES_MAX` of them; None where nothing is granted."""
        try:
            request = msgspec.json.decode(payload, type=Resend)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        if request.epoch != self._epoch or not 0 <= request.first <= request.last or not self._is_granted():
            return None
        return request.first, min(request.last, request.first + LEAVES_MAX - 1)

    def _is_granted(self) -> bool:
        now = self._now()
        while self._granted and now - self._granted[0] >= WINDOW_S:
            self._granted.popleft()
        if len(self._granted) >= REQUESTS_A_MINUTE_MAX:
            return False
        self._granted.append(now)
        return True
