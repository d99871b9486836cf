"""sd_notify(3) in a few lines: readiness, status and the watchdog's pings."""

import os
import socket


class Watchdog:
    """Says to systemd what the loop says to it; does nothing outside a unit."""

    def __init__(self, environment: "os._Environ[str] | dict[str, str]" = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self._interval_ms = int(environment.get("WATCHDOG_USEC", "0")) // 2000
        self._pinged_at: int | None = None

    def notify(self, *lines: str) -> None:
        """Send lines such as `READY=1`; a socket that is not there is no reason to stop recording."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify:
                notify.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            return

    def ping(self, now: int) -> None:
        """Pet the watchdog, at most twice in its interval; called by the loop only, and only while all is well."""
        if self._interval_ms and (self._pinged_at is None or now - self._pinged_at >= self._interval_ms // 2):
            self._pinged_at = now
            self.notify("WATCHDOG=1")
