"""Words that the station shows in its `info`: a command that holds one was made within the last minutes.

What `not_after` proves by a clock, this proves without one.
"""

import secrets
from collections.abc import Callable, Iterable

RENEW_MS = 5 * 60 * 1000


class Challenges:
    """The newest word, and the one before it; `now` is monotonic milliseconds, `word` gives a new random one."""

    def __init__(self, now: Callable[[], int], word: Callable[[], str] = lambda: secrets.token_hex(8)) -> None:
        self._now, self._word = now, word
        self._newest, self._before = word(), ""
        self._made_at = now()

    @property
    def newest(self) -> str:
        """What `info` shows; another one every `RENEW_MS`."""
        self._renew()
        return self._newest

    def is_fresh(self, words: Iterable[str]) -> bool:
        """Whether one of these was shown within the last two `RENEW_MS`."""
        self._renew()
        return any(word and word in (self._newest, self._before) for word in words)

    def _renew(self) -> None:
        age_ms = self._now() - self._made_at
        if age_ms >= RENEW_MS:
            self._before = self._newest if age_ms < 2 * RENEW_MS else ""
            self._newest, self._made_at = self._word(), self._now()
