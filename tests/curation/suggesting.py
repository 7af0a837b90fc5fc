"""Helpers of tests of suggestions: forms as readers send them, and what becomes of them."""

import re
from datetime import timedelta
from typing import Any
from unicodedata import normalize

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from programmes.models import Suggestion
from stemobs.curation.tokens import digest_token, make_stamp
from tests.pages.walk import look

FORM = "/suggest/"
RECORD = "jet-net-nl"
SAID = "In the school year 2018/19 it was about 65,000 pupils."


def assert_sound(client: Client, address: str) -> None:
    """Assert that a page has no fault; it is for no search engine, so it names no address."""
    found = look(client, address)
    assert found.status == 200
    faults = {name: told for name, told in found.faults.items() if told}
    assert set(faults) == {"a wrong canonical address"}, faults


def make_old_stamp(**ago: float) -> str:
    """Return the stamp of a form that was opened so long ago."""
    return make_stamp(timezone.now() - timedelta(**ago))


def fill_in(**changes: str) -> dict[str, str]:
    """Return a form about a record, opened a minute ago and filled in, as a browser sends it."""
    return {
        "stamp": make_old_stamp(minutes=1),
        "programme": RECORD,
        "fact": "",
        "kind": "newer",
        "value": "",
        "said": SAID,
        "source": "Annual report 2018/19, page 7",
        "role": "",
        "web": "",
        **changes,
    }


def send(client: Client, form: dict[str, str] | None = None, **headers: Any) -> HttpResponse:
    return client.post(FORM, fill_in() if form is None else form, **headers)


def find_token(response: HttpResponse) -> str:
    """Return the token in the address that a sent form leads to."""
    assert response.status_code == 303, response.content.decode()[:3000]
    found = re.fullmatch(r"/suggest/([a-z2-7]{26})/", response.headers["Location"])
    assert found
    return found[1]


def find_row(response: HttpResponse) -> Suggestion:
    return Suggestion.objects.get(digest=digest_token(find_token(response)))


def find_told(response: HttpResponse) -> str:
    """Return what the box of errors on a page says, with single spaces."""
    box = response.content.decode().partition('role="alert"')[2].partition("<form")[0]
    return " ".join(re.sub("<[^>]+>", " ", normalize("NFC", box)).split())
