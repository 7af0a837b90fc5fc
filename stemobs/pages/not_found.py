"""What a reader may have looked for, from the words of an address that leads nowhere."""

import logging
import re

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from programmes.models import Programme
from stemobs import text
from stemobs.catalogue.catalogue import Catalogue, keeper
from stemobs.catalogue.requests import get_request_catalogue
from stemobs.entries.examples import with_evidence_and_countries
from stemobs.entries.publication import list_published
from stemobs.selection.parameters import MAX_QUERY
from stemobs.selection.programmes import ProgrammeFilter

log = logging.getLogger(__name__)

MOST_LIKELY = 3
# The first part of an address says what sort of page it is, the end which format.
SECTIONS = {
    "about", "countries", "feeds", "guides", "insights", "organisations", "platforms", "programmes",
    "strategies",
}  # fmt: skip
FORMATS = {"asp", "aspx", "htm", "html", "index", "json", "php"}


def read_words(path: str) -> str:
    """Return the words of an address as a search."""
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] in SECTIONS:
        del parts[0]
    words = re.findall(r"[^\W_]+", " ".join(parts))
    return " ".join(word for word in words if word.lower() not in FORMATS)[:MAX_QUERY]


def suggest_programmes(request: HttpRequest, words: str) -> list[Programme]:
    """Return the few programmes that these words may mean; none if anything goes wrong."""
    # Nobody shall wait for the catalogue in order to learn that a page is not there.
    if not words or not keeper.is_ready:
        return []
    try:
        return find_programmes(words, get_request_catalogue(request))
    # Whatever it is: a page about an error must not end in another one.
    except Exception as error:
        log.warning("Nothing can be suggested for an address: %s", error)
        return []


def find_programmes(words: str, catalogue: Catalogue) -> list[Programme]:
    """Search for all words, else for their better spelling, else for those that are known."""
    ids = find_best_ids(words, catalogue)
    if not ids:
        ids = find_best_ids(make_selection(words, catalogue).suggestion, catalogue)
    if not ids:
        known = [w for w in text.split_words(words) if catalogue.programmes.find_word(w).in_names]
        ids = find_best_ids(" ".join(known), catalogue)
    return list_published(ids, with_evidence_and_countries())


def find_best_ids(words: str, catalogue: Catalogue) -> list[int]:
    return make_selection(words, catalogue).matches[:MOST_LIKELY] if words else []


def make_selection(words: str, catalogue: Catalogue) -> ProgrammeFilter:
    return ProgrammeFilter(QueryDict(urlencode({"q": words})), catalogue)
