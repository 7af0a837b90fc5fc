"""Checks that a folder is a complete dump of this database's schema: manifest, digests, files."""

import os
import stat
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import orjson

from stemobs.dumps.manifest import (
    LONGEST_MANIFEST,
    MANIFEST,
    SUMS,
    Manifest,
    WrittenFile,
    digest_parts,
    list_migrations,
    name_file,
    parse_manifest,
    read_parts,
)
from stemobs.dumps.pictures import is_picture
from stemobs.dumps.rows import Model, list_models_in

TEXTS = {
    "README.txt", "LICENCE.txt", "programmes.csv", "figures.csv", "evaluations.csv",
    "programmes.csv-metadata.json", "figures.csv-metadata.json", "evaluations.csv-metadata.json",
}  # fmt: skip


class LoadError(Exception):
    """A dump cannot be loaded; the message names file, line and field where it can."""


def verify_dump(folder: Path) -> Manifest:
    """Return the manifest of a dump; raise LoadError unless all files are there and unchanged."""
    found = list_files(folder)
    manifest = read_manifest(folder)
    files = {file.name: file for file in manifest.files}
    if len(files) < len(manifest.files):
        raise LoadError(f"{MANIFEST}: it names a file twice.")
    expected = {*files, MANIFEST, SUMS}
    for name in sorted(expected ^ found):
        reason = "it is missing." if name in expected else "it is no part of the dump."
        raise LoadError(f"{name}: {reason}")
    needed = set(map(name_file, list_models(manifest)))
    for name in sorted(needed - files.keys()):
        raise LoadError(f"{MANIFEST}: it does not name {name}.")
    for name in sorted(files.keys() - needed - TEXTS):
        if not is_picture(name):
            raise LoadError(f"{name}: a dump of this release has no such file.")
    if (folder / SUMS).read_bytes() != manifest.encode_sums():
        raise LoadError(f"{SUMS}: it does not agree with {MANIFEST}.")
    for file in manifest.files:
        verify_file(folder, file)
    return manifest


def list_files(folder: Path) -> set[str]:
    """Return the paths of all files below a folder; raise LoadError for links and devices."""
    if not folder.is_dir():
        raise LoadError(f"{folder} is not a folder.")
    found = set()
    for path, folders, files in os.walk(folder):
        for name in chain(folders, files):
            one = Path(path, name)
            mode = one.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise LoadError(f"{one}: it is a link or a device, not a file.")
        found.update(Path(path, name).relative_to(folder).as_posix() for name in files)
    return found


def read_manifest(folder: Path) -> Manifest:
    try:
        with (folder / MANIFEST).open("rb") as file:
            data = file.read(LONGEST_MANIFEST)
        manifest = parse_manifest(orjson.loads(data))
    except (OSError, ValueError) as error:  # orjson raises a ValueError for text that is not JSON
        raise LoadError(f"{MANIFEST}: {error}.") from error
    if manifest.encode_manifest() != data:
        raise LoadError(f"{MANIFEST}: it is not written as `dump` writes it.")
    return manifest


def list_models(manifest: Manifest) -> list[Model]:
    """Return the models whose rows a dump holds; a private one has more of them."""
    return list_models_in(is_private=manifest.is_private, has_history=manifest.has_history)


def verify_file(folder: Path, file: WrittenFile) -> None:
    """Raise LoadError if a file's size or digest differs from the manifest."""
    path = folder / file.name
    if path.stat().st_size != file.bytes or digest_parts(read_parts(path)) != file.sha256:
        raise LoadError(f"{file.name}: its size or its digest is not the one in {MANIFEST}.")


def verify_schema(manifest: Manifest) -> None:
    """Raise LoadError if the dump was made with other migrations than this database has."""
    here = list_migrations()
    for app in sorted(here.keys() | manifest.migrations.keys()):
        theirs, ours = manifest.migrations.get(app, []), here.get(app, [])
        if theirs != ours:
            raise LoadError(
                f"The dump was made by release {manifest.software} with other migrations of "
                f"{app}: {name_all(theirs)}; this database has {name_all(ours)}. Load it with that "
                "release, then migrate."
            )


def name_all(names: Iterable[str]) -> str:
    return ", ".join(map(str, names)) or "none"
