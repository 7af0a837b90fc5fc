"""Mends the digests of a dump that a test has changed."""

import hashlib
import json
from pathlib import Path
from typing import Any

from stemobs.dumps.manifest import VERSIONS, name_file, parse_manifest
from stemobs.dumps.past import HISTORY
from stemobs.dumps.rows import list_link_models


def sign(folder: Path, **changes: Any) -> None:
    """Make the manifest and the digests agree with the files."""
    told = {**json.loads((folder / "manifest.json").read_text()), **changes}
    for file in told["files"]:
        content = (folder / file["name"]).read_bytes()
        file["bytes"], file["sha256"] = len(content), hashlib.sha256(content).hexdigest()
    sign_manifest(folder, told)


def sign_manifest(folder: Path, told: dict[str, Any]) -> None:
    manifest = parse_manifest(told)
    (folder / "manifest.json").write_bytes(manifest.encode_manifest())
    (folder / "SHA256SUMS").write_bytes(manifest.encode_sums())


def drop_history(folder: Path) -> None:
    """Make a dump one of the first version of the format, which had no history."""
    told = json.loads((folder / "manifest.json").read_text())
    gone = {*map(name_file, [*list_link_models(), *HISTORY])}
    for name in gone:
        (folder / name).unlink()
    del told["history"]
    told["files"] = [file for file in told["files"] if file["name"] not in gone]
    sign_manifest(folder, {**told, "version": VERSIONS[False]})
