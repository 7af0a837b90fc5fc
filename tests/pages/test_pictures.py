"""Pictures on cards and pages: browsers choose one of several, and know its size beforehand."""

import shutil
from pathlib import Path
from typing import Any

import html5lib
import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory

from programmes.models import Programme
from stemobs.exports.linked.programmes import describe_picture
from stemobs.pages.media import send_picture
from tests import builders
from tests.pages.walk import plain
from tests.pictures import make_large

pytestmark = pytest.mark.django_db


@pytest.fixture
def pictured(settings: LazySettings, tmp_path: Path) -> Programme:
    settings.MEDIA_ROOT = tmp_path
    return builders.make_programme(
        slug="pictured", name="Cogs", kinds=[builders.kind("debates")], **make_large()
    )


def list_parts(client: Client, address: str, name: str) -> list[Any]:
    """Return the elements of a page that have a class."""
    root = html5lib.parse(client.get(address).text, namespaceHTMLElements=False)
    return [one for one in root.iter() if name in (one.get("class") or "").split()]


def find_image(root: Any) -> dict[str, str]:
    (image,) = root.iter("img")
    return dict(image.items())


def test_a_record_shows_its_picture_with_credit_and_licence(
    client: Client, pictured: Programme, rf: RequestFactory, tmp_path: Path
) -> None:
    (figure,) = list_parts(client, "/programmes/pictured/", "picture")
    stem = pictured.logo.url.removesuffix(".png")
    image = find_image(figure)
    assert image["srcset"].split(", ") == [f"{stem}.w{n}.webp {n}w" for n in (320, 640, 800)]
    assert (image["width"], image["height"], image["alt"]) == ("800", "400", "Red above blue")
    assert image["sizes"] == "min(800px, 100vw, 40rem)"
    assert image["src"] == f"{stem}.w640.webp"
    assert image["decoding"] == "async"
    assert "loading" not in image
    assert plain(figure) == "Picture: Cog Club, CC BY 4.0"
    for address in (image["src"], image["srcset"].split()[0], pictured.logo.url):
        sent = send_picture(rf.get(address), address.removeprefix("/media/"), tmp_path)
        assert sent.headers["Content-Type"].startswith("image/")
        sent.close()
    told = describe_picture(pictured)
    assert (told["creditText"], told["license"]["name"]) == ("Cog Club", "CC BY 4.0")


def test_a_card_shows_it_small_without_opening_a_file_and_later_cards_load_it_lazily(
    client: Client, pictured: Programme, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path)
    for name in ("Aa", "Ab"):
        builders.make_programme(name=f"{name} cogs")
    first, _second, third = list_parts(client, "/programmes/?q=cogs&sort=name", "row")
    assert not list(first.iter("img"))  # a card without picture has nothing in its place
    image = find_image(third)
    assert image["loading"] == "lazy"
    assert (image["sizes"], image["width"], image["height"]) == ("7.5rem", "800", "400")
    assert image["src"] == f"{pictured.logo.url.removesuffix('.png')}.w320.webp"
    alone = list_parts(client, "/programmes/?q=cogs&kind=debates", "row")[0]
    assert "loading" not in find_image(alone)


def test_a_picture_whose_name_says_no_size_is_shown_as_it_is(client: Client) -> None:
    builders.make_programme(slug="old", logo="logos/old.png", logo_alt="A cog")
    (figure,) = list_parts(client, "/programmes/old/", "picture")
    assert find_image(figure) == {
        "src": "/media/logos/old.png", "alt": "A cog", "decoding": "async"
    }  # fmt: skip
