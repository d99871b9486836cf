"""Logs for people: one line each on standard error, with the `<N>` levels that journald reads (sd-daemon(3))."""

import logging
import sys
from typing import Any

import structlog

LEVELS = {"debug": 7, "info": 6, "warning": 4, "error": 3, "exception": 3, "critical": 2}


def configure_logs(level: int = logging.INFO) -> None:
    """Send every log of this program to standard error."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.add_log_level, _log_line],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _log_line(_: Any, method: str, entry: Any) -> str:
    level, event = entry.pop("level", method), entry.pop("event", "")
    trace = entry.pop("exception", "")
    fields = " ".join(f"{name}={value!r}" for name, value in entry.items())
    text = f"{event} {fields}".rstrip() + ("\n" + trace if trace else "")
    prefix = f"<{LEVELS.get(level, 6)}>"
    return "\n".join(prefix + line for line in text.split("\n"))
