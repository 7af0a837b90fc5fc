"""Citations: independent parsers of BibTeX, RIS and CSL-JSON read back what was written."""

import datetime
import json
from typing import Any

import bibtexparser
import html5lib
import pytest
import rispy
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from pylatexenc.latex2text import LatexNodes2Text

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.exports.citations import FORMATS, PUBLISHER, Reference, cite_programme, cite_selection
from stemobs.selection.programmes import PageFilter, WholeFilter
from tests import builders

pytestmark = pytest.mark.django_db

ENDINGS = tuple(FORMATS)
HOSTILE = (
    "Braces {in} the {middle", "Closing } first {", "Back\\slash \\textbf{bold} \\", "%", "{", "}",
    "100 % & $5 #1 _x_", "~tilde^caret", '"Quoted" \'single\' ``ticks\'\' --dash--- <<x>> ?` !`',
    "Línea Ñandú Žluťoučký", "Два \u202eabc\u202c שלום", "@misc{key, title = {x}}", "日本 🧪",
    "ER  - TY  - BOOK", "a<b>c|d ||", "Ends with a comma,", "]]> </b> <script>",
    "a--b,,c\'\'d",
)  # fmt: skip


# LaTeX commands that pylatexenc drops or takes for accents, with what LaTeX shows for them.
UNKNOWN = {
    r"\textbraceleft{}": r"\{", r"\textbraceright{}": r"\}", r"\textasciicircum{}": "^",
    r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|",
}  # fmt: skip


def read_bibtex(text: str) -> list[dict[str, str]]:
    library = bibtexparser.parse_string(text)
    assert library.failed_blocks == []
    assert library.comments == library.strings == library.preambles == []
    return [
        {"key": entry.key, **{f.key: read_field(f.key, f.value) for f in entry.fields}}
        for entry in library.entries
    ]


def read_field(name: str, value: str) -> str:
    """Return the value of a BibTeX field as LaTeX shows it; addresses are not LaTeX."""
    if name == "url":
        return value
    for command, known in UNKNOWN.items():
        value = value.replace(command, known)
    return LatexNodes2Text().latex_to_text(value)


def read_ris(text: str) -> list[dict[str, Any]]:
    return rispy.loads(text)


def list_facts(one: Reference) -> tuple[str, str, str, str]:
    return one.key, one.title, one.url, one.changed_on.isoformat()


def read_in_all_formats(references: list[Reference]) -> list[list[tuple[str, str, str, str]]]:
    """Return key, title, address and day of some references, as read from each of three formats."""
    bib, ris, csl = (
        "".join(form.write(reference) for reference in references)
        if ending != "csl.json"
        else [json.loads(form.write(reference))[0] for reference in references]
        for ending, form in FORMATS.items()
    )
    return [
        [
            (
                e["key"],
                e["title"],
                e["url"],
                f"{e['year']}-{int(e['month']):02}-{one.changed_on:%d}",
            )
            for e, one in zip(read_bibtex(bib), references, strict=True)
        ],
        [(e["id"], e["title"], e["urls"][0], e["date"].replace("/", "-")) for e in read_ris(ris)],
        [
            (
                e["id"],
                drop_joiners(e["title"]),
                e["URL"],
                str(datetime.date(*e["issued"]["date-parts"][0])),
            )
            for e in csl
        ],
    ]


def drop_joiners(text: str) -> str:
    return text.replace("\u2060", "")


def cite_query(query: str) -> Reference:
    return cite_selection(WholeFilter.strict(QueryDict(query), get_current_catalogue()))


# --- Read back by other parsers -------------------------------------------------------------------


def test_citations_of_all_programmes_are_read_back_unchanged() -> None:
    moment = get_current_catalogue().moment
    references = [cite_programme(one, moment) for one in Programme.objects.published()]
    written = [list_facts(reference) for reference in references]
    assert len({reference.key for reference in references}) == len(references) > 100
    assert read_in_all_formats(references) == [written, written, written]
    for one, reference in zip(Programme.objects.published(), references, strict=True):
        assert reference.title == one.name
        assert reference.changed_on == localdate(one.changed_at)


def test_citations_with_hostile_titles_are_read_back_unchanged() -> None:
    references = [
        Reference(f"stemobs.{n}", " ".join(name.split()), "https://x.test/?q=%25&c=%7B", DAY, 7)
        for n, name in enumerate(HOSTILE)
    ]
    written = [list_facts(reference) for reference in references]
    assert read_in_all_formats(references) == [written, written, written]


DAY = datetime.date(2026, 5, 3)


@pytest.mark.parametrize("markup", ["<b>", "</b>", "<I>", "<sup>", '<span class="nocase">', "<sc>"])
def test_no_title_in_csl_json_is_taken_for_markup(markup: str) -> None:
    one = Reference("key", f"a {markup} < c <bold>", "https://x.test/", DAY, 7, origin=markup)
    (item,) = json.loads(FORMATS["csl.json"].write(one))
    assert item["title"] == f"a <\u2060{markup[1:]} < c <bold>"
    assert markup not in item["note"]


def test_a_title_with_line_breaks_and_control_characters_becomes_one_line() -> None:
    one = builders.make_programme(name="Two\r\nlines\x01 and\x0b a\ttab\x85")
    reference = cite_programme(one, get_current_catalogue().moment)
    assert reference.title == "Two lines and a tab"
    assert read_in_all_formats([reference]) == [[list_facts(reference)]] * 3


@pytest.mark.parametrize(
    "query", ["", "country=NL&level=3", "q=%25+%7Bx%7D+%26+%5C", "country=NL,FI,BE,DE,FR,IT,ES,PT"]
)
def test_a_selection_is_cited_as_one_reference_in_all_formats(query: str) -> None:
    reference = cite_query(query)
    assert read_in_all_formats([reference]) == [[list_facts(reference)]] * 3


def test_an_item_of_csl_json_has_the_fields_of_its_schema() -> None:
    """The fields are those of the CSL 1.0.2 schema that citations use; others are not allowed."""
    fields = {
        "id": str, "type": str, "author": list, "title": str, "container-title": str,
        "publisher": str, "issued": dict, "version": str, "note": str, "language": str, "URL": str,
    }  # fmt: skip
    entry = cite_programme(builders.make_programme(), get_current_catalogue().moment)
    for reference, kind in ((entry, "webpage"), (cite_query("country=NL"), "dataset")):
        (item,) = json.loads(FORMATS["csl.json"].write(reference))
        assert item["type"] == kind
        assert item.keys() <= fields.keys()
        assert all(isinstance(value, fields[name]) for name, value in item.items())
        assert item["author"] == [{"literal": PUBLISHER}]
        day = reference.changed_on
        assert item["issued"] == {"date-parts": [[day.year, day.month, day.day]]}


def test_an_ris_record_begins_with_a_line_for_its_type_and_ends_with_er() -> None:
    reference = cite_programme(builders.make_programme(), get_current_catalogue().moment)
    lines = FORMATS["ris"].write(reference).split("\r\n")
    assert lines[0] == "TY  - ELEC"
    assert lines[-2:] == ["ER  - ", ""]
    assert not any("\n" in line for line in lines)
    (record,) = read_ris("\r\n".join(lines))
    assert record["secondary_title"] == PUBLISHER
    assert "publisher" not in record
    assert record["authors"] == [PUBLISHER]


def test_no_format_names_the_catalogue_twice_beside_its_author() -> None:
    entry = cite_programme(builders.make_programme(), get_current_catalogue().moment)
    for reference in (entry, cite_query("country=NL")):
        (item,) = json.loads(FORMATS["csl.json"].write(reference))
        assert [item.get("container-title"), item.get("publisher")].count(PUBLISHER) == 1
        (record,) = read_bibtex(FORMATS["bib"].write(reference))
        # The fields that biblatex's data model has for @misc, as far as they are used.
        assert record.keys() - {"key"} <= {
            "author", "title", "organization", "year", "month", "version", "note", "url",
        }  # fmt: skip
        assert record["key"].isascii()


# --- The words of a citation ----------------------------------------------------------------------


def test_a_citation_in_words_has_publisher_title_state_and_address() -> None:
    changed = datetime.datetime(2026, 5, 3, 12, tzinfo=datetime.UTC)
    one = builders.make_programme(slug="robo", name="Robo Days")
    Programme.objects.filter(pk=one.pk).update(changed_at=changed)
    one.refresh_from_db()
    moment = get_current_catalogue().moment
    assert cite_programme(one, moment).plain == (
        "STEM Observatory (2026). Robo Days. "
        f"Version of 3 May 2026, catalogue revision {moment.number}. "
        f"{settings.SITE_URL}/programmes/robo/@{moment.number}/"
    )


def test_a_title_gets_a_full_stop_only_if_it_does_not_end_a_sentence() -> None:
    assert Reference("k", "Fancy science?", "", DAY, 1).sentence == "Fancy science?"
    assert Reference("k", "Science", "", DAY, 1).sentence == "Science."


def test_a_selection_has_the_same_citation_for_any_order_and_spelling_of_its_query() -> None:
    one = cite_query("level=3&country=nl,fi&sort=name")
    assert one == cite_query("country=FI,NL&level=3")
    number = len(WholeFilter(QueryDict("country=FI,NL&level=3"), get_current_catalogue()).matched)
    assert one.title == (
        f"{number} STEM programmes "
        "(Country: Finland or Netherlands; School level: Upper secondary education)"
    )
    assert one.url == f"{settings.SITE_URL}/programmes/?country=FI,NL&level=3"
    page = PageFilter(
        QueryDict("country=FI,NL&level=3&view=table&page=2&page_size=5"), get_current_catalogue()
    )
    assert cite_selection(page) == one


def test_many_chosen_countries_are_shortened_in_the_title_but_not_in_the_address() -> None:
    one = cite_query("country=AT,BE,BG,CY,CZ,DE,DK")
    assert "or 2 more" in one.title
    assert one.url.count(",") == 6


def test_each_selection_programme_and_revision_has_a_key_of_its_own() -> None:
    keys = {cite_query(query).key for query in ("", "country=NL", "country=FI", "q=NL")}
    builders.make_programme(slug="all")
    keys |= {
        cite_query("").key,
        cite_programme(Programme.objects.first(), get_current_catalogue().moment).key,
    }
    assert len(keys) == 6


# --- Files and pages ------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_citation_is_downloaded_as_a_file_named_after_its_subject(
    client: Client, ending: str
) -> None:
    for path, name in (("/programmes/jet-net-nl", "jet-net-nl"), ("/programmes", "programmes"),
                       ("/insights/gaps", "gaps")):  # fmt: skip
        response = client.get(f"{path}.{ending}")
        assert response.status_code == 200
        assert response.headers["Content-Type"] == FORMATS[ending].content_type
        disposition = response.headers["Content-Disposition"]
        assert disposition == f'attachment; filename="stem-observatory-{name}.{ending}"'


def test_a_citation_file_has_the_same_etag_until_the_catalogue_changes(client: Client) -> None:
    first = client.get("/programmes/jet-net-nl.bib")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/programmes/jet-net-nl.bib", headers=tag).status_code == 304
    builders.make_programme()
    second = client.get("/programmes/jet-net-nl.bib", headers=tag)
    assert second.status_code == 200
    assert second.content != first.content


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_citation_file_of_a_draft_withdrawn_or_moved_programme_answers_like_its_page(
    client: Client, ending: str
) -> None:
    state = Programme.State
    draft = builders.make_programme(slug="not-yet", state=state.DRAFT)
    builders.make_former_slug(draft, "not-yet-either")
    there = builders.make_programme(slug="there")
    builders.make_former_slug(there, "once-there")
    builders.make_programme(slug="gone", state=state.WITHDRAWN, withdrawn_reason="Never ran.")
    builders.make_programme(slug="merged", state=state.WITHDRAWN, merged_into=there)
    builders.make_programme(
        slug="hidden", state=state.WITHDRAWN, merged_into=draft, withdrawn_reason="Hidden."
    )
    for slug in ("not-yet", "not-yet-either", "nowhere", "compare"):
        expected = 400 if slug == "compare" else 404
        assert client.get(f"/programmes/{slug}.{ending}").status_code == expected, slug
    for slug in ("gone", "hidden"):
        response = client.get(f"/programmes/{slug}.{ending}")
        assert response.status_code == 410
        assert "not-yet" not in response.text
    for slug in ("once-there", "merged"):
        response = client.get(f"/programmes/{slug}.{ending}")
        assert response.status_code == 301
        assert response.headers["Location"] == f"/programmes/there.{ending}"


@pytest.mark.parametrize(
    ("address", "named"),
    {
        "/programmes.bib?contry=NL": "contry",
        "/programmes.ris?country=XX": "country",
        "/programmes.csl.json?page=2&page_size=5": "page, page_size",
        "/programmes/jet-net-nl.bib?country=NL": "country",
        "/programmes/compare.bib": "programme",
        "/programmes/compare.ris?programme=jet-net-nl&programm=tektanken": "programm",
    }.items(),
)
def test_a_citation_file_refuses_a_wrong_parameter_and_names_it(
    client: Client, address: str, named: str
) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert f"These parameters are wrong: {named}." in response.text


def test_a_comparison_is_cited_by_the_names_of_its_programmes(client: Client) -> None:
    query = "programme=tektanken&programme=jet-net-nl"
    (item,) = client.get(f"/programmes/compare.csl.json?{query}").json()
    names = dict(Programme.objects.values_list("slug", "name"))
    assert item["title"] == f"Comparison of {names['tektanken']} and {names['jet-net-nl']}"
    assert item["URL"].endswith("/programmes/compare/?programme=jet-net-nl&programme=tektanken")


@pytest.mark.parametrize(
    "address",
    [
        "/programmes/jet-net-nl/", "/programmes/?country=NL&q=robots+%26+%3Cb%3E",
        "/insights/gaps/", "/insights/gaps/?by=factor", "/insights/obstacles/",
        "/programmes/compare/?programme=jet-net-nl&programme=tektanken",
    ],
)  # fmt: skip
def test_a_page_shows_the_same_citation_as_its_files(client: Client, address: str) -> None:
    root = html5lib.parse(
        client.get(address).text, treebuilder="etree", namespaceHTMLElements=False
    )
    box = next(element for element in root.iter("p") if element.get("id") == "citation")
    shown = " ".join("".join(box.itertext()).split())
    files = next(p for p in root.iter("p") if p.get("class", "").startswith("cite-files"))
    links = {link.text: link.get("href") for link in files.iter("a")}
    assert list(links) == [form.name for form in FORMATS.values()]
    (item,) = client.get(links["CSL-JSON"]).json()
    assert drop_joiners(item["title"]) in shown
    assert item["note"] in shown
    assert shown.endswith(item["URL"])
    (entry,) = read_bibtex(client.get(links["BibTeX"]).text)
    assert entry["key"] == item["id"]
    assert client.get(links["RIS"]).status_code == 200


def test_a_draft_shows_curators_a_citation_without_links_to_files(
    admin_client: Client,
) -> None:
    draft = builders.make_programme(state=Programme.State.DRAFT)
    text = admin_client.get(draft.get_absolute_url()).text
    assert 'id="citation"' in text
    assert ".bib" not in text
    assert admin_client.get(f"/programmes/{draft.slug}.bib").status_code == 404


def test_a_citation_file_of_a_programme_takes_two_queries_and_of_a_selection_one(
    client: Client,
) -> None:
    """One query is for the revision, one for the programme; a selection comes from the index."""
    client.get("/programmes.bib")
    for address, most in (("/programmes/jet-net-nl.ris", 2), ("/programmes.ris?country=NL", 1)):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        assert len(captured) <= most
