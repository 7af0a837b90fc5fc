"""What no log may tell: the token at the end of a suggestion's address.

Whoever knows such an address reads the answer, so it is as good as a password.
"""

import logging
import re

# What stands after “/suggest/” in an address, however it is written, up to where an address ends.
TOKEN = re.compile(r"(/suggest/+)[^\s/?#\"'<>]+", re.IGNORECASE)
HIDDEN = r"\1…"


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
