"""Runs of the link check: order, budget, pauses between requests, and what is kept."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client

from partnerships.models import Organisation
from programmes.models import Contact, Document, Programme, Revision, Source, WebLink
from stemobs.curation.links.places import find_namings, list_columns, offer_archive, read_addresses
from stemobs.curation.links.records import list_due, note, take_in_addresses
from stemobs.curation.links.visiting import Finding
from stemobs.dumps.dump import write_dump
from stemobs.dumps.manifest import name_file
from tests.builders import (
    make_contact,
    make_document,
    make_organisation,
    make_programme,
    make_source,
)
from tests.curation.links.behaviours import CASES, PORT, leads, list_behaviours, page, status
from tests.curation.links.runs import START, Clock, find, look_no_more, make_sources, run
from tests.curation.links.webs import Behaviour, Talk, Web, serve
from tests.hostile import make_small_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.once]
Outcome = WebLink.Outcome
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with serve(list_behaviours()) as web:
        yield web


@pytest.fixture
def _nothing_due() -> None:
    look_no_more()


# --- Which addresses ------------------------------------------------------------------------------


def test_every_column_that_is_made_for_addresses_is_looked_at_and_no_other() -> None:
    assert {
        (Programme, "website"), (Organisation, "website"), (Source, "url"),
        (Source, "archived_url"), (Contact, "url"), (Document, "url"),
    } <= {*list_columns()}  # fmt: skip
    every = {
        (model, column.name)
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, models.URLField)
    }
    assert {*list_columns()} == every


def test_no_column_of_another_kind_holds_an_address_in_the_catalogue() -> None:
    """Else nobody would look whether it works."""
    texts = [
        (model, column.name)
        for app in ("programmes", "partnerships")
        for model in apps.get_app_config(app).get_models()
        if model is not WebLink
        for column in model._meta.concrete_fields
        if isinstance(column, models.CharField) and (model, column.name) not in list_columns()
    ]
    found = [
        (model.__name__, name)
        for model, name in texts
        if model._base_manager.filter(**{f"{name}__istartswith": "http"}).exists()
    ]
    assert found == []


def test_each_address_is_taken_in_once_and_leaves_with_the_last_row_that_names_it() -> None:
    address = "https://museum.example/girls"
    rows = [
        make_organisation(website=address),
        make_programme(website=address, state="draft"),
        make_document(make_programme(), url=address),
        make_contact(make_programme(), url=address),
    ]
    take_in_addresses()
    assert find(address).host == "museum.example"
    assert {naming.row for naming in find_namings([address])[address]} == {*rows}
    assert {*WebLink.objects.values_list("address", flat=True)} == read_addresses()
    for row in rows:
        type(row)._base_manager.filter(pk=row.pk).delete()
    take_in_addresses()
    assert not WebLink.objects.filter(address=address).exists()


def test_the_archive_is_that_of_a_curator_or_the_list_of_the_web_archive() -> None:
    address = "https://museum.example/?a=1"
    assert offer_archive(address) == "https://web.archive.org/web/*/https://museum.example/?a=1"
    assert offer_archive(address, "https://copy.example/") == "https://copy.example/"


# --- All behaviours at once -----------------------------------------------------------------------


@pytest.mark.usefixtures("_nothing_due")
def test_no_server_ends_a_run_and_each_look_is_kept(web: Web) -> None:
    cases = {
        web.address(f"/{name}", case.host): case
        for name, case in CASES.items()
        if case.outcome != Outcome.TOO_SLOW and "%" not in case.host
    }
    make_sources(*cases)
    run(web, pause=0)
    for address, case in cases.items():
        link = find(address)
        moved_to = case.moved_to.replace(PORT, str(web.port))
        assert (link.outcome, link.status, link.moved_to) == (case.outcome, case.status, moved_to)
        assert link.looked_at
        assert link.failures == (link.outcome not in (*WebLink.GOOD, *WebLink.UNDECIDED))


# --- Order, budget and pauses ---------------------------------------------------------------------


@pytest.mark.usefixtures("_nothing_due")
def test_what_was_never_looked_at_comes_first_then_what_failed_lately_then_the_longest_ago(
    web: Web,
) -> None:
    names = ("long-ago", "longest-ago", "failed", "broken", "new")
    addresses = [web.address("/good", f"{name}.example") for name in names]
    make_sources(*addresses)
    take_in_addresses()
    told = [
        {"looked_at": START - 8 * DAY}, {"looked_at": START - 9 * DAY},
        {"looked_at": START - 1 * DAY, "failures": 1},
        {"looked_at": START - 10 * DAY, "failures": 9, "is_broken": True}, {},
    ]  # fmt: skip
    for address, known in zip(addresses, told, strict=True):
        WebLink.objects.filter(address=address).update(**known)
    web.asked.clear()
    run(web, threads=1)
    order = [host.removesuffix(".example") for _moment, host, _path in web.asked]
    assert order == ["new", "failed", "broken", "longest-ago", "long-ago"]


@pytest.mark.usefixtures("_nothing_due")
def test_what_was_looked_at_lately_is_not_due() -> None:
    make_sources("https://a.example/", "https://b.example/", "https://c.example/")
    take_in_addresses()
    for name, known in {
        "a": {"looked_at": START - 6 * DAY},
        "b": {"looked_at": START - DAY / 2, "failures": 1},
        "c": {"looked_at": START - 6 * DAY, "failures": 9, "is_broken": True},
    }.items():
        WebLink.objects.filter(host=f"{name}.example").update(**known)
    assert not list_due(START, 10).exists()
    assert [link.host[0] for link in list_due(START + DAY, 10)] == ["b", "a", "c"]


@pytest.mark.usefixtures("_nothing_due")
def test_of_one_host_no_more_is_lined_up_than_can_be_asked() -> None:
    make_sources(*(f"https://a.example/{number}" for number in range(9)), "https://b.example/")
    take_in_addresses()
    assert [link.host[0] for link in list_due(START, 3)] == ["a", "a", "a", "b"]


@pytest.fixture
def timed() -> Iterator[tuple[Web, Clock, dict[str, list[float]]]]:
    """A web that notes the moments of a clock at which each host was asked."""
    clock, asked = Clock(), defaultdict(list)

    def timed(behave: Behaviour) -> Behaviour:
        def noting(talk: Talk) -> None:
            asked[talk.web.asked[-1][1]].append(clock.moment)
            behave(talk)

        return noting

    behaviours = {
        **{f"/{number}": page() for number in range(9)},
        "/from": leads("/1"),
        "/away": leads(f"http://b.example:{PORT}/1"),
    }
    with serve({path: timed(one) for path, one in behaviours.items()}) as web:
        yield web, clock, asked


@pytest.mark.usefixtures("_nothing_due")
def test_a_host_is_asked_every_five_seconds_and_others_meanwhile(
    timed: tuple[Web, Clock, dict[str, list[float]]],
) -> None:
    web, clock, asked = timed
    paths = ["/from", "/away", "/0", "/2", "/3"]
    make_sources(*(web.address(path, f"{host}.example") for host in "abc" for path in paths))
    check = run(web, clock=clock, budget=500, threads=1)
    assert check.found.total() == 15
    # Redirects count: each of three hosts has one within itself, and b those of all.
    assert {host: len(moments) for host, moments in asked.items()} == {
        "a.example": 6, "b.example": 9, "c.example": 6,
    }  # fmt: skip
    for moments in asked.values():
        assert min(after - before for before, after in pairwise(moments)) >= 5
    assert clock.moment - 1000 == pytest.approx(8 * 5)


@pytest.mark.usefixtures("_nothing_due")
def test_a_run_ends_when_its_time_is_over_and_the_next_one_goes_on(
    timed: tuple[Web, Clock, dict[str, list[float]]],
) -> None:
    web, clock, asked = timed
    make_sources(*(web.address(f"/{number}", "a.example") for number in range(9)))
    assert run(web, clock=clock, budget=12, threads=1).found.total() == 3
    assert clock.moment <= 1012
    assert run(web, clock=clock, budget=0, threads=1).found.total() == 0
    assert run(web, clock=clock, budget=100, threads=1).found.total() == 6
    assert run(web, clock=clock, budget=100, threads=1).found.total() == 0
    assert len({path for _moment, _host, path in web.asked}) == len(asked["a.example"]) == 9


@pytest.mark.usefixtures("_nothing_due")
def test_a_host_that_asks_for_a_pause_is_left_alone_also_by_later_runs() -> None:
    clock = Clock()
    busy = {f"/{number}": status("429 Too Many", "Retry-After: 3600") for number in range(3)}
    with serve(busy) as web:
        make_sources(*(web.address(path) for path in busy))
        run(web, clock=clock, budget=600)
        assert len(web.asked) == 1
        clock.sleep(1200)
        run(web, clock=clock, budget=600)
        assert len(web.asked) == 1
        clock.sleep(2000)
        run(web, clock=clock, budget=600)
        assert len(web.asked) == 2


# --- Broken or not --------------------------------------------------------------------------------


def make_link() -> WebLink:
    return WebLink.objects.create(address="https://museum.example/", host="museum.example")


def find_on_days(*found: tuple[float, Outcome]) -> WebLink:
    """Return a link that was looked at on some days, with these outcomes."""
    link = make_link()
    for day, outcome in found:
        note(link.pk, Finding(outcome), START + day * DAY)
    link.refresh_from_db()
    return link


@pytest.mark.parametrize(
    ("found", "failures", "is_broken"),
    [
        ([(0, Outcome.NOT_FOUND), (1, Outcome.NO_HOST), (7, Outcome.TOO_SLOW)], 3, True),
        ([(0, Outcome.NOT_FOUND), (1, Outcome.NO_HOST), (6.9, Outcome.TOO_SLOW)], 3, False),
        ([(0, Outcome.NOT_FOUND), (30, Outcome.NOT_FOUND)], 2, False),
        ([(n, Outcome.NOT_FOUND) for n in range(9)], 9, True),
        ([*((n, Outcome.NOT_FOUND) for n in range(9)), (9, Outcome.WORKS)], 0, False),
        ([*((n, Outcome.NOT_FOUND) for n in range(7)), (7, Outcome.MOVED),
          *((n, Outcome.NOT_FOUND) for n in range(8, 12))], 4, False),
        ([(n, Outcome.REFUSED) for n in range(30)], 0, False),
        # What refuses robots says nothing of the page.
        ([*((n, Outcome.NOT_FOUND) for n in range(9)), (9, Outcome.REFUSED)], 9, False),
        ([*((n, Outcome.NOT_FOUND) for n in range(9)), (9, Outcome.REFUSED),
          (10, Outcome.NOT_FOUND)], 10, True),
        ([(n, Outcome.FRONT_PAGE) for n in range(30)], 0, False),
    ],
)  # fmt: skip
def test_a_link_is_broken_after_three_failures_over_seven_days_until_it_works(
    found: list[tuple[float, Outcome]], failures: int, is_broken: bool
) -> None:
    link = find_on_days(*found)
    assert (link.failures, link.is_broken) == (failures, is_broken)
    assert (link.first_failed_at is None) is (failures == 0)


def test_an_address_that_left_meanwhile_is_not_noted() -> None:
    link = make_link()
    link.delete()
    note(link.pk or 0, Finding(Outcome.WORKS, 200), START)
    assert not WebLink.objects.exists()


# --- Nothing is public ----------------------------------------------------------------------------


def test_a_look_raises_no_revision_and_changes_no_answer(web: Web, client: Client) -> None:
    look_no_more()
    (source,) = make_sources(web.address("/404"))
    make_programme(state="draft", website=web.address("/410", "draft.example"))
    pages = ("/", "/api/v1/changes/", "/evidence/")
    before = [client.get(path) for path in pages]
    revision = Revision.objects.values().get()
    assert run(web).found == {Outcome.NOT_FOUND: 2}
    assert Revision.objects.values().get() == revision
    after = [client.get(path) for path in pages]
    assert [page.content for page in after] == [page.content for page in before]
    assert [page.headers["ETag"] for page in after] == [page.headers["ETag"] for page in before]
    assert source.pk


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.trial
def test_what_was_found_is_in_private_dumps_only_and_comes_back_from_them(tmp_path: Path) -> None:
    make_small_catalogue()
    take_in_addresses()
    note(WebLink.objects.get().pk, Finding(Outcome.NOT_FOUND, 404), START)
    before = list(WebLink.objects.values())
    public = write_dump(tmp_path)
    assert not (public / name_file(WebLink)).exists()
    files = [file for file in public.rglob("*") if file.is_file()]
    assert not any(b"not-found" in file.read_bytes() for file in files)
    private = write_dump(tmp_path, is_private=True)
    assert "not-found" in (private / name_file(WebLink)).read_text()
    call_command("load_dump", str(private), "--replace", stdout=StringIO())
    assert list(WebLink.objects.values()) == before


# --- The command ----------------------------------------------------------------------------------


def test_the_command_without_time_looks_at_nothing_and_says_what_is_known() -> None:
    make_source(url="https://museum.example/")
    out = StringIO()
    call_command("check_links", budget=0, stdout=out)
    assert out.getvalue() == "0 addresses looked at. Broken are now 0.\n"
    assert WebLink.objects.filter(address="https://museum.example/").exists()


@pytest.mark.parametrize("text", ["", "20", "-1m", "1d", "m", "1.5h", "٣m"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="is no time"):
        call_command("check_links", f"--budget={text}")
