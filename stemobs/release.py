"""Which release this is: a digest of the code, the locked packages and what the settings show."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

# Folders whose files shape the answers. Their digest is part of every ETag, so that a new release
# makes all cached answers stale.
CODE = ("programmes", "partnerships", "stemobs", "templates", "static", "locale")


@cache
def digest_release() -> str:
    """Return a digest of the code, the locked requirements and the addresses that pages show."""
    shown = (settings.SITE_URL, settings.CONTACT_EMAIL, settings.SECURITY_CONTACT)
    digest = hashlib.sha256("\n".join(shown).encode())
    for file in list_code_files():
        digest.update(file.read_bytes())
    return digest.hexdigest()


def list_code_files() -> Iterator[Path]:
    yield settings.BASE_DIR / "requirements.lock"
    for folder in CODE:
        for file in sorted((settings.BASE_DIR / folder).rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                yield file
