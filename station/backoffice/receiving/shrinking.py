"""Whether a station's journal is shorter than what it signed, or only an old message says so. Pure."""

TIMES = 3
FOR_S = 120.0


class Shrinking:
    """Sure that a journal shrank only after `TIMES` messages in a row said so, over at least `FOR_S` seconds."""

    def __init__(self) -> None:
        self._since: dict[int, tuple[float, int]] = {}

    def is_sure(self, epoch: int, is_short: bool, now: float) -> bool:
        """Take in whether a message at `now` (seconds) calls an epoch too short; return whether that is sure by now."""
        if not is_short:
            self._since.pop(epoch, None)
            return False
        since, times = self._since.get(epoch, (now, 0))
        self._since[epoch] = (since, times + 1)
        return times + 1 >= TIMES and now - since >= FOR_S
