"""What bounds whoever may write to the broker. Pure.

How many refused commands are recorded one by one, how many leaves are sent again, and how old a command may be.
"""

import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator

import msgspec

from station.domain.station.messages import Resend

TOLD_MAX = 20
"""Refusals of one minute that are recorded one by one."""
KINDS_MAX = 32
"""Kinds of refusals that are counted apart; those beyond are counted together as `others`."""
WINDOW_MS = 60_000
RENEW_MS = 5 * 60 * 1000
LEAVES_MAX = 1000
"""Leaves that one request brings again."""
REQUESTS_A_MINUTE_MAX = 30
WINDOW_S = 60.0


class Flood:
    """Tells at most `TOLD_MAX` refused commands a minute one by one, and counts the others.

    Whoever may write to the broker could else fill the station's disk with refusals. Minutes are those of the
    monotonic clock, in ms.
    """

    def __init__(self) -> None:
        self._ends_at = 0
        self._told = 0
        self._counted: Counter[tuple[str, str]] = Counter()

    def is_told(self, verb: str, reason: str, now: int) -> bool:
        """Whether this refusal may be told by itself; if not, it is counted. Call `counted_when_over` first."""
        if self._told < TOLD_MAX:
            if not self._told:
                self._ends_at = now + WINDOW_MS
            self._told += 1
            return True
        if len(self._counted) >= KINDS_MAX and (verb, reason) not in self._counted:
            verb = "others"
        self._counted[verb, reason] += 1
        return False

    def counted_when_over(self, now: int) -> Iterator[tuple[str, str, int]]:
        """Yield (verb, reason, times) of what was only counted in a minute, once that minute is over."""
        if self._told and now >= self._ends_at:
            self._told = 0
            counted, self._counted = self._counted, Counter()
            yield from ((verb, reason, times) for (verb, reason), times in counted.items())


class Challenges:
    """Words that the station shows in its `info`: a command that holds one was made within the last minutes.

    What a command's `not_after` proves by a clock, this proves without one. The newest word counts, and the one before
    it; `now` is monotonic milliseconds, `word` gives a new random one.
    """

    def __init__(self, now: Callable[[], int], word: Callable[[], str] = lambda: secrets.token_hex(8)) -> None:
        self._now, self._word = now, word
        self._newest, self._before = word(), ""
        self._made_at = now()

    @property
    def newest_word(self) -> str:
        """The word that `info` shows now; it changes every `RENEW_MS`."""
        self._renew_when_due()
        return self._newest

    def is_fresh(self, words: Iterable[str]) -> bool:
        """Whether one of these was shown within the last two `RENEW_MS`."""
        self._renew_when_due()
        return any(word and word in (self._newest, self._before) for word in words)

    def _renew_when_due(self) -> None:
        age_ms = self._now() - self._made_at
        if age_ms >= RENEW_MS:
            self._before = self._newest if age_ms < 2 * RENEW_MS else ""
            self._newest, self._made_at = self._word(), self._now()


class ResendRequests:
    """Reads the requests of receivers that miss leaves of one epoch, and grants at most `REQUESTS_A_MINUTE_MAX`.

    A receiver that gets no answer asks again.
    """

    def __init__(self, epoch: str, now: Callable[[], float]) -> None:
        self._epoch, self._now = epoch, now
        self._granted: deque[float] = deque()

    def read_request(self, payload: bytes) -> tuple[int, int] | None:
        """Return the first and last seq to send again, at most `LEAVES_MAX` apart; None where nothing is granted."""
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
