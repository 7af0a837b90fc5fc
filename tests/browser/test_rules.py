"""Every rule of the style sheets is there for something that a page or the gallery shows."""

import re
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.test import Client
from playwright.sync_api import Browser

from programmes.models import Edit, Programme, Revision
from stemobs.catalogue.editing import edit
from stemobs.http.assets import SOURCES
from tests.catalogue.marks import begin_another_transaction
from tests.sheets import parts, rules

pytestmark = pytest.mark.django_db

WALK = (
    "/about/components/", "/", "/programmes/",
    "/programmes/?country=NL&country=FI&level=3&q=school",
    "/programmes/?q=zzzz&country=NL", "/programmes/?contry=NL&level=99", "/programmes/?page=2",
    "/programmes/?country=NL&view=table&sort=name", "/programmes/?level=1&view=map",
    "/programmes/?q=enginering", "/programmes/?q=girls", "/programmes/?country=NL&view=timeline",
    "/programmes/?country=SK&open_to=companies&finding=positive", "/programmes/?country=SK",
    "/programmes/compare/", "/programmes/compare/?programme=jet-net-nl&programme=crest-awards",
    "/programmes/compare/?programme=jet-net-nl&programme=crest-awards&programme=tektanken",
    "/programmes/compare/?programme=jet-net-nl&programme=crest-awards&programme=tektanken"
    "&programme=stem-at-home",
    "/programmes/compare/?programme=crest-awards&programme=mymachine-slovakia",
    "/programmes/jet-net-nl/", "/programmes/crest-awards/?list=country%3DGB",
    "/programmes/stem-at-home/", "/programmes/centres-of-expertise-nl/",
    "/programmes/girls-day-slovakia/",
    "/search/", "/search/?q=estonia", "/search/?q=zzzzqq", "/search/?q=enginering",
    "/search/suggestions/?q=esto", "/organisations/?type=company", "/organisations/shell/",
    "/organisations/ptvt/", "/countries/?sort=programmes",
    "/countries/", "/countries/nl/", "/countries/ee/", "/countries/va/", "/platforms/",
    "/strategies/", "/evidence/", "/insights/", "/insights/gaps/", "/insights/timeline/",
    "/insights/funding/", "/guides/",
    "/guides/obstacles/", "/guides/initiative-kinds/", "/guides/glossary/",
    "/guides/good-practice/", "/guides/career-factors/", "/guides/plan/",
    "/guides/plan/?g1-clear-outcomes=not-yet&g2-curriculum=partly&c4-girls=yes",
    "/guides/obstacles/finder/?obstacle=partners,schedules",
    "/guides/task-force-outcomes/countries/",
    "/guides/transfer-conditions/worksheet/?idea=jet-net-nl..tektanken&time=partly",
    "/start/", "/start/company/?country=SK&time=day", "/start/teacher/", "/start/policy-maker/",
    "/about/", "/about/data/", "/api/v1/docs/", "/suggest/", "/nowhere/",
)  # fmt: skip
# What only the browser, the reader or a script brings about, left out of a selector before it is
# looked for: the states of elements, and parts that are no elements.
PASSING = re.compile(
    r"::[\w-]+(\([^)]*\))?"
    r"|:(hover|focus|focus-visible|focus-within|active|checked|disabled|target|visited|link"
    r"|user-invalid|popover-open|placeholder-shown)(?![\w-])"
    r"|\[dir=[^\]]*\]|\[(open|hidden|data-theme|aria-busy|aria-expanded|aria-selected|disabled)[^\]]*\]"
)
ALONE = re.compile(rf"(?:^|(?<=[\s(>+~,]))(?:{PASSING.pattern})+")
# What scripts make: lines of the basket, what was just told, a list that waits for its answer, the
# part of a page that is read. A shade that only some numbers of programmes lead to, and the word
# “Today” beside the day of a change.
EXCEPTIONS = {
    ".basket li", ".basket small", ".said span", ".htmx-request .rows",
    ".list.htmx-request .rows", ".contents a[aria-current]", ".cs-legend .s5",
    ".day h3 span",
}  # fmt: skip
# JavaScript: the selectors of those given that match nothing in any of the texts of HTML.
UNMATCHED = """([texts, selectors]) => {
  const pages = texts.flatMap((text) => ["scripted arriving", ""].map((name) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    page.documentElement.className = name;
    for (const template of page.querySelectorAll("template")) template.after(template.content);
    return page;
  }));
  return selectors.filter((one) => !pages.some((page) => page.querySelector(one)));
}"""


def test_every_rule_matches_something_on_a_page_or_in_the_gallery(
    client: Client, settings: LazySettings, browser: Browser
) -> None:
    settings.DEBUG = True
    history = change_a_record()
    give_a_picture("crest-awards")
    texts = [client.get(address).text for address in (*WALK, *history)]
    page = browser.new_page()
    unmatched = page.evaluate(UNMATCHED, [texts, list_all_selectors()])
    page.close()
    assert {*unmatched} - EXCEPTIONS == set()


def change_a_record() -> list[str]:
    """Change a record twice; return the addresses of its history and of two states compared."""
    states = []
    for summary in ("Shows pupils a lab on two days.", "Shows pupils a plant on two days."):
        begin_another_transaction()
        with edit(Edit.Kind.CURATOR, None, "The programme was renamed."):
            Programme.objects.filter(slug="jet-net-nl").update(summary=summary)
        states.append(Revision.objects.get().number)
    begin_another_transaction()
    address = "/programmes/jet-net-nl/history/"
    return [address, f"{address}?from={states[0]}&to={states[1]}"]


def give_a_picture(slug: str) -> None:
    """Let a card show a picture; that needs its name alone, and the fixtures have none."""
    name = f"logos/{'0' * 24}-1600x1200.webp"
    Programme.objects.filter(slug=slug).update(logo=name, logo_alt="Pupils at a bench")


def list_all_selectors() -> list[str]:
    sheets = (sheet for sheet in SOURCES.rglob("*.css") if sheet.name != "admin.css")
    found = (one for sheet in sheets for one in list_selectors(sheet.read_text()))
    return sorted({*found})


def list_selectors(text: str) -> Iterator[str]:
    """Yield the selectors of a style sheet, without what passes."""
    heads = (rule.selector for rule in rules(text) if not rule.selector.startswith("@"))
    for selector in (part for head in heads for part in parts(head, ",")):
        lasting = PASSING.sub("", ALONE.sub("*", selector)).replace(":not()", "")
        yield lasting.replace(":not(*)", "").replace("(*, ", "(")
