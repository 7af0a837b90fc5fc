"""Every public page: sound HTML, links that lead somewhere, facts with sources, nothing empty.

The whole site is walked once; the tests then look at what was found.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest
from django.conf import LazySettings
from django.conf import settings as site_settings
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from partnerships.models import Guide, NationalPlatform, Organisation, Strategy
from programmes.models import Country, EvidenceStep, Field, Programme, Source, Unit
from stemobs.catalogue.catalogue import current
from stemobs.entries.lineage import journeys
from stemobs.exports.citations import FORMATS as CITATIONS
from stemobs.insights.insights import FIGURES
from stemobs.selection.facets import FACETS
from stemobs.selection.organisations import OrganisationFilter
from stemobs.selection.programmes import PageFilter, ProgrammeFilter
from tests import builders

# All of them, so that they run in one go and the site is walked only once.
pytestmark = pytest.mark.django_db

SELECTIONS = (
    "country=NL",
    "country=FI&country=NL&level=3",
    "country=none",
    "level=higher&level=vocational",
    "kind=company-visits",
    "evidence=independent",
    "organisation=shell",
    "role=funder",
    "status=active",
    "q=robots",
    "q=robots&country=BE",
    "q=no+such+word+anywhere",
    "running_in=2015",
    "started_from=2010&started_to=2012",
    "sort=name",
    "sort=newest&page=2",
    "sort=updated&page_size=5",
    "page_size=100",
    "country=NL&view=table",
    "level=1&view=map",
    "view=timeline&sort=oldest",
    "q=no+such+word+anywhere&view=map",
)
# What reads the query of a list; the API, feeds and files take one without a view.
FILTERS = {"/programmes/": PageFilter, "/organisations/": OrganisationFilter}
COMPARISONS = (
    "",
    "programme=jet-net-nl",
    "programme=jet-net-nl&programme=tektanken",
    "programme=stem-at-home&programme=stem-teacher-academy&programme=techkwadraat&programme=tektanken",
)
ORGANISATION_SELECTIONS = (
    "type=company",
    "type=university&country=NL",
    "q=ptvt",
    "q=nobody+at+all",
)


# --- Walking -------------------------------------------------------------------------------------


@dataclass
class Found:
    """What the walk found on one page."""

    address: str
    status: int
    title: str = ""
    ids: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)  # absolute on this site, with fragment
    resources: set[str] = field(default_factory=set)
    faults: dict[str, list[str]] = field(default_factory=dict)


Site = dict[str, Found]


def pages_of(address: str, number: int, size: int) -> list[str]:
    last = Paginator(range(number), size).num_pages
    return [address, *(f"{address}?page={page}" for page in range(2, last + 1))]


def addresses() -> list[str]:
    """Return every public page, from the database."""
    published = Programme.objects.published()
    details = [
        *published,
        *Organisation.objects.all(),
        *NationalPlatform.objects.all(),
        *Strategy.objects.all(),
        *Guide.objects.all(),
    ]
    return [
        "/", "/countries/", "/platforms/", "/strategies/", "/guides/", "/guides/plan/", "/about/",
        "/about/data/", "/api/v1/docs/", "/guides/plan/?g1-clear-outcomes=not-yet&c4-girls=partly",
        "/insights/", *(f"/insights/{slug}/" for slug in FIGURES),
        *pages_of("/programmes/", published.count(), 25),
        *(f"/programmes/?{query}" for query in SELECTIONS),
        *(f"/programmes/compare/{query and f'?{query}'}" for query in COMPARISONS),
        *pages_of("/organisations/", Organisation.objects.count(), 50),
        *(f"/organisations/?{query}" for query in ORGANISATION_SELECTIONS),
        *(f"/countries/{country.code.lower()}/" for country in Country.objects.all()),
        *(row.get_absolute_url() for row in details),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Site:
    with django_db_blocker.unblock():
        client = Client()
        return {address: look(client, address) for address in addresses()}


def look(client: Client, address: str) -> Found:
    response = client.get(address)
    found = Found(address, response.status_code)
    if response.status_code == 200:
        examine(found, response.text)
    return found


def examine(found: Found, text: str) -> None:
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    root = parser.parse(text)
    found.faults["HTML errors"] = [f"{place} {code} {data}" for place, code, data in parser.errors]
    found.title = "".join(root.find("head/title").itertext()).strip()
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    found.ids = set(ids)
    for name, check in CHECKS.items():
        found.faults[name] = list(check(root, found.address))
    for element in root.iter():
        target = element.get("href") or element.get("{http://www.w3.org/1999/xlink}href")
        if element.tag == "a" and target is not None:
            found.links.add(
                urljoin(found.address, target if target != "?" else "?x").replace("?x", "")
            )
        elif target or element.get("src"):
            found.resources.add(urljoin(found.address, target or element.get("src")))


# --- What a page must not have: each check yields the faults it finds ----------------------------

Check = Callable[[ET.Element, str], Iterator[str]]
CONTROLS = {"input", "select", "textarea", "button"}
WORDS_FOR_NOTHING = {
    "None",
    "N/A",
    "n/a",
    "null",
    "undefined",
    "NaN",
    "nan",
    "True",
    "False",
    "()",
    "[]",
}
NEVER_EMPTY = {"dd", "dt", "td", "th", "li", "a", "h1", "h2", "h3", "h4", "p", "caption", "label",
               "legend", "summary", "option", "button", "sup", "time", "blockquote"}  # fmt: skip


def plain(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def has_name(element: ET.Element) -> bool:
    """Whether a reader gets anything from an element: text, or a text alternative inside."""
    inside = element.iter()
    return bool(plain(element)) or any(e.get("aria-label") or e.get("alt") for e in inside)


def headings(root: ET.Element, address: str) -> Iterator[str]:
    number = sum(1 for _element in root.iter("h1"))
    if number != 1:
        yield f"{number} h1"
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    yield from (f"h{b} after h{a}" for a, b in pairwise(levels) if b > a + 1)


def repeated_ids(root: ET.Element, address: str) -> Iterator[str]:
    ids = Counter(element.get("id") for element in root.iter() if element.get("id"))
    yield from (f"{name} {number} times" for name, number in ids.items() if number > 1)


def loose_labels(root: ET.Element, address: str) -> Iterator[str]:
    controls = {e.get("id") for e in root.iter() if e.tag in CONTROLS}
    for label in root.iter("label"):
        inside = any(child.tag in CONTROLS for child in label.iter())
        if not inside and label.get("for") not in controls:
            yield plain(label)


def loose_references(root: ET.Element, address: str) -> Iterator[str]:
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        for name in ("aria-labelledby", "aria-describedby", "aria-controls", "list", "form"):
            yield from (
                f"{name}={part}" for part in (element.get(name) or "").split() if part not in ids
            )


def nameless_controls(root: ET.Element, address: str) -> Iterator[str]:
    labelled = {e.get("for") for e in root.iter("label")}
    wrapped = {id(e) for label in root.iter("label") for e in label.iter()}
    for element in root.iter():
        if element.tag not in {"input", "select", "textarea"} or element.get("type") == "hidden":
            continue
        named = element.get("aria-label") or element.get("aria-labelledby")
        if not named and element.get("id") not in labelled and id(element) not in wrapped:
            yield ET.tostring(element, encoding="unicode")[:100]


def words_for_nothing(root: ET.Element, address: str) -> Iterator[str]:
    for element in root.iter():
        for text in (element.text, element.tail):
            if text and text.strip(" ,.;:·–()\n\t") in WORDS_FOR_NOTHING - {""}:
                yield f"{element.tag}: {text.strip()}"


def empty_elements(root: ET.Element, address: str) -> Iterator[str]:
    for element in root.iter():
        if element.tag in NEVER_EMPTY and not has_name(element):
            yield ET.tostring(element, encoding="unicode")[:120]


def inline_code(root: ET.Element, address: str) -> Iterator[str]:
    for element in root.iter():
        # A script of another type than JavaScript is data, which no policy keeps from being there.
        is_data = element.get("type") == "application/ld+json"
        is_script = element.tag == "script" and not element.get("src") and not is_data
        if element.tag == "style" or is_script:
            yield f"<{element.tag}>"
        yield from (
            f"{element.tag} {name}"
            for name in element.attrib
            if name == "style" or name.startswith("on")
        )
        if (element.get("href") or "").lower().startswith(("javascript:", "data:")):
            yield element.get("href", "")


def images_without_text(root: ET.Element, address: str) -> Iterator[str]:
    yield from (e.get("src", "") for e in root.iter("img") if e.get("alt") is None)
    for element in root.iter("{http://www.w3.org/2000/svg}svg"):
        if element.get("aria-hidden") != "true" and not (
            element.get("aria-label") or element.get("aria-labelledby")
        ):
            yield ET.tostring(element, encoding="unicode")[:100]


def canonical(root: ET.Element, address: str) -> Iterator[str]:
    links = [e.get("href") for e in root.iter("link") if e.get("rel") == "canonical"]
    expected = site_settings.SITE_URL + address
    if links != [expected]:
        yield f"{links} instead of {expected}"


def foreign_resources(root: ET.Element, address: str) -> Iterator[str]:
    for element in root.iter():
        loaded = element.get("src") or (element.get("href") if element.tag == "link" else None)
        if loaded and urlsplit(loaded).netloc and element.get("rel") != "canonical":
            yield loaded


def unmarked_leavings(root: ET.Element, address: str) -> Iterator[str]:
    """A link to another site must not tell it who sent the reader, nor control our window."""
    for link in root.iter("a"):
        target = urlsplit(link.get("href") or "")
        if target.netloc and "noopener" not in (link.get("rel") or ""):
            yield link.get("href", "")


def language(root: ET.Element, address: str) -> Iterator[str]:
    if not (root.get("lang") or "").startswith("en"):
        yield f"lang={root.get('lang')}"


CHECKS: dict[str, Check] = {
    "headings out of order": headings,
    "ids used twice": repeated_ids,
    "labels without a control": loose_labels,
    "references to ids that are not there": loose_references,
    "controls without a name": nameless_controls,
    "words for nothing": words_for_nothing,
    "empty elements": empty_elements,
    "inline style, script or handlers": inline_code,
    "images without a text alternative": images_without_text,
    "a wrong canonical address": canonical,
    "resources of other sites": foreign_resources,
    "links to other sites without noopener": unmarked_leavings,
    "no language": language,
}


# --- The walk's findings -------------------------------------------------------------------------


def test_every_public_address_answers(site: Site) -> None:
    assert len(site) > 500
    assert {page.address: page.status for page in site.values() if page.status != 200} == {}


@pytest.mark.parametrize("what", ["HTML errors", *CHECKS])
def test_no_page_has(site: Site, what: str) -> None:
    found = {page.address: page.faults[what][:3] for page in site.values() if page.faults[what]}
    assert not found, f"{len(found)} pages, such as {dict(list(found.items())[:5])}"


def test_every_title_ends_with_the_name_of_the_site(site: Site) -> None:
    assert [a for a, page in site.items() if not page.title.endswith(" – STEM Observatory")] == []
    assert [a for a, page in site.items() if page.title.startswith("–") or "  " in page.title] == []


def test_no_two_things_share_a_title(site: Site) -> None:
    titles: dict[str, list[str]] = {}
    for page in site.values():
        if "?" not in page.address:
            titles.setdefault(page.title, []).append(urlsplit(page.address).path)
    # A body and the platform or the entry about it may have one name; two of one sort may not.
    for title, paths in titles.items():
        sorts = [path.split("/")[1] for path in paths]
        assert len(sorts) == len(set(sorts)), (title, paths)


def internal_links(site: Site) -> dict[str, str]:
    """Return every link inside the site with one page that has it."""
    links: dict[str, str] = {}
    for page in site.values():
        for link in page.links:
            if not urlsplit(link).netloc and not link.startswith("mailto:"):
                links.setdefault(link, page.address)
    return links


def test_every_link_leads_somewhere(site: Site, client: Client) -> None:
    broken = {}
    targets = {urldefrag(link).url: page for link, page in internal_links(site).items()}
    for target, page in sorted(targets.items()):
        if target not in site and not is_asked(target):
            response = client.get(target)
            response.close()  # what a file holds is not read here
            if response.status_code not in (200, 301, 302):
                broken[target] = (response.status_code, page)
    assert broken == {}


def test_every_link_to_a_comparison_names_programmes_that_can_be_compared(
    site: Site, client: Client
) -> None:
    slugs = set(Programme.objects.published().values_list("slug", flat=True))
    targets = sorted(link for link in internal_links(site) if is_comparison(link))
    assert targets
    for target in targets:
        asked = parse_qsl(urlsplit(target).query)
        assert {value for name, value in asked if name == "programme"} <= slugs, target
    for target in targets[:: max(1, len(targets) // 10)]:
        assert client.get(target).status_code == 200, target


def test_every_link_to_a_citation_is_a_file(site: Site, client: Client) -> None:
    targets = sorted(link for link in internal_links(site) if is_citation(link))
    assert len(targets) > 3 * Programme.objects.published().count()
    for target in targets[:: len(targets) // 40]:
        assert "attachment" in client.get(target).headers["Content-Disposition"], target


def is_citation(address: str) -> bool:
    return urlsplit(address).path.endswith(tuple(CITATIONS))


def is_asked(address: str) -> bool:
    """Whether other tests follow links like this one, which are very many."""
    return is_selection(address) or is_comparison(address) or is_citation(address)


def is_comparison(address: str) -> bool:
    return address.startswith("/programmes/compare") and "?" in address


def test_every_link_to_a_selection_is_one_that_the_catalogue_understands(
    site: Site, client: Client
) -> None:
    targets = {urldefrag(link).url: page for link, page in internal_links(site).items()}
    selections = sorted(target for target in targets if is_selection(target) and target not in site)
    assert selections
    faults = {}
    for target in selections:
        path, _mark, query = target.partition("?")
        kind = FILTERS.get(path, ProgrammeFilter)
        also = ("facets",) if path.startswith("/api/") else ()
        if problems := kind(QueryDict(query), current(), also).problems:
            faults[target] = (problems, targets[target])
    assert faults == {}
    for target in selections[:: max(1, len(selections) // 25)]:
        assert client.get(target).status_code == 200, (target, targets[target])


def is_selection(address: str) -> bool:
    lists = ("/programmes/?", "/organisations/?", "/api/v1/programmes/?", "/feeds/programmes.")
    return address.startswith(lists) and "?" in address


def test_every_fragment_exists_in_its_page(site: Site, client: Client) -> None:
    missing = {}
    for link, page in internal_links(site).items():
        target, fragment = urldefrag(link)
        if not fragment:
            continue
        if target not in site:
            site[target] = look(client, target)
        if fragment not in site[target].ids:
            missing[link] = page
    assert missing == {}


def test_every_file_that_a_page_loads_exists(site: Site) -> None:
    missing = {}
    loaded = {link: page.address for page in site.values() for link in page.resources}
    for link, page in loaded.items():
        target, fragment = urldefrag(link)
        if target.startswith("/static/") and not has_part(target, fragment):
            missing[link] = page
    assert missing == {}
    assert any(link.endswith(".css") for link in loaded)


@cache
def has_part(address: str, fragment: str) -> bool:
    file = finders.find(address.removeprefix("/static/"))
    return bool(file) and (not fragment or f'id="{fragment}"' in Path(file).read_text())


# --- What particular pages say -------------------------------------------------------------------


def section(text: str, name: str) -> str:
    """Return the words of the section with this id, its source numbers in brackets."""
    root = html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)
    found = next(element for element in root.iter() if element.get("id") == name)
    for sup in found.iter("sup"):
        for link in sup.iter("a"):
            link.text = f"[{link.text}]"
    return plain(found)


def test_jet_net_shows_each_of_its_company_counts_with_a_source(client: Client) -> None:
    text = client.get("/programmes/jet-net-nl/").text
    differences = section(text, "differences")
    programme = Programme.objects.get(slug="jet-net-nl")
    point = next(d for d in programme.discrepancies.all() if "compan" in d.about.lower())
    assert len(point.claims.all()) >= 4
    for claim in point.claims.all():
        assert re.search(re.escape(claim.statement) + r"\s*\[\d+\]", differences), claim
    assert "sources differ" in section(text, "reach")


def test_stem_at_home_says_that_its_impact_was_declared_not_available(client: Client) -> None:
    impact = section(client.get("/programmes/stem-at-home/").text, "impact")
    assert "declares that no information on impact is available" in impact
    assert re.search(r"\[\d+\]", impact)


def test_the_teacher_academy_shows_both_of_its_end_years(client: Client) -> None:
    differences = section(client.get("/programmes/stem-teacher-academy/").text, "differences")
    programme = Programme.objects.get(slug="stem-teacher-academy")
    point = next(d for d in programme.discrepancies.all() if d.field == Field.YEAR_END)
    years = {
        year for claim in point.claims.all() for year in re.findall(r"\b20\d\d\b", claim.statement)
    }
    assert len(years) >= 2
    assert all(year in differences for year in years)


def test_every_figure_of_every_programme_has_the_number_of_its_source(client: Client) -> None:
    for programme in Programme.objects.published().exclude(reach=None).distinct()[:40]:
        reach = section(client.get(programme.get_absolute_url()).text, "reach")
        rows = programme.reach.exclude(source=None).count()
        assert len(re.findall(r"\[\d+\]", reach)) >= rows, programme


def test_the_numbers_on_the_home_page_are_those_of_the_database(client: Client) -> None:
    response = client.get("/")
    published = Programme.objects.published()
    with_evidence = published.with_evidence()
    root = html5lib.parse(response.text, treebuilder="etree", namespaceHTMLElements=False)
    numbers = next(e for e in root.iter("ul") if e.get("class") == "ledger-row")
    assert [next(item.iter("b")).text for item in numbers.iter("li")] == [
        str(published.count()),
        str(with_evidence.filter(evidence=EvidenceStep.INDEPENDENT).count()),
        str(with_evidence.filter(evidence=EvidenceStep.NONE).count()),
        str(len(journeys(current()))),
    ]
    countries = Country.objects.filter(programmes__in=published).distinct().count()
    assert f"{published.count()} STEM programmes from {countries} countries" in plain(root)


def test_a_draft_leaves_no_trace_on_any_list(client: Client) -> None:
    name = "Zebrafinch Laboratory"
    nl = builders.country("NL")
    organisation = Organisation.objects.get(slug="shell")
    draft = builders.make_programme(name=name, state=Programme.State.DRAFT, countries=[nl],
                                    is_highlighted=True)  # fmt: skip
    builders.make_partnership(draft, organisation)
    guide = Guide.objects.first()
    builders.make_guide_item(guide, [draft])
    for address in (
        "/",
        "/programmes/",
        "/programmes/?q=zebrafinch",
        "/programmes/?country=NL&page_size=100",
        "/countries/",
        "/countries/nl/",
        "/organisations/shell/",
        "/about/",
        guide.get_absolute_url(),
        "/feeds/programmes.rss",
    ):
        text = client.get(address).text
        assert name not in text, address
        assert draft.slug not in text, address
    assert client.get(draft.get_absolute_url()).status_code == 404


# --- Canonical addresses and wrong input ---------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "told"),
    {
        "level=3&country=nl": "country=NL&level=3",
        "country=NL,FI": "country=FI&country=NL",
        "country=NL&country=FI&page=1": "country=FI&country=NL",
        "sort=evidence": "",
        "q=robots&sort=relevance": "q=robots",
        "sort=name&page=2": "sort=name&page=2",
        "q=+robots+": "q=robots",
        "contry=NL": "",
        "country=NL&level=99": "country=NL",
    }.items(),
)
def test_one_selection_has_one_canonical_address(
    client: Client, settings: LazySettings, asked: str, told: str
) -> None:
    root = html5lib.parse(
        client.get(f"/programmes/?{asked}").text, treebuilder="etree", namespaceHTMLElements=False
    )
    links = [link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"]
    assert links == [f"{settings.SITE_URL}/programmes/" + (f"?{told}" if told else "")]


def test_years_that_nothing_can_lie_between_are_left_out_together(client: Client) -> None:
    response = client.get("/programmes/?started_from=2020&started_to=2010&country=NL")
    assert [one.parameter for one in response.context["problems"]] == ["started_from", "started_to"]
    assert response.context["canonical_query"] == "country=NL"
    assert "is later than 2010 in started_to" in response.text


@pytest.mark.parametrize(
    ("query", "words"),
    {
        "contry=NL": ["contry"],
        "country=XX": ["XX"],
        "level=9": ["9"],
        "started_from=soon": ["soon"],
        "sort=best": ["best"],
        "q=%21": ["!"],
        "page=zero": ["zero"],
        "type=%3Cscript%3E": ["&lt;script&gt;"],
    }.items(),
)
def test_a_page_names_what_was_wrong_and_leaves_it_out(
    client: Client, query: str, words: list[str]
) -> None:
    response = client.get(f"/programmes/?{query}")
    assert response.status_code == 200
    name = query.partition("=")[0]
    problems = response.context["problems"]
    assert [problem.parameter for problem in problems] == [name]
    main = response.text.partition("<main")[2]
    assert all(word in main for word in [*words, str(problems[0].reason)])
    assert response.context["page"].paginator.count == Programme.objects.published().count()


# --- Sparse and odd data -------------------------------------------------------------------------


def page_of(client: Client, address: str) -> Found:
    """Look at one page, which must be as sound as those of the catalogue."""
    found = look(client, address)
    assert found.status == 200
    faults = {name: told for name, told in found.faults.items() if told}
    assert faults == {}, address
    return found


def everywhere(programme: Programme) -> list[str]:
    """Return the pages on which a programme in the Netherlands appears."""
    name = quote_plus(programme.slug.replace("-", " "))
    return [
        programme.get_absolute_url(),
        "/programmes/?sort=updated",
        "/countries/nl/",
        "/countries/",
        f"/programmes/?q={name}",
        f"/programmes/compare/?programme={programme.slug}",
        "/",
    ]


def test_a_programme_without_anything_has_a_sound_page(client: Client) -> None:
    programme = builders.make_programme()
    page_of(client, programme.get_absolute_url())
    page_of(client, "/programmes/?sort=updated")
    page_of(client, "/programmes/?country=none&level=none")
    text = client.get(programme.get_absolute_url()).text
    assert "Not recorded" in text


def test_things_without_anything_have_sound_pages(client: Client) -> None:
    for row in (
        builders.make_organisation(),
        builders.make_platform(),
        builders.make_strategy(),
        builders.make_guide(),
    ):
        page_of(client, row.get_absolute_url())
    for address in ("/organisations/", "/platforms/", "/strategies/", "/guides/"):
        assert client.get(address).status_code == 200
    country = Country.objects.create(code="QQ", name="Nowhere")
    page_of(client, f"/countries/{country.code.lower()}/")


def test_an_empty_catalogue_has_sound_pages(client: Client) -> None:
    Programme.objects.update(state=Programme.State.WITHDRAWN, withdrawn_reason="For a test.")
    for address in (
        "/",
        "/programmes/",
        "/countries/",
        "/countries/nl/",
        "/about/",
        "/organisations/",
        "/organisations/shell/",
        "/guides/",
    ):
        page_of(client, address)
    gone = client.get("/programmes/jet-net-nl/")
    assert gone.status_code == 410
    assert "For a test." in gone.text


ODD_NAMES = {
    "200 letters without a break": "Donaudampfschifffahrtsgesellschaft" * 5 + "x" * 30,
    "200 letters": ("A programme with a name that takes every letter it can get " * 4)[
        :200
    ].strip(),
    "right to left": "برنامج العلوم والتكنولوجيا للمدارس والصناعة",
    "many scripts": "Наука и індустрія · Επιστήμη · 科学 · კლდე · ß æ ð ő",
    "emoji and joiners": "👩🏽‍🔬 Lab ‮reversed‬ \u200b",
    "markup": "<b>Bold</b> & \"quoted\" 'single' </title></h1><script>alert(1)</script>",
    "a template": "{{ settings.SECRET_KEY }} {% debug %}",
}


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_an_odd_name_is_shown_as_it_is_and_breaks_nothing(client: Client, name: str) -> None:
    programme = builders.make_programme(
        name=name, short_name=name[:60], is_highlighted=True, countries=[builders.country("NL")]
    )
    organisation = builders.make_organisation(name=name)
    builders.make_partnership(programme, organisation, "coordinator")
    for address in everywhere(programme):
        page_of(client, address)
    page_of(client, organisation.get_absolute_url())
    root = html5lib.parse(
        client.get(programme.get_absolute_url()).text,
        treebuilder="etree",
        namespaceHTMLElements=False,
    )
    assert plain(next(root.iter("h1"))) == " ".join(name.split())


def test_a_programme_with_a_great_deal_has_a_sound_page(client: Client) -> None:
    programme = crowded(40)
    page_of(client, programme.get_absolute_url())
    page_of(client, f"/programmes/compare/?programme=jet-net-nl&programme={programme.slug}")
    page_of(client, "/programmes/?sort=updated")
    text = client.get(programme.get_absolute_url()).text
    assert section(text, "reach").count("[") >= 40
    for country in programme.countries.all():
        assert country.name in text


def crowded(number: int) -> Programme:
    """Make a programme with this many rows of each fact, in up to twelve countries."""
    countries = list(Country.objects.all()[: min(number, 12)])
    programme = builders.make_programme(
        countries=countries,
        also_reaches=countries,
        levels=[builders.level(code) for code in range(9)],
    )
    units = list(Unit.objects.all())
    for index in range(number):
        source = builders.make_source(url=f"https://example.org/{programme.slug}/{index}")
        facts = {"source": source, "locator": f"p. {index}"}
        builders.make_citation(programme, field=Field.values[index % len(Field.values)], **facts)
        builders.make_reach(
            programme, index + 1, unit=units[index % len(units)], year_to=2000 + index, **facts
        )
        builders.make_funding(programme, amount=1000 + index, currency="EUR", **facts)
        builders.make_evaluation(programme, finding="It works.", **facts)
        builders.make_document(programme, url="https://example.org/", **facts)
        builders.make_partnership(programme, builders.make_organisation(), **facts)
        builders.make_name(programme, f"Other name {index}", language="fi")
        point = builders.make_discrepancy(programme, **facts)
        builders.make_claim(point, **facts)
        builders.make_lineage(
            from_programme=programme, to_programme=builders.make_programme(), **facts
        )
    return programme


MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
SAFE = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"


def fill(row: Any) -> None:
    """Put markup into every text field of a row that has no choices of its own."""
    for column in row._meta.concrete_fields:
        kind = column.get_internal_type()
        if (
            kind in ("CharField", "TextField")
            and not column.choices
            and column.name != "to_text"  # a lineage leads to one thing only
            and (column.max_length or 999) >= 60
        ):
            setattr(row, column.attname, MARKUP)
    row.save()


def test_markup_in_any_text_of_a_programme_is_text(client: Client) -> None:
    programme = crowded(1)
    builders.make_assessment(programme, verdict="met", evidence="x")
    guide = builders.make_guide()
    builders.make_guide_item(guide, [programme])
    for name in (
        "names",
        "citations",
        "reach",
        "funding",
        "evaluations",
        "documents",
        "partnerships",
        "discrepancies",
        "assessments",
        "lineage",
        "guide_items",
    ):
        for row in getattr(programme, name).all():
            fill(row)
    for row in (
        programme,
        *(claim for d in programme.discrepancies.all() for claim in d.claims.all()),
    ):
        fill(row)
    for row in (
        *Source.objects.filter(slug__startswith="made-"),
        *Organisation.objects.filter(slug__startswith="made-"),
        guide,
    ):
        fill(row)
    pages = [
        programme.get_absolute_url(),
        f"/programmes/compare/?programme=jet-net-nl&programme={programme.slug}",
        "/programmes/?sort=updated",
        guide.get_absolute_url(),
        *(row.organisation.get_absolute_url() for row in programme.partnerships.all()),
    ]
    for address in pages:
        page_of(client, address)
        text = client.get(address).text
        assert SAFE in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_markup_in_any_text_of_a_platform_a_strategy_and_a_term_is_text(client: Client) -> None:
    platform, strategy = builders.make_platform(), builders.make_strategy()
    country = builders.country("NL")
    for row in (platform, strategy):
        row.countries.add(country)
        name = row._meta.model_name.removeprefix("national")
        fill(builders.make_statement(**{name: row}))
        fill(row)
    fill(country)
    for address in (
        platform.get_absolute_url(),
        strategy.get_absolute_url(),
        "/platforms/",
        "/strategies/",
        "/countries/",
        "/countries/nl/",
        "/programmes/?country=NL",
    ):
        page_of(client, address)
        text = client.get(address).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text, address


# --- Queries -------------------------------------------------------------------------------------

# At most so many, whatever the catalogue holds.
QUERIES = {
    "/": 19,
    "/programmes/": 11,
    "/programmes/?country=NL&level=3&q=school": 11,
    "/programmes/jet-net-nl/": 40,
    "/programmes/compare/": 3,
    "/programmes/compare/?programme=jet-net-nl&programme=tektanken": 26,
    "/programmes/compare.csv?programme=jet-net-nl&programme=tektanken": 24,
    "/organisations/": 2,
    "/organisations/shell/": 14,
    "/countries/": 3,
    "/countries/nl/": 27,
    "/platforms/": 3,
    "/platforms/luma-centre-finland/": 12,
    "/strategies/": 3,
    "/strategies/techniekpact-nl/": 16,
    "/guides/": 2,
    "/guides/obstacles/": 12,
    "/guides/initiative-kinds/": 9,
    "/guides/good-practice/": 9,
    "/guides/plan/": 2,
    "/guides/plan/?c4-girls=not-yet&g2-curriculum=partly": 5,
    "/about/": 4,
    "/about/data/": 1,
    "/api/v1/docs/": 1,
    "/insights/": 16,
    "/insights/gaps/": 3,
    "/insights/timeline/": 11,
    "/insights/organisations/": 4,
    "/api/v1/programmes/": 12,
    "/api/v1/programmes/jet-net-nl/": 36,
    "/feeds/programmes.rss": 2,
    "/feeds/withdrawn.atom": 2,
    "/programmes.bib?country=NL": 1,
    "/programmes/jet-net-nl.ris": 2,
    "/insights/gaps.csl.json": 3,
}


def queries(client: Client, address: str) -> int:
    """Count the queries of a page that no other reader has asked for yet."""
    current().cards.clear()
    current().marked_cards.clear()
    current().answers.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize(("address", "most"), QUERIES.items(), ids=QUERIES)
def test_a_page_asks_the_database_no_more_often_than(
    client: Client, address: str, most: int
) -> None:
    assert queries(client, address) <= most


@pytest.mark.parametrize("query", ["", "?country=NL&level=3&q=school", "?sort=updated&page=2"])
@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
def test_a_list_that_was_shown_before_asks_only_whether_anything_has_changed(
    client: Client, path: str, query: str
) -> None:
    client.get(path + query)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path + query).status_code == 200
    asked = [one["sql"] for one in captured]
    assert asked == ["SELECT number, changed_at FROM programmes_revision"]


def test_the_page_about_the_data_names_every_facet_with_its_values(client: Client) -> None:
    page = client.get("/about/data/").text
    for name, facet in FACETS.items():
        assert f'<th scope="row"><code>{name}</code></th>' in page
        for value in {} if facet.limit else facet.labels(current()):
            assert f"<code>{value}</code>" in page


def test_a_programme_with_many_facts_takes_no_more_queries_than_one_with_few(
    client: Client,
) -> None:
    few, many = crowded(1), crowded(40)
    assert queries(client, many.get_absolute_url()) == queries(client, few.get_absolute_url())
    api = "/api/v1/programmes/{}/"
    assert queries(client, api.format(many.slug)) == queries(client, api.format(few.slug))


@pytest.mark.parametrize(
    "address",
    [
        "/programmes/",
        "/programmes/?country=NL,BE,DE",
        "/organisations/",
        "/api/v1/programmes/",
        "/api/v1/programmes/?facets=all",
        "/api/v1/organisations/",
        "/api/v1/platforms/",
        "/api/v1/strategies/",
        "/api/v1/guides/",
    ],
)
def test_a_long_page_of_a_list_takes_no_more_queries_than_a_short_one(
    client: Client, address: str
) -> None:
    query = dict(parse_qsl(urlsplit(address).query))
    path = urlsplit(address).path
    counts = []
    for size in (5, 100):
        current().cards.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path, {**query, "page_size": size}).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
