"""What no log may tell: the token at the end of a suggestion's address. And logs as JSON.

Whoever knows such an address reads the answer, so it is as good as a password.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

# What stands after “/suggest/” in an address, however it is written, up to where an address ends.
TOKEN = re.compile(r"(/suggest/+)[^\s/?#\"'<>]+", re.IGNORECASE)
HIDDEN = r"\1…"
# The id of the request that this thread answers, or answered last.
request_id: ContextVar[str] = ContextVar("request_id", default="")


def hide_tokens(text: str) -> str:
    """Return a line of a log in which the address of a suggestion does not lead to it."""
    return TOKEN.sub(HIDDEN, text)


class HideTokens(logging.Filter):
    """Takes tokens out of every line, and out of the errors that are told below it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = hide_tokens(record.getMessage()), None
        if record.exc_info:
            told = record.exc_text or logging.Formatter().formatException(record.exc_info)
            record.exc_text = hide_tokens(told)
        return True


class JSONLines(logging.Formatter):
    """Writes each record as one line of JSON, with the id of its request."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            "error": self.tell_error(record),
        }
        return json.dumps({name: text for name, text in told.items() if text}, ensure_ascii=False)

    def tell_error(self, record: logging.LogRecord) -> str:
        """Return the traceback, as the filter above left it if there was one."""
        if record.exc_info and not record.exc_text:
            return hide_tokens(self.formatException(record.exc_info))
        return record.exc_text or ""
