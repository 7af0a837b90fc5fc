"""Tests of the drawings: the sprites have exactly the icons and kinds that are drawn."""

import re
from pathlib import Path

import html5lib
import pytest
from django.conf import settings
from django.template import Context, Template

from programmes.models import Evaluation, EvidenceStep, InitiativeKind
from stemobs.pages.search import BEGINNINGS
from stemobs.selection.programmes import VIEWS
from stemobs.templatetags.catalogue import evidence_symbol
from stemobs.templatetags.icons import list_pictograms, pictogram_symbol

# The name of an icon in a template, in the `icon` tag or in a reference to the sprite.
NAMED = re.compile(r"""\{% icon "([\w-]+)" %\}|icons\.svg" %\}#([\w-]+)["']""")


def list_drawn_icons() -> set[str]:
    folder = Path(settings.BASE_DIR / "templates")
    texts = [file.read_text() for file in folder.rglob("*.html")]
    return {tag or reference for text in texts for tag, reference in NAMED.findall(text)}


def list_sprite_symbols() -> set[str]:
    text = Path(settings.BASE_DIR / "static" / "icons.svg").read_text()
    return set(re.findall(r'<symbol id="([\w-]+)"', text))


def test_the_sprite_has_exactly_the_icons_that_templates_draw() -> None:
    named_elsewhere = {evidence_symbol(step) for step in EvidenceStep.values} | {*VIEWS} - {"cards"}
    named_elsewhere |= {icon for icon, _text in BEGINNINGS.values()}
    named_elsewhere |= {f"f-{result}" for result in Evaluation.Result.values}
    assert list_sprite_symbols() == list_drawn_icons() | named_elsewhere


def test_an_icon_is_hidden_from_screen_readers() -> None:
    text = Template('{% icon "feed" %}').render(Context())
    [svg] = html5lib.parseFragment(text)
    assert (svg.get("aria-hidden"), svg.get("class")) == ("true", "ico")
    assert svg[0].get("href") == "/static/icons.svg#feed"


@pytest.mark.django_db
def test_every_kind_of_activity_has_a_pictogram_and_none_is_drawn_for_nothing() -> None:
    kinds = {f"k-{slug}" for slug in InitiativeKind.objects.values_list("slug", flat=True)}
    assert list_pictograms() == kinds | {"k-none"}


@pytest.mark.parametrize("kind", [None, "", "a-kind-not-drawn"])
def test_a_kind_without_a_drawing_is_a_dashed_square(kind: str | None) -> None:
    assert pictogram_symbol(kind) == "k-none"
