"""Tokens of suggestions, and the stamp by which a form tells when and that it was opened here.

A stamp is signed and holds the moment and a random number. The token is made of that number and of
what was written, so a form that is sent twice leads to the same suggestion. It has 130 bits, of
which the database has only a digest.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.core import signing
from django.utils import timezone
from django.utils.crypto import salted_hmac

SIGNER = "stemobs.suggestions"
TOKEN_LENGTH = 26  # letters of five bits each
# Nobody reads the form and writes something in less.
QUICKEST = timedelta(seconds=3)
OLDEST = timedelta(days=1)


class Stamp(NamedTuple):
    """What a form says of itself: a random number, and when it was opened."""

    nonce: str
    opened: datetime

    @property
    def age(self) -> timedelta:
        return timezone.now() - self.opened


def make_stamp(opened: datetime | None = None) -> str:
    """Return a signed stamp for a form that is opened now, or was opened at another moment."""
    seconds = int((opened or timezone.now()).timestamp())
    return signing.Signer(salt=SIGNER).sign_object([secrets.token_hex(16), seconds])


def read_stamp(text: str) -> Stamp | None:
    """Return the stamp of a form; None if it is not ours, or if the form is a day old."""
    try:
        nonce, seconds = signing.Signer(salt=SIGNER).unsign_object(text)
    except signing.BadSignature:
        return None
    stamp = Stamp(nonce, datetime.fromtimestamp(seconds, UTC))
    return stamp if stamp.age < OLDEST else None


def make_token(stamp: Stamp, written: Iterable[str]) -> str:
    """Return the token of what was written into a form: always the same for the same."""
    told = "\0".join([stamp.nonce, *written])
    secret = salted_hmac(SIGNER, told, algorithm="sha256").digest()
    return base64.b32encode(secret).decode().lower()[:TOKEN_LENGTH]


def digest_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
