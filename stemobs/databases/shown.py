"""The newest state that this host has shown to anybody: what a later answer must not fall behind.

It stands in a small file that all processes of the host share. The file is opened each time, so
that one which was deleted or replaced is noticed. What cannot be written is not believed either:
others may have shown something newer, which they could not note.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from django.conf import settings

log = logging.getLogger(__name__)

# The length of a line in the file; one that is overwritten needs no room on a full disk.
LENGTH = 100
EMPTY = b" " * LENGTH


class NotedState(NamedTuple):
    """A state of the catalogue: of which server and history it is, and its revision.

    An empty name of the server means that it is not known.
    """

    system: str
    history: str
    number: int

    def continues(self, other: "NotedState") -> bool:
        """Whether both are of one history, so that their numbers can be compared."""
        systems = {self.system, other.system} - {""}
        return self.history == other.history and len(systems) < 2


def write_line(state: NotedState) -> bytes:
    told = f"{state.system or '-'} {state.history or '-'} {state.number}"
    return f"{told} {crc32(told.encode())}".ljust(LENGTH - 1).encode() + b"\n"


def read_line(line: bytes) -> NotedState | None:
    """Return the state that a line tells; None if it is broken."""
    try:
        told, _space, digest = line.decode("ascii").strip().rpartition(" ")
        system, history, number = told.split(" ")
        state = NotedState(system.strip("-"), history.strip("-"), int(number))
    except ValueError:
        return None
    return state if digest == str(crc32(told.encode())) else None


class ShownState:
    """The newest state that was shown, in a file."""

    def __init__(self) -> None:
        self.is_told = False  # whether the log knows that something is wrong

    @property
    def file(self) -> Path:
        return Path(str(settings.HOST_ROOT)) / "shown"

    def find(self) -> NotedState | None:
        """Return the state; None if none was noted, or none can be."""
        try:
            with self.opened() as opened:
                return self.read(opened) or self.read_alone(opened)
        except OSError as error:
            self.tell("What this host has shown cannot be kept, so replicas wait: %s", error)
            return None

    def advance(self, before: NotedState | None, state: NotedState) -> None:
        """Note a state that is shown now, unless others have noted a later one meanwhile.

        `before` is what was found when the request began. A state that is lower, or of another
        history, takes the place of that one only.
        """
        if state == before:
            return
        try:
            with self.opened() as opened:
                fcntl.flock(opened, fcntl.LOCK_EX)
                noted = self.read(opened)
                is_later = noted and state.continues(noted) and state.number > noted.number
                if noted == before or is_later:
                    os.pwrite(opened, write_line(state), 0)
                    tell_of_a_break(noted, state)
            self.is_told = False
        except OSError as error:
            self.tell("What this host has shown cannot be kept: %s", error)

    @contextmanager
    def opened(self) -> Iterator[int]:
        flags = os.O_RDWR | os.O_CLOEXEC
        try:
            opened = os.open(self.file, flags)
        except FileNotFoundError:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(self.file, flags | os.O_CREAT, 0o600)
        try:
            yield opened
        finally:
            os.close(opened)

    def read(self, opened: int) -> NotedState | None:
        return read_line(os.pread(opened, LENGTH, 0))

    def read_alone(self, opened: int) -> NotedState | None:
        """Read what another process may have been writing; if it is broken, make it empty."""
        fcntl.flock(opened, fcntl.LOCK_EX)
        line = os.pread(opened, LENGTH, 0)
        state = read_line(line)
        if state is None and line.strip():
            self.tell("What this host has shown cannot be read, and is noted anew: %s", self.file)
            os.pwrite(opened, EMPTY, 0)
        return state

    def tell(self, words: str, more: object) -> None:
        """Write a line into the log, once until a state can be noted again."""
        if not self.is_told:
            log.warning(words, more)
        self.is_told = True


def tell_of_a_break(before: NotedState | None, state: NotedState) -> None:
    """Write into the log that what was shown before is no longer what the primary has."""
    if before and not state.continues(before):
        log.warning("The catalogue is of another server or history than what this host has shown.")
    elif before and state.number < before.number:
        told = "The catalogue is at revision %s, and this host has shown %s. Was a backup restored?"
        log.warning(told, state.number, before.number)


shown_state = ShownState()
