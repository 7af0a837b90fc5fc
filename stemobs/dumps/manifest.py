"""The manifest of a dump: the state it holds, its schema, and size and SHA-256 of each file."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from stemobs.catalogue.states.moments import Moment
from stemobs.catalogue.triggers.tables import APPS
from stemobs.dumps.rows import Model
from stemobs.publisher import LICENCE_ID

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
DATA, MEDIA = "data", "media"
PREFIX = "stem-observatory-"  # the name of a dump is this and its revision
FORMAT = "stem-observatory-dump"
# Of the format, without and with history. Dumps of earlier releases have none.
VERSIONS = {False: 1, True: 2}
LONGEST_MANIFEST = 64 << 20  # bytes, enough for some 400,000 pictures
AT_ONCE = 1 << 20  # bytes of a file that are read at a time


class WrittenFile(NamedTuple):
    """One file of a dump: name, rows, size, digest; `rows` is None unless it holds data rows."""

    name: str
    rows: int | None
    bytes: int
    sha256: str


class Manifest(NamedTuple):
    """The content of manifest.json: state, release, applied migrations, and the list of files."""

    is_private: bool
    moment: Moment
    software: str
    migrations: dict[str, list[str]]
    files: list[WrittenFile]

    @property
    def has_history(self) -> bool:
        return bool(self.moment.history)

    def encode_manifest(self) -> bytes:
        """Return the manifest as the bytes of manifest.json."""
        told = {
            "format": FORMAT,
            "version": VERSIONS[self.has_history],
            "private": self.is_private,
            "licence": None if self.is_private else LICENCE_ID,
            "revision": self.moment.number,
            "changed_at": self.moment.changed_at,
            **({"history": self.moment.history} if self.has_history else {}),
            "software": self.software,
            "migrations": self.migrations,
            "files": [file._asdict() for file in self.files],
        }
        options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
        return orjson.dumps(told, option=options)

    def encode_sums(self) -> bytes:
        """Return the bytes of SHA256SUMS, in the format of the program sha256sum."""
        sums = {file.name: file.sha256 for file in self.files}
        sums[MANIFEST] = hashlib.sha256(self.encode_manifest()).hexdigest()
        return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def parse_manifest(told: Any) -> Manifest:
    """Return a manifest from its parsed JSON; raise ValueError that names the faulty field."""
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ValueError(f"it is not a manifest of the format {FORMAT}")
    if told.get("version") not in VERSIONS.values():
        raise ValueError(f"version {told.get('version')!r} of the format is not 1 or 2")
    has_history = told["version"] == VERSIONS[True]
    manifest = Manifest(
        is_private=check_kind(bool, told, "private"),
        moment=Moment(
            check_kind(int, told, "revision"),
            parse_moment(check_kind(str, told, "changed_at")),
            parse_history(check_kind(str, told, "history")) if has_history else "",
        ),
        software=check_kind(str, told, "software"),
        migrations=check_kind(dict, told, "migrations"),
        files=[parse_file(one) for one in check_kind(list, told, "files")],
    )
    if not 0 < manifest.moment.number < 1 << 62:
        raise ValueError("revision: it is out of range")
    if not all(isinstance(names, list) for names in manifest.migrations.values()):
        raise ValueError("migrations: each is a list")
    return manifest


def parse_file(told: Any) -> WrittenFile:
    if not isinstance(told, dict):
        raise ValueError("files: each is an object")
    rows = None if told.get("rows") is None else check_kind(int, told, "rows")
    return WrittenFile(
        check_kind(str, told, "name"),
        rows,
        check_kind(int, told, "bytes"),
        check_kind(str, told, "sha256"),
    )


def check_kind(kind: type, told: dict[str, Any], name: str) -> Any:
    if type(told.get(name)) is not kind:
        raise ValueError(f"{name}: it is not of the type {kind.__name__}")
    return told[name]


def parse_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("changed_at: it has no time zone")
    return moment


def parse_history(text: str) -> str:
    if UUID(text).hex != text:
        raise ValueError("history: it is no identity")
    return text


def name_file(model: Model) -> str:
    """Return the name of the file with the rows of a model."""
    return f"{DATA}/{model._meta.label_lower}.ndjson"


def find_release() -> str:
    """Return the version of this software, from pyproject.toml."""
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["version"]


def list_migrations() -> dict[str, list[str]]:
    """Return the names of the applied migrations of the catalogue's apps, by app."""
    applied = MigrationRecorder(connection).applied_migrations()
    return {app: sorted(name for label, name in applied if label == app) for app in APPS}


def read_parts(file: Path) -> Iterator[bytes]:
    """Yield the bytes of a file in parts of up to AT_ONCE bytes."""
    with file.open("rb") as opened:
        while part := opened.read(AT_ONCE):
            yield part


def digest_parts(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()
