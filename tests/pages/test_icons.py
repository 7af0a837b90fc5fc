"""Icons: what a template draws is in the sprite, and the sprite holds nothing else."""

import re
from pathlib import Path

import html5lib
from django.conf import settings
from django.template import Context, Template

from programmes.models import EvidenceStep
from stemobs.selection.programmes import VIEWS
from stemobs.templatetags.catalogue import evidence_symbol

# Written out in a template, as a tag or as a reference.
NAMED = re.compile(r"""\{% icon "([\w-]+)" %\}|icons\.svg" %\}#([\w-]+)""")


def drawn() -> set[str]:
    folder = Path(settings.BASE_DIR / "templates")
    texts = [file.read_text() for file in folder.rglob("*.html")]
    return {tag or reference for text in texts for tag, reference in NAMED.findall(text)}


def symbols() -> set[str]:
    text = Path(settings.BASE_DIR / "static" / "icons.svg").read_text()
    return set(re.findall(r'<symbol id="([\w-]+)"', text))


def test_the_sprite_has_every_symbol_that_is_drawn_and_no_other() -> None:
    named_elsewhere = {evidence_symbol(step) for step in EvidenceStep.values} | {*VIEWS} - {"cards"}
    assert symbols() == drawn() | named_elsewhere


def test_an_icon_says_nothing_to_those_who_listen() -> None:
    text = Template('{% icon "feed" %}').render(Context())
    [svg] = html5lib.parseFragment(text)
    assert (svg.get("aria-hidden"), svg.get("class")) == ("true", "ico")
    assert svg[0].get("href") == "/static/icons.svg#feed"
