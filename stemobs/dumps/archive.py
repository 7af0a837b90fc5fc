"""ZIP archives of public dumps: how an archive is written, and which one the site offers.

An archive holds exactly the files of its dump. It lies beside the dump's folder, together with a
.sha256 file. The site offers only the newest archive, because older ones may hold programmes that
were withdrawn since.
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

from stemobs.catalogue.states.moments import Moment
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

# Matches neither private nor unfinished dumps, and only one spelling of each number (no 007).
NAME = re.compile(re.escape(PREFIX) + r"([1-9][0-9]{0,18})\.zip")
UNIX = 3  # the "made on" system of a ZIP entry; needed for its permissions to count
FOR_READING = stat.S_IFREG | 0o644  # a regular file that everybody may read


# --- Writing --------------------------------------------------------------------------------------


def pack_dump(folder: Path) -> Path:
    """Write the archive of a public dump beside its folder, unless it exists; return its path.

    Raise DumpError if the dump is private, if its files were changed, or if another file has the
    name of the archive.
    """
    archive = folder.with_name(f"{folder.name}.zip")
    if not has_archive(archive, folder):
        names = list_public_files(folder)
        with open_complete_file(archive) as file:
            write_archive(file, folder, names)
            file.seek(0)
            # The digest's file gets its name first, so that no archive is ever without its digest.
            with open_complete_file(find_digest_file(archive)) as told:
                told.write(
                    format_digest_line(archive, hashlib.file_digest(file, "sha256").hexdigest())
                )
    return archive


def list_public_files(folder: Path) -> list[str]:
    """Return the names of a dump's files in the order of its manifest, then manifest and digests.

    Raise DumpError if the dump is private or its files were changed.
    """
    try:
        manifest = verify_dump(folder)
    except LoadError as error:
        raise DumpError(f"The dump in {folder} was changed. {error}") from error
    if manifest.is_private or folder.name != f"{PREFIX}{manifest.moment.number}":
        raise DumpError(f"{folder} is not the public dump of its revision.")
    return [*(file.name for file in manifest.files), MANIFEST, SUMS]


def write_archive(file: IO[bytes], folder: Path, names: Iterable[str]) -> None:
    """Write an archive without times, machine or user, so that equal dumps give equal bytes."""
    with ZipFile(file, "w") as archive:
        for name in names:
            entry = ZipInfo(f"{folder.name}/{name}")
            entry.compress_type = ZIP_DEFLATED
            entry.create_system, entry.external_attr = UNIX, FOR_READING << 16
            # ZipFile must know the size beforehand, to use ZIP64 for files above 4 GB.
            entry.file_size = (folder / name).stat().st_size
            with archive.open(entry, "w") as packed:
                for part in read_parts(folder / name):
                    packed.write(part)


def has_archive(archive: Path, folder: Path) -> bool:
    """Whether the archive of a dump and its digest exist; raise DumpError if another file does.

    Only SHA256SUMS in the archive is compared, because another release of zlib packs the same files
    into other bytes.
    """
    if not os.path.lexists(archive):
        return False
    sums = (folder / SUMS).read_bytes()
    try:
        is_same = read_packed_file(archive, SUMS, len(sums) + 1) == sums
    except ValueError:
        is_same = False
    if not is_same:
        raise DumpError(f"{archive} exists and is not this dump's archive. Move it away first.")
    return find_digest_file(archive).is_file()


def read_packed_file(archive: Path, name: str, most: int) -> bytes:
    """Return up to `most` bytes of a file in an archive; raise ValueError if it cannot be read."""
    try:
        with ZipFile(archive) as packed, packed.open(f"{archive.stem}/{name}") as file:
            return file.read(most)
    # zipfile raises each of these for archives that are damaged, encrypted or packed otherwise.
    except (BadZipFile, EOFError, KeyError, RuntimeError, zlib.error) as error:
        raise ValueError(f"{archive} is not the archive of a dump: {error}.") from error


@contextmanager
def open_complete_file(target: Path) -> Iterator[BufferedRandom]:
    """Give a temporary file to write into; rename it to `target` once its data is on the disk.

    If an exception is raised meanwhile, the temporary file is deleted.
    """
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
    """Return the line of a .sha256 file, in the format of the program sha256sum."""
    return f"{digest}  {archive.name}\n".encode()


# --- Offering -------------------------------------------------------------------------------------


class Archive(NamedTuple):
    """The archive that the site offers: its path, the state it holds, its size and its SHA-256."""

    path: Path
    moment: Moment
    size: int
    sha256: str

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def folder(self) -> str:
        """Return the name of the folder that it unpacks to."""
        return self.path.stem

    @property
    def digest_name(self) -> str:
        return find_digest_file(self.path).name

    @property
    def digest_line(self) -> bytes:
        return format_digest_line(self.path, self.sha256)


def find_offered_archive(revision: int) -> Archive | None:
    """Return the archive with the highest revision up to this one, or None.

    An archive of a later revision is never offered: it is left over from before the catalogue was
    restored from an older backup, so it does not belong to the present catalogue.
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
    # Pages must be shown even if the folder has unexpected files or files vanish: without the dump.
    except (OSError, ValueError) as error:
        warn_once(str(error))
        return None


def list_numbered_archives(folder: str, revision: int) -> Iterator[tuple[int, str]]:
    """Yield revision and path of each file named like an archive of up to this revision."""
    with os.scandir(folder) as entries:
        for entry in entries:
            found = NAME.fullmatch(entry.name)
            if found and int(found[1]) <= revision and entry.is_file(follow_symlinks=False):
                yield int(found[1]), entry.path


@lru_cache(maxsize=4)
def read_archive(path: str, size: int, changed_ns: int) -> Archive:
    """Return an archive with the state that its manifest names.

    Raise ValueError or OSError if it is no public dump, or if its name or digest does not fit. The
    result is cached until the file's size or time of change differs.
    """
    archive = Path(path)
    manifest = parse_manifest(orjson.loads(read_packed_file(archive, MANIFEST, LONGEST_MANIFEST)))
    if manifest.is_private or archive.stem != f"{PREFIX}{manifest.moment.number}":
        raise ValueError(f"{archive} is not the public dump of its revision.")
    return Archive(archive, manifest.moment, size, read_digest(archive))


def read_digest(archive: Path) -> str:
    """Return the digest in the .sha256 file of an archive; raise ValueError if it is malformed."""
    told = find_digest_file(archive)
    with told.open("rb") as file:
        digest, line = file.read(64).decode(), file.read(1024)
    if not re.fullmatch("[0-9a-f]{64}", digest) or format_digest_line(archive, digest)[64:] != line:
        raise ValueError(f"{told} does not hold the digest of {archive.name}.")
    return digest


@lru_cache(maxsize=64)
def warn_once(reason: str) -> None:
    """Log why no dump is offered; the same reason is logged once, not for every request."""
    log.warning("No dump is offered: %s", reason)
