"""Feeds, parsed by feedparser: well-formed, complete, dated by changes and not by the request."""

import calendar
import datetime
import html
from typing import Any

import feedparser
import html5lib
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.exports.feeds import LENGTH, CatalogueFeed
from tests import builders

pytestmark = pytest.mark.django_db

KINDS = ("rss", "atom")
NAMES = ("programmes", "findings", "withdrawn")
FEEDS = tuple(f"/feeds/{name}.{kind}" for name in NAMES for kind in KINDS)
SELECTIONS = (
    "", "country=NL", "country=NL,FI&level=3", "q=robots", "q=no+such+word+anywhere", "level=none",
    "evidence=independent&sort=name", "organisation=shell&role=partner,founder", "running_in=2015",
    "updated_since=2020-01-01", "q=%3Cb%3E%26%22", "funding=eu&kind=company-visits&status=active",
)  # fmt: skip
HOSTILE = "\x01<b>R&D</b>\x0b ]]> \ufffe “Ñ” abc שלום\r\nsecond line \x85 &amp; end"
State = Programme.State


def parse_feed(client: Client, address: str) -> Any:
    """Return a feed as feedparser parses it."""
    response = client.get(address)
    assert response.status_code == 200
    kind = "rss" if ".rss" in address else "atom"
    assert response.headers["Content-Type"] == f"application/{kind}+xml; charset=utf-8"
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == {"rss": "rss20", "atom": "atom10"}[kind]
    return feed


def set_dates(programme: Programme, day: datetime.datetime, entered: datetime.datetime) -> None:
    Programme.objects.filter(pk=programme.pk).update(changed_at=day, created_at=entered)


def make_day(day: int, month: int = 5) -> datetime.datetime:
    return datetime.datetime(2026, month, day, 12, tzinfo=datetime.UTC)


def convert_time(time: Any) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(calendar.timegm(time), datetime.UTC)


def withdraw(programme: Programme, **fields: Any) -> Programme:
    programme.state = State.WITHDRAWN
    for name, value in fields.items():
        setattr(programme, name, value)
    programme.save()
    return programme


# --- New and changed programmes -------------------------------------------------------------------


@pytest.mark.parametrize("query", SELECTIONS)
def test_a_feed_has_the_fifty_programmes_that_the_api_sorts_first_by_change(
    client: Client, query: str
) -> None:
    rest = query.replace("&sort=name", "")
    api = client.get(f"/api/v1/programmes/?{rest}&sort=updated&page_size=50").json()
    for kind in KINDS:
        feed = parse_feed(client, f"/feeds/programmes.{kind}?{query}")
        assert [one.link for one in feed.entries] == [row["page"] for row in api["results"]]
        assert len(feed.entries) == min(50, api["count"])
        assert len({one.id for one in feed.entries}) == len(feed.entries)


def test_a_feed_has_title_and_links_of_its_selection(client: Client) -> None:
    for kind in KINDS:
        address = f"/feeds/programmes.{kind}"
        feed = parse_feed(client, f"{address}?level=3&country=nl,fi&sort=name").feed
        query = "country=FI,NL&level=3"
        assert feed.title == (
            "STEM Observatory: new and changed programmes "
            "(Country: Finland or Netherlands; School level: Upper secondary education)"
        )
        links = {link.rel: link.href for link in feed.links}
        assert links["alternate"] == f"{settings.SITE_URL}/programmes/?{query}"
        assert links["self"] == f"{settings.SITE_URL}{address}?{query}"
        assert feed.language == "en-gb"
        assert feed.subtitle.endswith("each with its sources.")
    assert parse_feed(client, "/feeds/programmes.rss").feed.ttl == "60"
    assert parse_feed(client, "/feeds/programmes.atom").feed.author == "STEM Observatory"


def test_a_feed_that_is_cut_states_the_total_and_the_address_of_all_changes(client: Client) -> None:
    number = Programme.objects.published().count()
    every_change = f"{settings.SITE_URL}/api/v1/changes/"
    for kind in KINDS:
        told = parse_feed(client, f"/feeds/programmes.{kind}").feed.subtitle
        assert f"The {LENGTH} latest of {number}; every change is at {every_change}" in told
    page = " ".join(client.get("/about/data/").text.split())
    assert f'the {LENGTH} latest; <a href="/api/v1/changes/">' in page


def test_an_item_states_whether_a_programme_is_new_or_changed_its_countries_and_levels(
    client: Client,
) -> None:
    facts = {"countries": [builders.country("NL"), builders.country("MT")],
             "levels": [builders.level(2)], "summary": "About robots."}  # fmt: skip
    new = builders.make_programme(name="Newcomer", **facts)
    old = builders.make_programme(name="Old Hand", scope=Programme.Scope.EU_WIDE)
    set_dates(new, make_day(3, 12) + datetime.timedelta(hours=1), make_day(3, 12))
    set_dates(old, make_day(2, 12), make_day(1, 12))
    for kind in KINDS:
        first, second = parse_feed(client, f"/feeds/programmes.{kind}").entries[:2]
        assert (first.title, second.title) == ("New: Newcomer", "Changed: Old Hand")
        assert first.summary == (
            "New on 3 December 2026. Malta, Netherlands. Lower secondary education. About robots."
        )
        assert second.summary == "Changed on 2 December 2026. Europe-wide. Made for a test."


def test_a_change_on_another_day_is_a_new_item_in_rss_but_the_same_entry_in_atom(
    client: Client,
) -> None:
    one = builders.make_programme(name="Zebrafinch Laboratory")
    seen: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for moment in (make_day(3), make_day(3) + datetime.timedelta(hours=2), make_day(4)):
        set_dates(one, moment, make_day(1))
        Programme.objects.filter(pk=one.pk).update(slug=f"zebra-{moment.day}")
        for kind in KINDS:
            (entry,) = parse_feed(client, f"/feeds/programmes.{kind}?q=zebrafinch").entries
            told = entry.updated_parsed if kind == "atom" else entry.published_parsed
            assert convert_time(told) == moment
            seen[kind].append(entry.id)
    first, later, next_day = seen["rss"]
    assert first == later != next_day
    assert len(set(seen["atom"])) == 1
    assert seen["atom"][0].startswith("tag:")


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_is_dated_by_its_newest_item_or_if_empty_by_the_catalogue(
    client: Client, address: str
) -> None:
    gone = builders.make_programme(slug="gone")
    withdraw(gone, withdrawn_reason="Never ran.")
    there = builders.make_programme(name="Quokka", countries=[builders.country("MT")])
    builders.make_evaluation(there, result="mixed")
    for one in (gone, there):
        set_dates(one, make_day(3), make_day(1))
    full = address if "withdrawn" in address else f"{address}?q=quokka"
    assert convert_time(parse_feed(client, full).feed.updated_parsed) == make_day(3)
    gone.delete()
    empty = address if "withdrawn" in address else f"{address}?q=no+such+word"
    feed = parse_feed(client, empty)
    assert feed.entries == []
    told = get_current_catalogue().moment.changed_at.replace(microsecond=0)
    assert convert_time(feed.feed.updated_parsed) == told


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_texts_are_escaped_in_feeds(client: Client, kind: str) -> None:
    one = builders.make_programme(name=f"Hostile {HOSTILE}", summary=HOSTILE)
    gone = builders.make_programme(name=HOSTILE)
    set_dates(one, timezone.now() + datetime.timedelta(days=1), make_day(1))
    withdraw(gone, withdrawn_reason=HOSTILE)
    clean = "<b>R&D</b> ]]> “Ñ” abc שלום second line &amp; end"
    for feed in ("programmes", "withdrawn"):
        entry = parse_feed(client, f"/feeds/{feed}.{kind}").entries[0]
        assert html.unescape(entry.summary).endswith(clean)
        assert "<" not in entry.summary
        # RSS does not say whether a title is HTML, so only Atom's titles can be compared in full.
        assert entry.title.endswith("end")
        if kind == "atom":
            assert entry.title.endswith(f" {clean}")


# --- What evaluations found -----------------------------------------------------------------------


def test_the_feed_of_findings_tells_null_results_in_the_same_sentences_as_the_page(
    client: Client,
) -> None:
    for kind in KINDS:
        feed = parse_feed(client, f"/feeds/findings.{kind}?finding=no-effect&country=GB")
        (crest,) = feed.entries
        assert crest.title == "CREST Awards: Randomised trial: no effect found (2019)"
        assert "(2019) found no effect on progress in science." in crest.summary
    assert feed.feed.title.startswith("STEM Observatory: new findings (")


def test_a_finding_is_a_new_item_when_what_is_told_of_studies_changes_and_only_then(
    client: Client,
) -> None:
    made = builders.make_programme(name="Zyzzyva")
    builders.make_evaluation(made, result="positive", headline="a gain")

    def read_id() -> str:
        (entry,) = parse_feed(client, "/feeds/findings.rss?q=zyzzyva").entries
        return entry.id

    first = read_id()
    made.summary = "Another summary."
    made.save()
    assert read_id() == first
    builders.make_evaluation(made, design="audit", result="negative")
    assert read_id() != first


def test_a_programme_without_a_known_result_is_not_in_the_feed_of_findings(client: Client) -> None:
    made = builders.make_programme(name="Zyzzyva")
    builders.make_evaluation(made, result="not-on-record")
    builders.make_evaluation(made, object="event", result="positive")
    assert parse_feed(client, "/feeds/findings.atom?q=zyzzyva").entries == []


# --- Withdrawn programmes -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_withdrawn_feed_has_the_reason_or_the_public_successor(
    client: Client, kind: str
) -> None:
    there = builders.make_programme(slug="there", name="There")
    draft = builders.make_programme(name="Quokka draft", slug="quokka-draft", state=State.DRAFT)
    rows = [
        withdraw(builders.make_programme(name="Gone"), withdrawn_reason="Never ran."),
        withdraw(builders.make_programme(name="Merged"), merged_into=there),
        withdraw(builders.make_programme(name="Hidden"), merged_into=draft),
    ]
    for day, row in enumerate(rows, start=1):
        set_dates(row, make_day(day), make_day(1, 1))
    entries = parse_feed(client, f"/feeds/withdrawn.{kind}").entries
    assert [(one.title, one.summary) for one in entries] == [
        ("Withdrawn: Hidden", "This programme was withdrawn."),
        ("Merged: Merged", f"Merged into There: {settings.SITE_URL}/programmes/there/"),
        ("Withdrawn: Gone", "Never ran."),
    ]
    assert [one.link for one in entries] == [
        f"{settings.SITE_URL}{row.get_absolute_url()}" for row in reversed(rows)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_withdrawn_feed_leaves_out_drafts_and_programmes_never_published(
    client: Client, kind: str
) -> None:
    for state in (State.DRAFT, State.REVIEW):
        builders.make_programme(name="Quokka", slug=f"quokka-{state}", state=state)
        hidden = builders.make_programme(name="Quokka, hidden", state=state)
        withdraw(hidden, withdrawn_reason="Quokka")
    back = withdraw(builders.make_programme(name="Quokka, back"), withdrawn_reason="A mistake.")
    back.state = State.PUBLISHED
    back.save()
    response = client.get(f"/feeds/withdrawn.{kind}")
    assert "uokka" not in response.text


# --- Requests -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("address", "named"),
    {
        "programmes.{}?contry=NL": "contry",
        "programmes.{}?country=XX&level=99": "country, level",
        "programmes.{}?page=2&page_size=10": "page, page_size",
        "programmes.{}?sort=colour": "sort",
        f"programmes.{{}}?q={'a' * 201}": "q",
        "withdrawn.{}?country=NL": "country",
    }.items(),
)
def test_a_feed_refuses_a_wrong_parameter_and_names_it(
    client: Client, kind: str, address: str, named: str
) -> None:
    response = client.get(f"/feeds/{address.format(kind)}")
    assert response.status_code == 400
    assert f"These parameters are wrong: {named}." in response.text


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_refuses_post_and_answers_304_until_something_in_it_changes(
    client: Client, address: str
) -> None:
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200
    tag = {"If-None-Match": client.get(address).headers["ETag"]}
    assert client.get(address, headers=tag).status_code == 304
    builders.make_programme()
    is_told = "findings" not in address  # the programme has no evaluation
    assert client.get(address, headers=tag).status_code == (200 if is_told else 304)


def test_a_warm_feed_takes_two_database_queries_and_one_for_evaluations(client: Client) -> None:
    client.get("/feeds/programmes.rss")
    for address in FEEDS:
        with CaptureQueriesContext(connection) as captured:
            parse_feed(client, address)
        assert len(captured) == 2 + ("findings" in address), address


def test_a_feed_that_has_no_address_of_its_own_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="feed_url"):
        CatalogueFeed()


@pytest.mark.parametrize(
    ("page", "query", "title"),
    [
        ("/", "", "New and changed programmes"),
        ("/programmes/?country=NL&view=table&sort=name&page_size=5", "?country=NL",
         "New and changed programmes: Netherlands"),
        ("/countries/nl/", "?country=NL", "New and changed programmes: Netherlands"),
        ("/organisations/shell/", "?organisation=shell", "New and changed programmes: Shell"),
    ],
)  # fmt: skip
def test_a_page_links_to_the_feeds_of_its_selection(
    client: Client, page: str, query: str, title: str
) -> None:
    root = html5lib.parse(client.get(page).text, treebuilder="etree", namespaceHTMLElements=False)
    links = [link for link in root.iter("link") if "/feeds/" in link.get("href")]
    names = ("rel", "type", "href", "title")
    assert [tuple(map(link.get, names)) for link in links] == [
        ("alternate", "application/atom+xml", f"/feeds/programmes.atom{query}", title),
        ("alternate", "application/rss+xml", f"/feeds/programmes.rss{query}", f"{title} (RSS)"),
    ]
    for link in links:
        parse_feed(client, link.get("href"))
