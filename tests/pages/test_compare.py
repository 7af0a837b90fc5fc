"""The page of a comparison and its file: what is hidden and named, wrong addresses, odd names."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from programmes.models import Country, Programme
from tests.builders import country, kind, make_lineage, make_programme, make_reach

pytestmark = pytest.mark.django_db

State = Programme.State
HOSTILE = "<script>alert(1)</script>\"'&"


def page(client: Client, *values: str, **others: str) -> Any:
    query = urlencode([*(("programme", value) for value in values), *others.items()])
    response = client.get(f"/programmes/compare/?{query}")
    assert response.status_code == 200
    return response


def problems(response: Any) -> dict[str, tuple[str, str]]:
    return {one.value: (one.parameter, one.reason) for one in response.context["problems"]}


def test_equal_programmes_have_no_row_but_words(client: Client) -> None:
    first, second = make_programme(), make_programme()
    response = page(client, first.slug, second.slug)
    assert "We know of no difference between them" in response.text


def test_the_page_without_programmes_explains_how_to_choose(client: Client) -> None:
    response = page(client)
    assert "Choose two to four programmes" in response.text
    assert "<table" not in response.text
    assert 'action="/programmes/"' in response.text


def test_the_page_with_one_programme_suggests_others_to_compare(client: Client) -> None:
    response = page(client, "jet-net-nl")
    assert "is chosen. Add another" in response.text
    assert len(response.context["near"]) == 3
    assert "programme=jet-net-nl&amp;programme=stem-teacher-academy" in response.text
    assert "<table" not in response.text


def test_links_to_remove_a_programme_keep_the_choice_of_rows(client: Client) -> None:
    response = page(client, "jet-net-nl", "tektanken", "techkwadraat", differences="only")
    text = response.text
    assert '"?programme=tektanken&amp;programme=techkwadraat&amp;differences=only"' in text
    assert '"?programme=jet-net-nl&amp;programme=tektanken&amp;differences=only"' in text
    assert text.count("data-drops") == 3


def test_rows_without_a_difference_are_hidden_named_counted_and_one_link_away(
    client: Client,
) -> None:
    first = make_programme(summary="Same.", kinds=[kind("debates")], countries=[country("NL")])
    second = make_programme(summary="Same.", kinds=[kind("debates")])
    response = page(client, first.slug, second.slug)
    text = " ".join(response.text.split())
    assert (
        "4 rows are the same and hidden: in short, kinds of activity, what it is, good practice."
        in text
    )
    assert "Not known yet of any of them: school level, ages" in text
    assert f"?programme={first.slug}&amp;programme={second.slug}&amp;differences=all" in text
    assert [one.key for one in response.context["comparison"].rows] == ["countries", "evidence"]
    every = page(client, first.slug, second.slug, differences="all")
    assert len(every.context["comparison"].rows) == len(every.context["whole"].rows)
    assert "are the same and hidden" not in every.text


def test_every_link_into_a_record_leads_to_a_part_of_it(client: Client) -> None:
    chosen = ("jet-net-nl", "crest-awards", "roberta", "jet-net-junior")
    rows = page(client, *chosen, differences="all").context["comparison"].rows
    urls = {line.url for row in rows for cell in row.cells for line in cell.lines}
    links = [url.split("#") for url in urls if url.startswith("/") and "#" in url]
    assert len({anchor for _path, anchor in links}) > 4
    pages = {path: client.get(path).text for path, _anchor in links}
    assert [one for one in links if f'id="{one[1]}"' not in pages[one[0]]] == []


def test_a_line_of_lineage_leads_to_what_it_names(client: Client) -> None:
    first, second = make_programme(), make_programme()
    make_lineage(from_programme=first, to_programme=second, relation="adapted-as")
    make_lineage(from_programme=first, to_text="A club abroad", relation="inspired")
    text = page(client, first.slug, second.slug, differences="all").text
    cell = text.partition("Where the idea came from and went</th>")[2].partition("</tr>")[0]
    assert re.findall(r'href="([^"]+)"', cell) == [
        second.get_absolute_url(), f"{first.get_absolute_url()}#lineage", first.get_absolute_url(),
    ]  # fmt: skip


def test_the_heading_names_the_programmes_or_counts_them_where_names_are_long(
    client: Client,
) -> None:
    long = make_programme(name="A very long name of a programme for schools and firms" * 2)
    assert page(client, "jet-net-nl", "crest-awards").context["heading"] == (
        "Jet-Net and CREST Awards"
    )
    assert page(client, long.slug, "jet-net-nl").context["heading"] == "Compare 2 programmes"


def test_the_canonical_address_has_only_the_compared_programmes_in_order(
    client: Client,
) -> None:
    gone = make_programme(
        state=State.WITHDRAWN, merged_into=Programme.objects.get(slug="tektanken")
    )
    text = page(client, "techkwadraat", gone.slug, "nowhere", differences="only", x="1").text
    assert '/programmes/compare/?programme=techkwadraat&amp;programme=tektanken">' in text


def test_the_page_names_a_merged_programme_and_its_successor(client: Client) -> None:
    successor = make_programme(name="New <b>name</b>")
    gone = make_programme(name="Old name", state=State.WITHDRAWN, merged_into=successor)
    text = page(client, gone.slug, "jet-net-nl").text
    assert "“Old name” was merged into “New &lt;b&gt;name&lt;/b&gt;”" in text


@pytest.mark.parametrize(
    ("query", "named"),
    {
        "programme=jet-net-nl&programme=nowhere": {"nowhere": "programme"},
        "programme=jet-net-nl,tektanken,nowhere": {"nowhere": "programme"},
        "programme=jet-net-nl&country=NL": {"NL": "country"},
        "programme=jet-net-nl&differences=some": {"some": "differences"},
        "programme=jet-net-nl&differences=only&differences=no": {"only, no": "differences"},
        f"programme={'x' * 1000}": {"x" * 100: "programme"},
        f"{'y' * 500}=1": {"1": "y" * 100},
        "programme=": {},
        "programme=%3Cscript%3E": {"<script>": "programme"},
    }.items(),
    ids=lambda value: str(value)[:40],
)
def test_wrong_values_in_the_address_are_named_and_left_out(
    client: Client, query: str, named: dict[str, str]
) -> None:
    response = client.get(f"/programmes/compare/?{query}")
    assert response.status_code == 200
    assert {value: told[0] for value, told in problems(response).items()} == named
    assert "<script>" not in response.text
    # The file has no place for such words, so it refuses what the page leaves out.
    status = client.get(f"/programmes/compare.csv?{query}").status_code
    assert status == (400 if named else 200)


@pytest.mark.parametrize(
    ("query", "status"),
    [(f"programme={'x' * 10_000}", 414), ("programme=%00", 400), ("programme=%ED%A0%80", 400)],
    ids=["very long", "NUL", "no text"],
)
def test_queries_too_long_or_with_broken_text_are_refused(
    client: Client, query: str, status: int
) -> None:
    for path in ("/programmes/compare/", "/programmes/compare.csv"):
        assert client.get(f"{path}?{query}").status_code == status


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
@pytest.mark.parametrize("path", ["/programmes/compare/", "/programmes/compare.csv"])
def test_page_and_file_answer_405_to_writing_methods(
    client: Client, path: str, method: str
) -> None:
    assert getattr(client, method)(path).status_code == 405


def test_a_head_request_for_the_page_answers_200(client: Client) -> None:
    assert client.head("/programmes/compare/?programme=jet-net-nl").status_code == 200


@pytest.mark.parametrize(
    "name",
    ["برنامج العلوم والتكنولوجيا", "x" * 200, "Long word " * 20, HOSTILE, "{% debug %}{{ x }}"],
    ids=["right to left", "one long word", "long", "markup", "template"],
)
def test_an_odd_name_is_shown_unchanged_and_escaped(client: Client, name: str) -> None:
    programme = make_programme(name=name.strip(), summary=name, countries_note=name)
    text = page(client, programme.slug, "jet-net-nl").text
    assert "<script>alert" not in text
    column = (
        text.partition('class="c-who"')[2]
        .partition("<a ")[2]
        .partition("</a>")[0]
        .partition(">")[2]
    )
    escaped = name.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert column.strip() == escaped.replace('"', "&quot;").replace("'", "&#x27;")


def test_many_figures_and_countries_are_shown_in_part_with_a_link_to_all(
    client: Client,
) -> None:
    programme = make_programme(countries=Country.objects.all()[:12])
    for number in range(40):
        make_reach(programme, number + 1)
    text = page(client, programme.slug, "jet-net-nl").text
    assert "and 38 more" in text
    assert f'href="{programme.get_absolute_url()}#reach"' in text


# --- The CSV file of a comparison ----------------------------------------------------------------


def lines(response: Any) -> list[list[str]]:
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(response.content.decode(), newline="")))


def rows_of(file: Iterable[list[str]]) -> dict[str, list[str]]:
    return {cells[1]: cells[2:] for cells in file}


def test_the_csv_file_has_a_line_per_row_and_a_column_per_programme(
    client: Client,
) -> None:
    query = "programme=jet-net-nl&programme=tektanken"
    file = lines(client.get(f"/programmes/compare.csv?{query}"))
    shown = client.get(f"/programmes/compare/?{query}").context["whole"]
    assert file[0][2:] == [programme.name for programme in shown.programmes]
    assert {len(cells) for cells in file} == {4}
    assert [cells[1] for cells in file[2:]] == [str(row.label) for row in shown.rows]
    found = rows_of(file)["What was found"]
    assert found[0].startswith("No effect found (Indicators tracked, 2007")
    assert found[1] == "No evaluation found"


def test_the_csv_file_with_differences_only_has_fewer_lines(client: Client) -> None:
    query = "programme=jet-net-nl&programme=tektanken"
    every = lines(client.get(f"/programmes/compare.csv?{query}"))
    some = lines(client.get(f"/programmes/compare.csv?{query}&differences=only"))
    assert 2 < len(some) < len(every)
    assert all(cells in every for cells in some)


def test_lines_of_the_csv_file_end_with_crlf(client: Client) -> None:
    content = client.get("/programmes/compare.csv?programme=jet-net-nl").content
    assert content.count(b"\r\n") >= 20
    assert content.endswith(b"\r\n")


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3+cmd", "@SUM"])
def test_no_cell_of_the_csv_file_can_be_read_as_a_formula(client: Client, text: str) -> None:
    programme = make_programme(name=f"{text} name", summary=text, impact=text)
    file = lines(client.get(f"/programmes/compare.csv?programme={programme.slug}"))
    assert file[0][2].startswith("'")
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cells in file for cell in cells
    )
