"""Structured logs: one JSON object a line on standard error; control characters arrive escaped."""

import logging
import re
import sys
from typing import Any

import msgspec
import structlog

_MISREAD = (
    0x7F,
    *range(0x80, 0xA0),
    0x2028,
    0x2029,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)
_ESCAPED = {code: f"\\u{code:04x}" for code in _MISREAD}
_TOKEN = re.compile(r"efa_[a-z]+_[0-9A-Za-z]{36}")


def configure_logs(level: str) -> None:
    """Set up structlog for the process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_tokens,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _without_tokens(_logger: Any, _name: str, event: Any) -> Any:
    return {key: _TOKEN.sub("efa_…", v) if isinstance(v, str) else v for key, v in event.items()}


def _json(event: Any, **_options: Any) -> str:
    """The event as JSON; what JSON lets pass but some readers take for a line's end is escaped."""
    text = msgspec.json.encode(event, enc_hook=str).decode()
    return text if text.isascii() and "\x7f" not in text else text.translate(_ESCAPED)
