"""Where a merged programme leads: to the last in line, through any number of mergers."""

from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Change, Programme, Revision
from stemobs.entries.publication import Gone, Merged, judge, judge_all
from tests.builders import make_former_slug, make_programme

pytestmark = pytest.mark.django_db


def make_line(length: int) -> list[Programme]:
    """Make programmes, each merged into the next; the last is published."""
    line = [
        make_programme(slug=f"line-{number}", name=f"Line {number}") for number in range(length)
    ]
    for one, following in pairwise(line):
        # The first was published before, so that readers are told of its end.
        Programme.objects.filter(pk=one.pk).update(state="withdrawn", merged_into=following)
    return [*Programme.objects.filter(pk__in=[one.pk for one in line]).order_by("pk")]


@pytest.mark.parametrize("length", [2, 3, 7])
class TestDoors:
    """Page, API, changes, feed, comparison and citation lead to the last in line."""

    def test_pages_and_citations_redirect_to_it(self, client: Client, length: int) -> None:
        last = make_line(length)[-1].slug
        for end in ("", "citation.bib", "citation.ris"):
            answer = client.get(f"/programmes/line-0/{end}", follow=True)
            if answer.status_code == 200:
                assert f"/programmes/{last}/" in answer.redirect_chain[-1][0]
        assert client.get("/programmes/line-0/").headers["Location"] == f"/programmes/{last}/"

    def test_a_former_slug_redirects_to_it(self, client: Client, length: int) -> None:
        line = make_line(length)
        make_former_slug(line[0], "line-once")
        answer = client.get("/programmes/line-once/", follow=True)
        assert answer.redirect_chain[-1][0] == f"/programmes/{line[-1].slug}/"

    def test_the_api_and_its_changes_name_it(self, client: Client, length: int) -> None:
        before = Revision.objects.get().number
        last = make_line(length)[-1].slug
        answer = client.get("/api/v1/programmes/line-0/")
        assert answer.status_code == 410
        assert answer.json()["detail"] == f"Merged into {last}."
        rows = client.get(f"/api/v1/changes/?since={before}&page_size=100").json()["results"]
        (told,) = [row for row in rows if row["slug"] == "line-0"]
        assert (told["change"], told["merged_into"]) == ("merged", last)

    def test_the_feed_names_it(self, client: Client, length: int) -> None:
        last = make_line(length)[-1]
        feed = client.get("/feeds/withdrawn.atom").content.decode()
        assert feed.count(f"Merged into {last.name}") == length - 1

    def test_a_comparison_takes_it(self, client: Client, length: int) -> None:
        last = make_line(length)[-1]
        page = client.get(
            f"/programmes/compare/?programme=line-0&programme={make_programme().slug}"
        )
        assert f"/programmes/{last.slug}/" in page.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_line() -> None:
    line = make_line(300)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ends = judge_all(line)
    assert len(queries) == 3
    assert all(ends[one.pk] == Merged(one, line[-1]) for one in line[:-1])


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_a_line_that_ends_in_nothing_public_is_gone_with_its_reason(
    client: Client, state: str
) -> None:
    line = make_line(3)
    Programme.objects.filter(pk=line[0].pk).update(withdrawn_reason="A duplicate.")
    Programme.objects.filter(pk=line[2].pk).update(state=state, withdrawn_reason="It ended.")
    answer = client.get("/programmes/line-0/")
    assert answer.status_code == 410
    assert "A duplicate." in answer.content.decode()
    assert "line-2" not in answer.content.decode()


def test_a_renamed_end_is_found_at_its_new_address(client: Client) -> None:
    last = make_line(3)[-1]
    Programme.objects.filter(pk=last.pk).update(slug="renamed")
    assert client.get("/programmes/line-0/").headers["Location"] == "/programmes/renamed/"


def test_a_circle_in_the_database_is_gone_and_is_refused_by_the_model(client: Client) -> None:
    line = make_line(4)
    Programme.objects.filter(pk=line[3].pk).update(state="withdrawn", merged_into=line[1])
    for one in Programme.objects.filter(pk__in=[one.pk for one in line]):
        assert isinstance(judge(one), Gone)
        assert client.get(f"/programmes/{one.slug}/").status_code == 410
    assert client.get("/api/v1/programmes/line-0/").status_code == 410
    assert client.get("/feeds/withdrawn.atom").status_code == 200
    assert client.get("/api/v1/changes/?since=0").status_code == 200
    with pytest.raises(
        ValidationError, match="go round in a circle: Line 1 → Line 2 → Line 3 → Line 1"
    ):
        Programme.objects.get(slug="line-1").clean()
    assert Change.objects.exists()
