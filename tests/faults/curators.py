"""A curator's browser without scripts: keeps cookies, reads forms and sends them as they are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener
from xml.etree.ElementTree import Element

import html5lib

from tests.faults.load import LONGEST
from tests.faults.sites import NAME, PASSWORD, Site

PROGRAMMES = "/admin/programmes/programme/"
Fields = list[tuple[str, str]]


class NoRedirects(HTTPRedirectHandler):
    """Leaves redirects to the test, which sees by them what was done."""

    def redirect_request(self, *_given: object) -> None:
        return None


@dataclass(frozen=True)
class Page:
    """An answer to a curator, with its forms."""

    status: int
    headers: dict[str, str]
    text: str

    def read_form(self, action: str) -> Fields:
        """Return the fields of the form that is sent to an address, as a browser sends them."""
        document = html5lib.parse(self.text, namespaceHTMLElements=False)
        (form,) = [
            form
            for form in document.iter("form")
            if form.get("method", "").lower() == "post" and form.get("action", action) == action
            and form.get("id") != "logout-form"
        ]  # fmt: skip
        return [pair for element in form.iter() for pair in read_element(element)]


def read_element(element: Element) -> Iterator[tuple[str, str]]:
    name, kind = element.get("name"), element.get("type", "")
    if not name or element.get("disabled") is not None:
        return
    if element.tag == "textarea":
        # What a browser sends has the line breaks of the internet.
        yield name, re.sub(r"\r\n|\r|\n", "\r\n", element.text or "")
    elif element.tag == "select":
        for option in element.iter("option"):
            if option.get("selected") is not None:
                yield name, option.get("value") or ""
    elif element.tag == "input" and is_sent(element, kind):
        yield name, element.get("value", "on" if kind == "checkbox" else "")


def is_sent(element: Element, kind: str) -> bool:
    """Whether a browser sends this input when another button is pressed."""
    if kind in ("checkbox", "radio"):
        return element.get("checked") is not None
    return kind not in ("submit", "file", "button", "image")


@dataclass
class Curator:
    """A curator, who signs in when the site is whole."""

    site: Site
    cookies: CookieJar = field(default_factory=CookieJar)

    def ask(self, path: str, fields: Fields | None = None) -> Page:
        opener = build_opener(HTTPCookieProcessor(self.cookies), NoRedirects)
        body = None if fields is None else urlencode(fields).encode()
        asked = Request(f"http://127.0.0.1:{self.site.port}{path}", body)
        try:
            answer = opener.open(asked, timeout=LONGEST)
        except HTTPError as refused:
            answer = refused
        with answer:
            return Page(answer.status, dict(answer.headers), answer.read().decode())

    def sign_in(self) -> Page:
        path = "/admin/login/"
        given = {"username": NAME, "password": PASSWORD}
        page = self.ask(path)
        if page.status == 302:  # already signed in
            return page
        fields = [pair for pair in page.read_form(path) if pair[0] not in given]
        return self.ask(path, [*fields, *given.items()])

    def find_programme(self) -> str:
        """Return the address of the form of a programme."""
        found = re.search(rf"{PROGRAMMES}\d+/change/", self.ask(PROGRAMMES).text)
        assert found
        return found[0]
