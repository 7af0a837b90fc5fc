"""The catalogue as a file, from which the next process of this host starts at once.

Reading everything from the database takes a quarter of a minute for 100,000 programmes. The file
holds what was read: of which release, history and revision, and then the three indexes. A process
reads it, and then from the database only what changed since.

Nothing in the file is believed before its digest was checked, which only who has SECRET_KEY can
make. It is written beside the present one and takes its place in one step.
"""

import fcntl
import hashlib
import hmac
import logging
import os
import pickle
import platform
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import time
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.crypto import salted_hmac
from pyroaring import BitMap

from stemobs.catalogue.bitmaps import Pieces, Postings
from stemobs.catalogue.catalogue import Catalogue, pause_garbage_collection
from stemobs.catalogue.documents import IndexEntry, Words
from stemobs.catalogue.index import Index
from stemobs.catalogue.states.moments import Moment
from stemobs.release import digest_release

log = logging.getLogger(__name__)

FORM = b"stem-observatory catalogue 1\n"
DIGEST = hashlib.sha256().digest_size
# How many entries or bitmaps are written and read at a time, so that readers get their turn.
A_TIME = 1_000
# For how many seconds what one process stored does for the others of its host.
A_MOMENT = 60
LENGTH = 8  # bytes that tell the length of a part
Parts = Iterator[Any]


class NotUsable(Exception):
    """The file is not there, broken, or of another release; the message says which."""


def find_file() -> Path:
    return Path(str(settings.HOST_ROOT)) / "catalogue"


# --- Writing --------------------------------------------------------------------------------------


def is_just_stored() -> bool:
    """Whether another process of this host has stored the catalogue a moment ago."""
    try:
        return time() < find_file().stat().st_mtime + A_MOMENT
    except OSError:
        return False


def store_catalogue(catalogue: Catalogue) -> bool:
    """Write a catalogue into the file; return whether that was done.

    Another process that is just writing is left to do it. A full or read-only disk is told in the
    log, and the present file stays.
    """
    try:
        with write_alone() as beside:
            if beside is None:
                return False
            with beside.open("wb") as out:
                write_parts(out, list_parts(catalogue))
            beside.replace(find_file())
    except OSError as error:
        log.warning("The catalogue cannot be stored for the next start: %s", error)
        return False
    return True


@contextmanager
def write_alone() -> Iterator[Path | None]:
    """Yield the path of a new file; None while another process of this host writes one."""
    file = find_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    lock = os.open(file.with_name("catalogue.lock"), flags, 0o600)
    beside = file.with_name("catalogue.new")
    try:
        if not is_locked(lock):
            yield None
            return
        beside.touch(0o600)
        try:
            yield beside
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    finally:
        os.close(lock)


def is_locked(lock: int) -> bool:
    """Lock a file, and return whether nobody else has locked it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_parts(out: BinaryIO, parts: Parts) -> None:
    digest = begin_digest()
    out.write(FORM + bytes(DIGEST))
    for part in parts:
        written = pickle.dumps(part, pickle.HIGHEST_PROTOCOL)
        told = len(written).to_bytes(LENGTH, "big") + written
        digest.update(told)
        out.write(told)
    out.seek(len(FORM))
    out.write(digest.digest())
    out.flush()
    os.fsync(out.fileno())


def begin_digest() -> "hmac.HMAC":
    """Return a digest that only who has SECRET_KEY can make."""
    return salted_hmac("stemobs.catalogue.stored", FORM, algorithm="sha256")


def describe_release() -> str:
    return f"{digest_release()} {platform.python_version()}"


def list_parts(catalogue: Catalogue) -> Parts:
    moment = catalogue.moment
    yield describe_release(), moment.number, moment.changed_at.isoformat(), moment.history
    for index in (catalogue.programmes, catalogue.organisations, catalogue.findings):
        yield from list_parts_of_index(index)


def list_parts_of_index(index: Index) -> Parts:
    yield (
        index.facets,
        list(index.words.spelled),
        index.by_name.tobytes(),
        index.by_change.tobytes(),
    )
    yield from list_portions((number, *entry) for number, entry in index.entries.items())
    for postings in (index.in_names, index.anywhere, *(index.values[one] for one in index.facets)):
        yield from list_portions((key, one.serialize()) for key, one in postings.items())


def list_portions(rows: Iterable[Any]) -> Parts:
    """Yield rows in lists of moderate length, the last of which is empty."""
    rest = iter(rows)
    while portion := list(islice(rest, A_TIME)):
        yield portion
    yield []


# --- Reading --------------------------------------------------------------------------------------


@pause_garbage_collection()
def load_catalogue(present: Moment) -> Catalogue | None:
    """Return the catalogue that the file holds; None, and a line in the log, if it is not usable.

    `present` is the moment of the database. Whoever calls this has to read what changed since.
    """
    try:
        found = read_catalogue(check_content(memoryview(find_file().read_bytes())))
        if found.moment.history != present.history or found.revision > present.number:
            raise NotUsable("it is of another history.")
    except FileNotFoundError:
        return None
    except (OSError, NotUsable) as error:
        log.warning("The stored catalogue is not used, and everything is read: %s", error)
        return None
    log.info("The catalogue of revision %s was stored, and is taken from there.", found.revision)
    return found


def check_content(content: memoryview) -> Parts:
    """Return the parts of a file whose digest is right."""
    begin = len(FORM) + DIGEST
    if bytes(content[: len(FORM)]) != FORM:
        raise NotUsable("it has another form.")
    digest = begin_digest()
    digest.update(content[begin:])
    if not hmac.compare_digest(digest.digest(), bytes(content[len(FORM) : begin])):
        raise NotUsable("it is broken, or written with another SECRET_KEY.")
    return read_parts(content[begin:])


def read_parts(content: memoryview) -> Parts:
    place = 0
    while place < len(content):
        begin = place + LENGTH
        place = begin + int.from_bytes(content[place:begin], "big")
        yield pickle.loads(content[begin:place])  # noqa: S301  # only SECRET_KEY makes its digest


def read_catalogue(parts: Parts) -> Catalogue:
    release, number, changed_at, history = next(parts)
    if release != describe_release():
        raise NotUsable("it is of another release.")
    moment = Moment(number, datetime.fromisoformat(changed_at), history)
    programmes, organisations, findings = (read_index(parts) for _index in range(3))
    return Catalogue(moment, programmes, organisations, findings)


def read_index(parts: Parts) -> Index:
    index = Index()
    index.facets, spelled, by_name, by_change = next(parts)
    index.words = Words(spelled)
    index.by_name.frombytes(by_name)
    index.by_change.frombytes(by_change)
    index.entries = read_entries(parts)
    index.everything = BitMap(array("I", index.entries))
    index.in_names, index.anywhere = read_postings(parts), read_postings(parts)
    index.values = {facet: read_postings(parts) for facet in index.facets}
    index.vocabulary = sorted(spelled[number] for number in index.anywhere)
    return index


def read_entries(parts: Parts) -> Pieces[int, IndexEntry]:
    """Return the entries of an index, which share equal tuples of values."""
    shared: dict[Any, Any] = {}

    def share(values: Any) -> Any:
        return shared.setdefault(values, values)

    return Pieces(
        {
            number: IndexEntry(label, name_key, changed, names, texts, tuple(map(share, values)))
            for number, label, name_key, changed, names, texts, values in read_portions(parts)
        }
    )


def read_postings(parts: Parts) -> Postings:
    return Pieces({key: BitMap.deserialize(written) for key, written in read_portions(parts)})


def read_portions(parts: Parts) -> Parts:
    while portion := next(parts):
        yield from portion
