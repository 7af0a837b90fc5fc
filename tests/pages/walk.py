"""Lists all public addresses, and checks the HTML of a page for faults, for tests of the site."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import html5lib
from django.conf import settings as site_settings
from django.core.paginator import Paginator
from django.test import Client

from partnerships.models import Guide, NationalPlatform, Organisation, Strategy
from programmes.models import Country, Programme, Revision
from stemobs.insights.insights import INSIGHTS
from stemobs.pages.start import STARTERS
from tests import chance

SELECTIONS = (
    "country=NL",
    "country=FI,NL&level=3",
    "country=none",
    "level=higher,vocational",
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


# --- Walking --------------------------------------------------------------------------------------


@dataclass
class Found:
    """What was found on one page: status, title, ids, links, loaded files and faults."""

    address: str
    status: int
    title: str = ""
    ids: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)  # paths on this site or URLs, with fragments
    resources: set[str] = field(default_factory=set)
    faults: dict[str, list[str]] = field(default_factory=dict)


Site = dict[str, Found]


def list_pages_of(address: str, number: int, size: int) -> list[str]:
    last = Paginator(range(number), size).num_pages
    return [address, *(f"{address}?page={page}" for page in range(2, last + 1))]


def list_public_addresses() -> list[str]:
    """Return the addresses of public pages, selections and comparisons.

    Of programmes and organisations only some are among them; a trial takes all.
    """
    published = Programme.objects.published()
    details = [
        *chance.thin(published, 6),
        *chance.thin(Organisation.objects.all(), 12),
        *NationalPlatform.objects.all(),
        *Strategy.objects.all(),
        *Guide.objects.all(),
    ]
    return [
        "/", "/countries/", "/platforms/", "/strategies/", "/guides/", "/guides/plan/", "/about/",
        "/about/data/", "/api/v1/docs/", "/guides/plan/?g1-clear-outcomes=not-yet&c4-girls=partly",
        "/guides/obstacles/finder/", "/guides/obstacles/finder/?obstacle=partners,schedules",
        "/guides/task-force-outcomes/countries/", "/guides/transfer-conditions/worksheet/",
        "/guides/transfer-conditions/worksheet/?idea=jet-net-nl..tektanken&time=partly&core=Firms",
        "/start/", *(f"/start/{slug}/" for slug in STARTERS),
        *(f"/start/{slug}/?country=NL&level=3" for slug in STARTERS),
        "/start/company/?country=SK&time=day", "/start/teacher/?country=CU",
        "/search/", "/search/?q=girls", "/search/?q=girls&type=guides", "/search/?q=techology",
        "/search/?q=no+such+word+anywhere",
        "/insights/", *(f"/insights/{slug}/" for slug in INSIGHTS),
        *list_pages_of("/programmes/", published.count(), 25),
        *(f"/programmes/?{query}" for query in SELECTIONS),
        "/programmes/jet-net-nl/history/",
        f"/programmes/jet-net-nl/@{Revision.objects.get().number}/",
        *(f"/programmes/compare/{query and f'?{query}'}" for query in COMPARISONS),
        *list_pages_of("/organisations/", Organisation.objects.count(), 50),
        *(f"/organisations/?{query}" for query in ORGANISATION_SELECTIONS),
        *(f"/countries/{country.code.lower()}/" for country in Country.objects.all()),
        *(row.get_absolute_url() for row in details),
    ]  # fmt: skip


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


# --- Checks of a page; each yields the faults that it finds ---------------------------------------

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
    """Whether an element has text, or a text alternative on itself or inside."""
    inside = element.iter()
    return bool(plain(element)) or any(e.get("aria-label") or e.get("alt") for e in inside)


def check_heading_order(root: ET.Element, address: str) -> Iterator[str]:
    number = sum(1 for _element in root.iter("h1"))
    if number != 1:
        yield f"{number} h1"
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    yield from (f"h{b} after h{a}" for a, b in pairwise(levels) if b > a + 1)


def check_figure_captions(root: ET.Element, address: str) -> Iterator[str]:
    """Yield figures whose caption is neither their first element nor their last."""
    for figure in root.iter("figure"):
        inside = [element.tag for element in figure]
        if "figcaption" in inside[1:-1] or inside.count("figcaption") > 1:
            yield plain(figure)[:80]


def check_times(root: ET.Element, address: str) -> Iterator[str]:
    """Yield times that are told more exactly than in seconds."""
    times = (element.get("datetime", "") for element in root.iter("time"))
    yield from (time for time in times if "." in time)


def check_repeated_ids(root: ET.Element, address: str) -> Iterator[str]:
    ids = Counter(element.get("id") for element in root.iter() if element.get("id"))
    yield from (f"{name} {number} times" for name, number in ids.items() if number > 1)


def check_labels(root: ET.Element, address: str) -> Iterator[str]:
    controls = {e.get("id") for e in root.iter() if e.tag in CONTROLS}
    for label in root.iter("label"):
        inside = any(child.tag in CONTROLS for child in label.iter())
        if not inside and label.get("for") not in controls:
            yield plain(label)


def check_references(root: ET.Element, address: str) -> Iterator[str]:
    ids = {element.get("id") for element in root.iter()}
    for element in root.iter():
        for name in ("aria-labelledby", "aria-describedby", "aria-controls", "list", "form"):
            yield from (
                f"{name}={part}" for part in (element.get(name) or "").split() if part not in ids
            )


def check_control_names(root: ET.Element, address: str) -> Iterator[str]:
    labelled = {e.get("for") for e in root.iter("label")}
    wrapped = {id(e) for label in root.iter("label") for e in label.iter()}
    for element in root.iter():
        if element.tag not in {"input", "select", "textarea"} or element.get("type") == "hidden":
            continue
        named = element.get("aria-label") or element.get("aria-labelledby")
        if not named and element.get("id") not in labelled and id(element) not in wrapped:
            yield ET.tostring(element, encoding="unicode")[:100]


def check_words_for_nothing(root: ET.Element, address: str) -> Iterator[str]:
    for element in root.iter():
        for text in (element.text, element.tail):
            if text and text.strip(" ,.;:·–()\n\t") in WORDS_FOR_NOTHING - {""}:
                yield f"{element.tag}: {text.strip()}"


def check_empty_elements(root: ET.Element, address: str) -> Iterator[str]:
    """Yield empty elements, except places for what is told later and patterns of lines."""
    patterns = {part for template in root.iter("template") for part in template.iter()}
    for element in root.iter():
        waits = element.get("role") == "status" or element in patterns
        if element.tag in NEVER_EMPTY and not waits and not has_name(element):
            yield ET.tostring(element, encoding="unicode")[:120]


def check_inline_code(root: ET.Element, address: str) -> Iterator[str]:
    for element in root.iter():
        # JSON-LD in a script element is data, which the Content-Security-Policy does not forbid.
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


def check_image_texts(root: ET.Element, address: str) -> Iterator[str]:
    yield from (e.get("src", "") for e in root.iter("img") if e.get("alt") is None)
    for element in root.iter("{http://www.w3.org/2000/svg}svg"):
        if element.get("aria-hidden") != "true" and not (
            element.get("aria-label") or element.get("aria-labelledby")
        ):
            yield ET.tostring(element, encoding="unicode")[:100]


def canonical(root: ET.Element, address: str) -> Iterator[str]:
    links = [e.get("href") for e in root.iter("link") if e.get("rel") == "canonical"]
    expected = site_settings.SITE_URL + find_canonical(address)
    if links != [expected]:
        yield f"{links} instead of {expected}"


def find_canonical(address: str) -> str:
    """Return the address of a list without view, order and size, and the page that they number.

    That of a former state of a record is the record as it is now.
    """
    address = re.sub(r"@\d+/$", "", address)
    path, _mark, query = address.partition("?")
    given = dict.fromkeys(query.split("&"))
    names = {one.partition("=")[0] for one in given}
    if path not in ("/programmes/", "/organisations/"):
        return address
    aside = {"view", "sort", "page_size"} | ({"page"} if names & {"sort", "page_size"} else set())
    kept = "&".join(one for one in given if one.partition("=")[0] not in aside)
    return f"{path}?{kept}" if kept else path


def check_foreign_resources(root: ET.Element, address: str) -> Iterator[str]:
    for element in root.iter():
        loaded = element.get("src") or (element.get("href") if element.tag == "link" else None)
        if loaded and urlsplit(loaded).netloc and element.get("rel") != "canonical":
            yield loaded


def check_links_to_other_sites(root: ET.Element, address: str) -> Iterator[str]:
    """Yield links to other sites without rel=noopener, which would let them control our window."""
    for link in root.iter("a"):
        target = urlsplit(link.get("href") or "")
        if target.netloc and "noopener" not in (link.get("rel") or ""):
            yield link.get("href", "")


def check_filing(root: ET.Element, address: str) -> Iterator[str]:
    """Yield how often a page speaks of what is “on record”, if that is more than twice."""
    main = root.find(".//main")
    number = 0 if main is None else plain(main).lower().count("on record")
    if number > 2:
        yield f"{number} times"


def language(root: ET.Element, address: str) -> Iterator[str]:
    if not (root.get("lang") or "").startswith("en"):
        yield f"lang={root.get('lang')}"


CHECKS: dict[str, Check] = {
    "headings out of order": check_heading_order,
    "captions in the middle of a figure": check_figure_captions,
    "times with parts of a second": check_times,
    "ids used twice": check_repeated_ids,
    "labels without a control": check_labels,
    "references to ids that are not there": check_references,
    "controls without a name": check_control_names,
    "words for nothing": check_words_for_nothing,
    "empty elements": check_empty_elements,
    "inline style, script or handlers": check_inline_code,
    "images without a text alternative": check_image_texts,
    "a wrong canonical address": canonical,
    "resources of other sites": check_foreign_resources,
    "links to other sites without noopener": check_links_to_other_sites,
    "no language": language,
    "too much about what is on record": check_filing,
}


# --- Helpers for tests of one page ----------------------------------------------------------------


def section(text: str, name: str) -> str:
    """Return the text of the element with this id, with numbers of sources in brackets."""
    root = html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)
    found = next(element for element in root.iter() if element.get("id") == name)
    for sup in found.iter("sup"):
        for link in sup.iter("a"):
            link.text = f"[{link.text}]"
    return plain(found)


def page_of(client: Client, address: str) -> Found:
    """Request a page, and assert that it answers 200 and has no fault."""
    found = look(client, address)
    assert found.status == 200
    faults = {name: told for name, told in found.faults.items() if told}
    assert faults == {}, address
    return found
