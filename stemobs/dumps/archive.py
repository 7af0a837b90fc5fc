"""A public dump as one file for everybody: how it is written, and which one the site offers.

An archive holds what its dump wrote and nothing else, and stands beside it with its digest. The
site offers the newest alone: older ones hold what may have been withdrawn since.
"""

import hashlib
import logging
import os
import re
import secrets
import stat
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BufferedRandom
from pathlib import Path
from typing import IO, NamedTuple
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import orjson
from django.conf import settings

from stemobs.catalogue.moments import Moment
from stemobs.dumps.dump import DumpError, sync_folder
from stemobs.dumps.manifest import (
    LONGEST_MANIFEST,
    MANIFEST,
    PREFIX,
    SUMS,
    parse_manifest,
    read_parts,
)
from stemobs.dumps.verify import LoadError, verify_dump

log = logging.getLogger(__name__)

# No private dump, nothing unfinished, no number that another number could be written like.
NAME = re.compile(re.escape(PREFIX) + r"([1-9][0-9]{0,18})\.zip")
UNIX = 3  # where permissions mean something
FOR_READING = stat.S_IFREG | 0o644


# --- Writing --------------------------------------------------------------------------------------


def pack_dump(folder: Path) -> Path:
    """Write the archive of a public dump beside it, unless it is there; return it.

    Raise DumpError if the dump is private or not as it was written, or something else stands there.
    """
    archive = folder.with_name(f"{folder.name}.zip")
    if not has_archive(archive, folder):
        names = list_public_files(folder)
        with open_complete_file(archive) as file:
            write_archive(file, folder, names)
            file.seek(0)
            # Its own name comes first: an archive is never without it.
            with open_complete_file(find_digest_file(archive)) as told:
                told.write(
                    format_digest_line(archive, hashlib.file_digest(file, "sha256").hexdigest())
                )
    return archive


def list_public_files(folder: Path) -> list[str]:
    """Return the files of a dump that is public and as it was written, in their order."""
    try:
        manifest = verify_dump(folder)
    except LoadError as error:
        raise DumpError(f"{folder} is not as it was written. {error}") from error
    if manifest.is_private or folder.name != f"{PREFIX}{manifest.moment.number}":
        raise DumpError(f"{folder} is not the public dump of its revision.")
    return [*(file.name for file in manifest.files), MANIFEST, SUMS]


def write_archive(file: IO[bytes], folder: Path, names: Iterable[str]) -> None:
    """Write an archive that tells of no time, machine or user: the same bytes for the same dump."""
    with ZipFile(file, "w") as archive:
        for name in names:
            entry = ZipInfo(f"{folder.name}/{name}")
            entry.compress_type = ZIP_DEFLATED
            entry.create_system, entry.external_attr = UNIX, FOR_READING << 16
            # Tells beforehand whether it takes the numbers of large files.
            entry.file_size = (folder / name).stat().st_size
            with archive.open(entry, "w") as packed:
                for part in read_parts(folder / name):
                    packed.write(part)


def has_archive(archive: Path, folder: Path) -> bool:
    """Whether the archive of a dump is there; raise DumpError if something else is.

    What it holds is compared, for another release of zlib may pack it in other bytes.
    """
    if not os.path.lexists(archive):
        return False
    sums = (folder / SUMS).read_bytes()
    try:
        is_same = read_packed_file(archive, SUMS, len(sums) + 1) == sums
    except ValueError:
        is_same = False
    if not is_same:
        raise DumpError(f"{archive} exists and is another archive, or none. Move it away first.")
    return find_digest_file(archive).is_file()


def read_packed_file(archive: Path, name: str, most: int) -> bytes:
    """Return the beginning of a file of a dump; raise ValueError if it is not in there."""
    try:
        with ZipFile(archive) as packed, packed.open(f"{archive.stem}/{name}") as file:
            return file.read(most)
    # In so many ways one can be damaged, encrypted or packed by other means.
    except (BadZipFile, EOFError, KeyError, RuntimeError, zlib.error) as error:
        raise ValueError(f"{archive} is not the archive of a dump: {error}.") from error


@contextmanager
def open_complete_file(target: Path) -> Iterator[BufferedRandom]:
    """Give a file to write into; it gets its name when it is on the disk, or goes."""
    unfinished = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
    try:
        with unfinished.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(target)
        sync_folder(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def find_digest_file(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.sha256")


def format_digest_line(archive: Path, digest: str) -> bytes:
    """Return a digest as sha256sum writes and reads it."""
    return f"{digest}  {archive.name}\n".encode()


# --- Offering -------------------------------------------------------------------------------------


class Archive(NamedTuple):
    """An archive that the site offers, and what it is."""

    path: Path
    moment: Moment
    size: int
    sha256: str

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def folder(self) -> str:
        """Return what it unpacks to."""
        return self.path.stem

    @property
    def digest_name(self) -> str:
        return find_digest_file(self.path).name

    @property
    def digest_line(self) -> bytes:
        return format_digest_line(self.path, self.sha256)


def find_offered_archive(revision: int) -> Archive | None:
    """Return the archive to offer at this revision, if there is one.

    Never one of a later revision: then the catalogue was restored from an older copy, and what it
    has become since is not in there.
    """
    if not settings.DUMPS_ROOT:
        return None
    try:
        _number, newest = max(
            list_numbered_archives(settings.DUMPS_ROOT, revision), default=(0, "")
        )
        if not newest:
            return None
        standing = os.stat(newest, follow_symlinks=False)
        return read_archive(newest, standing.st_size, standing.st_mtime_ns)
    # Whatever lies in that folder, or goes from it meanwhile, pages are shown: without it.
    except (OSError, ValueError) as error:
        warn_once(str(error))
        return None


def list_numbered_archives(folder: str, revision: int) -> Iterator[tuple[int, str]]:
    """Yield number and path of every archive up to a revision, by their names."""
    with os.scandir(folder) as entries:
        for entry in entries:
            found = NAME.fullmatch(entry.name)
            if found and int(found[1]) <= revision and entry.is_file(follow_symlinks=False):
                yield int(found[1]), entry.path


@lru_cache(maxsize=4)
def read_archive(path: str, size: int, changed_ns: int) -> Archive:
    """Return an archive as its own manifest tells it; raise an error if it is not what it seems.

    Kept until the file is another one.
    """
    archive = Path(path)
    manifest = parse_manifest(orjson.loads(read_packed_file(archive, MANIFEST, LONGEST_MANIFEST)))
    if manifest.is_private or archive.stem != f"{PREFIX}{manifest.moment.number}":
        raise ValueError(f"{archive} is not the public dump of its revision.")
    return Archive(archive, manifest.moment, size, read_digest(archive))


def read_digest(archive: Path) -> str:
    """Return the digest that was written beside an archive."""
    told = find_digest_file(archive)
    with told.open("rb") as file:
        digest, line = file.read(64).decode(), file.read(1024)
    if not re.fullmatch("[0-9a-f]{64}", digest) or format_digest_line(archive, digest)[64:] != line:
        raise ValueError(f"{told} does not hold the digest of {archive.name}.")
    return digest


@lru_cache(maxsize=64)
def warn_once(reason: str) -> None:
    """Log once why nothing is offered, and not for every reader."""
    log.warning("No dump is offered: %s", reason)
