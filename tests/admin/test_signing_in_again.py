"""What is sent by somebody who is not signed in any more: it is kept, and can be sent after all."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from programmes.models import Programme
from stemobs.curation.kept_forms import LONGEST_KEPT
from tests.admin.forms import address, filled_in
from tests.builders import make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SIGN_IN = "/admin/login/"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
TYPED = "Half an hour of <b>typing</b>.\r\nWith a “second” line."


def read_hidden(page: str) -> dict[str, list[str]]:
    """Return the hidden fields of the last form on a page, as a browser would send them."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page):
        found.setdefault(unescape(name), []).append(unescape(value))
    return found


def read_summary(programme: Programme) -> str:
    programme.refresh_from_db()
    return programme.summary


@pytest.fixture
def person(admin_user: User) -> User:
    admin_user.set_password("seventeen red hens")
    admin_user.save()
    return admin_user


def sign_in_with(client: Client, page: Any, **more: str) -> Any:
    given = {"username": "admin", "password": "seventeen red hens", **more}
    return client.post(SIGN_IN, {**read_hidden(page.text), **given})


def test_a_form_of_somebody_who_is_signed_out_is_sent_after_signing_in_again(
    client: Client, person: User
) -> None:
    programme = make_programme(state="draft", summary="Before.")
    client.force_login(person)
    form = address(programme, "change")
    data = {**filled_in(client.get(form)), "summary": TYPED, "countries": []}
    client.logout()

    page = client.post(form, data)
    assert page.status_code == 403
    assert page.headers["Cache-Control"].startswith(("no-store", "private", "max-age=0"))
    assert "You are not signed in any more, so nothing was saved." in page.text
    wrong = sign_in_with(client, page, password="wrong")
    assert "kept" in read_hidden(wrong.text)
    again = sign_in_with(client, wrong)
    assert again.status_code == 200
    assert f'action="{form}"' in again.text
    assert read_summary(programme) == "Before."
    saved = client.post(form, read_hidden(again.text.partition('id="content-main"')[2]))
    assert saved.status_code == 302
    assert read_summary(programme) == TYPED.replace("\r\n", "\n")


def test_what_this_site_did_not_keep_itself_is_not_offered_to_be_sent(
    client: Client, person: User
) -> None:
    for kept in ("", "crafted", "\x00", "9" * 5_000, "a:b:c"):
        page = client.post(SIGN_IN, {"username": "", "kept": kept})
        assert page.status_code == 200
        assert "kept" not in read_hidden(page.text)
    given = {"username": "admin", "password": "seventeen red hens", "kept": "crafted"}
    assert client.post(SIGN_IN, given).status_code == 302
    client.logout()
    form = address(Programme, "add")
    for sent in ({}, {"password1": "secret"}, {"summary": "é" * (LONGEST_KEPT // 2) + "x"}):
        page = client.post(form, sent)
        assert (page.status_code == 302) or "kept" in read_hidden(page.text)
        assert "secret" not in page.text


def test_a_form_that_was_opened_before_somebody_signed_in_anew_can_be_sent_once_more(
    admin_user: User,
) -> None:
    programme = make_programme(state="draft", summary="Before.")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    form = address(programme, "change")
    page = strict.get(form)
    data = {**filled_in(page), "summary": TYPED}
    stale = {**data, "csrfmiddlewaretoken": "x" * 64}
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        refused = strict.post(form, stale, headers=headers)
        assert refused.status_code == 403
        assert "typing" not in refused.text  # of another site: nothing is offered
    offered = strict.post(form, stale, headers=SAME_SITE)
    assert offered.status_code == 403
    assert "Half an hour of &lt;b&gt;typing" in offered.text
    token = read_hidden(offered.text)["csrfmiddlewaretoken"]
    assert strict.post(form, {**data, "csrfmiddlewaretoken": token}).status_code == 302
    assert read_summary(programme) == TYPED.replace("\r\n", "\n")
