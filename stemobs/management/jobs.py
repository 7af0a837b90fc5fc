"""What the commands share that timers run: how long they may go on, and who else runs one."""

import re
from argparse import ArgumentTypeError

from django.utils import timezone

from stemobs.curation.leases import HeldElsewhere

HELD = 75  # the exit status that says “try again later”
SECONDS = {"s": 1, "m": 60, "h": 3600}


def read_budget(text: str) -> int:
    """Return how many seconds a text such as “20m” means."""
    match = re.fullmatch(r"([0-9]{1,6})([smh])", text)
    if not match:
        raise ArgumentTypeError(f"“{text}” is no time. Write 90s, 20m or 1h.")
    return int(match[1]) * SECONDS[match[2]]


def word_held(error: HeldElsewhere, what: str) -> str:
    """Return who else looks at something now, and until when that holds."""
    holder, until = error.lease.holder, error.lease.until
    told = f" until {timezone.localtime(until):%H:%M:%S}" if until else ""
    return f"Another run looks at {what} now ({holder}), and has that for itself{told}."
