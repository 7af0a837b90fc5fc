"""The Nu HTML Checker, which knows more rules of HTML than html5lib, finds no error in any page."""

import json
import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.pages.walk import list_public_addresses
from tests.validators.tools import check_html

pytestmark = [pytest.mark.trial, pytest.mark.django_db]

# What the checker names and is meant: the roles of the table of a comparison. Styles draw it as a
# grid on phones, and browsers then tell screen readers that it is a table only if its roles say so.
COMPARISON = "/programmes/compare/"
MEANT = re.compile(
    r"The “role” attribute must not be used on a “(tr|th|td)” element"
    r"|The “(table|row|rowgroup|cell|rowheader|columnheader)” role is unnecessary"
)
OTHERS = {
    "/admin/login/": 200,
    "/programmes/nobody-knows-it/": 404,
    "/nowhere/": 404,
    "/programmes/?country=XX&country=NL&nothing=1": 200,
    "/programmes/compare/?programme=nobody-knows-it": 200,
    "/programmes.csv?nothing=1": 400,
}


def save_pages(client: Client, folder: Path) -> dict[str, str]:
    """Write every page as a file, and return the addresses by the names of the files."""
    names = {}
    asked = {**dict.fromkeys(list_public_addresses(), 200), **OTHERS}
    for number, (address, status) in enumerate(asked.items()):
        response = client.get(address, headers={"Accept": "text/html"})
        assert response.status_code == status, address
        assert response.headers["Content-Type"].startswith("text/html"), address
        (folder / f"{number}.html").write_bytes(b"".join(response))  # type: ignore[arg-type]
        names[f"{number}.html"] = address
    return names


def is_meant(address: str, message: str) -> bool:
    return address.startswith(COMPARISON) and bool(MEANT.search(message))


def test_the_nu_html_checker_finds_no_error_on_any_page(
    client: Client, tmp_path: Path, settings: LazySettings
) -> None:
    settings.DEBUG = False
    addresses = save_pages(client, tmp_path)
    finished = check_html(tmp_path)
    assert '"messages":' in finished.stderr, finished.stderr[:500]
    found = {
        one["message"]: f"{addresses[Path(one['url']).name]}:{one.get('lastLine')}"
        for one in json.loads(finished.stderr)["messages"]
        if one["type"] != "info" and not is_meant(addresses[Path(one["url"]).name], one["message"])
    }
    assert not found, "\n".join(f"{message} {place}" for message, place in found.items())
