"""Suggestions for the 404 page: programmes that match the words of the missing address."""

import logging
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from programmes.models import Programme
from stemobs import text
from stemobs.catalogue.catalogue import Catalogue, keeper
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.examples import with_evidence_and_countries
from stemobs.entries.publication import list_published
from stemobs.selection.parameters import MAX_QUERY
from stemobs.selection.programmes import ProgrammeFilter

log = logging.getLogger(__name__)

MOST_LIKELY = 3
# Sections of the site, the first parts of addresses: the list that a 404 in the section leads to.
SECTIONS = {
    "about": ("about", _("About the catalogue")),
    "countries": ("countries", _("Countries")),
    "evidence": ("evidence", _("What was found")),
    "feeds": ("programmes", _("All programmes")),
    "guides": ("guides", _("Guides")),
    "insights": ("insights", _("Insights")),
    "organisations": ("organisations", _("All organisations")),
    "platforms": ("platforms", _("All STEM platforms")),
    "programmes": ("programmes", _("All programmes")),
    "strategies": ("strategies", _("All strategies")),
}
# The lists that the page of every error leads to.
USUAL = [SECTIONS[name] for name in ("programmes", "countries", "guides")]
FORMATS = {"asp", "aspx", "htm", "html", "index", "json", "php"}


def read_words(path: str) -> str:
    """Return the words of a path as a search text, without its section and its file ending."""
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] in SECTIONS:
        del parts[0]
    words = re.findall(r"[^\W_]+", " ".join(parts))
    return " ".join(word for word in words if word.lower() not in FORMATS)[:MAX_QUERY]


def list_ways_on(path: str) -> list[tuple[str, Any]]:
    """Return the lists to go on from, as (URL name, label): that of the section first."""
    section = SECTIONS.get(path.split("/")[1]) if path.startswith("/") else None
    return [*dict.fromkeys([section, *USUAL] if section else USUAL)]


def suggest_programmes(request: HttpRequest, words: str) -> list[Programme]:
    """Return at most MOST_LIKELY programmes that match the words; none if anything goes wrong."""
    # While the catalogue is still being built, the 404 page does not wait for it.
    if not words or not keeper.is_ready:
        return []
    try:
        return find_programmes(words, get_request_catalogue(request))
    # Every exception is caught, because an error page must not fail with another error.
    except Exception as error:
        log.warning("The 404 page cannot suggest programmes: %s", error)
        return []


def find_programmes(words: str, catalogue: Catalogue) -> list[Programme]:
    """Return programmes that match the first of the searches that finds any."""
    found = filter(None, (find_best_ids(one, catalogue) for one in list_searches(words, catalogue)))
    return list_published(next(found, []), with_evidence_and_countries())


def list_searches(words: str, catalogue: Catalogue) -> Iterator[str]:
    """Yield all words, then their corrected spelling, then the first words known from names.

    An address begins with the name of a programme, so words are left out from its end.
    """
    yield words
    corrected = make_selection(words, catalogue).suggestion
    if len(text.split_words(corrected)) == len(text.split_words(words)):
        yield corrected
    known = [w for w in text.split_words(words) if catalogue.programmes.find_word(w).in_names]
    yield from (" ".join(known[:number]) for number in range(len(known), 0, -1))


def find_best_ids(words: str, catalogue: Catalogue) -> list[int]:
    return make_selection(words, catalogue).matches[:MOST_LIKELY] if words else []


def make_selection(words: str, catalogue: Catalogue) -> ProgrammeFilter:
    return ProgrammeFilter(QueryDict(urlencode({"q": words})), catalogue)
