"""What the relay does about witnesses: the cursor moves with them, and goes back where they stay silent. Pure."""

from collections.abc import Sequence
from typing import Any

import structlog

from station.relay.acknowledging import Cosigned
from station.relay.cursor import Cursor
from station.relay.ears import Ears
from station.relay.sender import Sender

log = structlog.get_logger("relay")


class Witnessing:
    """Over one relay's cursor and sender; without `ears.acks`, PUBACKs have to do and nothing is done here."""

    def __init__(
        self,
        ears: Ears,
        cursor: Cursor,
        sender: Sender,
        pauses_s: Sequence[float],
    ) -> None:
        self._acks, self._on_witness = ears.acks, ears.on_witness
        self._cursor, self._sender, self._pauses_s = cursor, sender, pauses_s
        self._news_at = 0.0
        self._rewinds = 0

    def received(self, witness: str, note: bytes, now_s: float) -> None:
        """A note came on this witness's topic."""
        news = self._acks.received(witness, note) if self._acks else None
        if self._acks is None or news is None:
            return
        if isinstance(news, Cosigned):
            self._news_at, self._rewinds = now_s, 0
            self._cursor.acknowledged(self._acks.acked)
        else:
            log.error("the journal was rolled back", found=news.text)
        self._on_witness(news)

    def connected(self, now_s: float) -> None:
        """The cursor begins at `acked` anyway."""
        self._news_at = now_s

    def look(self, now_s: float) -> None:
        """Send again what nobody has cosigned for too long, each time after a longer pause."""
        cursor = self._cursor
        if cursor.acked >= cursor.sent:
            self._news_at = now_s
        elif now_s - self._news_at > self._pauses_s[min(self._rewinds, len(self._pauses_s) - 1)]:
            self._news_at, self._rewinds = now_s, self._rewinds + 1
            log.warning("no witness has cosigned; sending again", acked=cursor.acked, sent=cursor.sent)
            self._sender.rewind()

    def alerts(self) -> dict[str, dict[str, Any]]:
        """Return `code/instance` -> payload."""
        return self._acks.alerts() if self._acks else {}
