"""Downloads of a selection: the same rows in every format, read by independent parsers."""

import datetime
import io
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rdflib.namespace import RDF, SDO

from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.exports import workbook
from stemobs.exports.citations import cite_selection
from stemobs.exports.delimited import write_csv_lines
from stemobs.exports.tables import FIGURES, PROGRAMMES, Table, Type
from stemobs.selection.facets import FACETS
from stemobs.selection.programmes import ProgrammeFilter
from tests import builders, graphs
from tests.exports.downloads import (
    ADDRESSES,
    download,
    download_workbook,
    read_csv,
    read_every_format,
    read_jsonld,
    read_ndjson,
    read_sheet,
    read_xlsx,
)

pytestmark = pytest.mark.django_db

HEADERS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ndjson": "application/x-ndjson",
    "jsonld": "application/ld+json",
}
# Texts that curators may paste, and that a spreadsheet, XML or JSON could misread.
HOSTILE = (
    '=HYPERLINK("http://x","y")', "+1 quokka\nand more", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1",
    "  =1+1", "\u00a0=1+1", "\ufeff=1+1", "\uff1d1+1", "\uff0b1", "\uff0d1+1", "\uff20SUM(A1)",
    "{=1+1}", "https://example.org/", "mailto:x@example.org", "1e5", "0031", "TRUE", "-5", "+3.5",
    "a;b,c\"d'e", "line\nline\r\nline", "_x0041_ stays", "</t><script>&amp;", "עברית \u202e abc",
    "😀" * 20_000, "x" * 40_000, "{{ 7*7 }}", "None", "#REF!",
)  # fmt: skip


# --- The same rows in every format ----------------------------------------------------------------


def draw_query(random: Random) -> str:
    catalogue = get_current_catalogue()
    names = random.sample(list(FACETS), k=random.randint(1, 2))
    pairs = [
        f"{name}={value}"
        for name in names
        for value in random.sample(list(FACETS[name].labels(catalogue)), k=2)
    ]
    order = random.choice(["", "sort=name", "sort=oldest", "sort=updated", "q=school"])
    return "&".join(filter(None, [*pairs, order]))


def test_every_file_has_the_programmes_of_the_page_and_the_api(client: Client) -> None:
    random = Random(11)
    for query in ("", "q=zzzzzz", "country=none", *(draw_query(random) for _ in range(6))):
        shown = client.get(f"/programmes/?{query}").context["page"].paginator.count
        told = client.get(f"/api/v1/programmes/?{query}&page_size=100").json()
        assert told["count"] == shown, query
        first = [row["slug"] for row in told["results"]]
        for name, rows in read_every_format(client, query):
            slugs = [row["identifier" if name == "jsonld" else "slug"] for row in rows]
            assert len(slugs) == shown, (name, query)
            assert slugs[:100] == first, (name, query)


def test_a_file_of_json_lines_has_the_rows_of_the_api(client: Client) -> None:
    told = client.get("/api/v1/programmes/?country=NL&page_size=100").json()
    assert read_ndjson(client, "/programmes.ndjson?country=NL") == told["results"]


def test_csv_and_xlsx_have_the_values_of_the_api(client: Client) -> None:
    told = client.get("/api/v1/programmes/?level=3&page_size=100").json()["results"]
    flat = read_csv(client, "/programmes.csv?level=3")[:100]
    typed = read_xlsx(client, "/programmes.xlsx?level=3")[:100]
    for row, text, cells in zip(told, flat, typed, strict=True):
        for name, value in row.items():
            if name == "reach":
                assert all(figure["text"] in text[name] for figure in value)
                assert text[name] == (cells[name] or "")
            elif isinstance(value, list):
                assert text[name] == (cells[name] or "") == "; ".join(map(str, value))
            elif name in ("verified_on", "changed_at"):
                assert text[name] == (value or "")
                assert cells[name] is None or isinstance(cells[name], datetime.datetime)
            else:
                assert cells[name] == (None if value == "" else value)
                assert text[name].lower() == str("" if value is None else value).lower()


def test_the_time_of_change_is_the_same_in_every_format(client: Client) -> None:
    told = read_ndjson(client, "/programmes.ndjson?q=jet-net")[0]["changed_at"]
    assert read_csv(client, "/programmes.csv?q=jet-net")[0]["changed_at"] == told
    moment = datetime.datetime.fromisoformat(told).replace(tzinfo=None)
    shown = read_xlsx(client, "/programmes.xlsx?q=jet-net")[0]["changed_at"]
    assert abs(shown - moment) < datetime.timedelta(milliseconds=2)


def test_every_reach_figure_in_the_csv_file_has_its_qualifier_and_source(client: Client) -> None:
    jet_net = next(
        row for row in read_csv(client, "/programmes.csv?q=jet-net") if row["slug"] == "jet-net-nl"
    )
    assert "about" in jet_net["reach"]
    assert all(figure.endswith("]") for figure in jet_net["reach"].split("; "))


# --- Figures --------------------------------------------------------------------------------------


def test_the_file_of_figures_has_every_statement_in_the_order_of_the_selection(
    client: Client,
) -> None:
    rows = read_ndjson(client, "/programmes/figures.ndjson?country=NL&sort=name")
    expected: list[tuple[str, str, Any, str]] = []
    for row in read_ndjson(client, "/programmes.ndjson?country=NL&sort=name"):
        entry = client.get(f"/api/v1/programmes/{row['slug']}/").json()
        for kind, key, figures in (
            ("reach", "value", entry["reach"]),
            ("funding", "amount", entry["funding"]),
        ):
            expected += [(row["slug"], kind, one[key], one["text"]) for one in figures]
    assert {one[1] for one in expected} == {"reach", "funding"}
    got = [(row["programme"], row["statement"], row["value"], row["text"]) for row in rows]
    assert got == expected


def test_the_file_of_figures_has_the_same_rows_in_every_format(client: Client) -> None:
    query = "country=NL&sort=name"
    told = read_ndjson(client, f"/programmes/figures.ndjson?{query}")
    flat = read_csv(client, f"/programmes/figures.csv?{query}")
    typed = read_xlsx(client, f"/programmes/figures.xlsx?{query}")
    assert list(told[0]) == list(flat[0]) == list(typed[0]) == FIGURES.header
    for row, text, cells in zip(told, flat, typed, strict=True):
        assert cells == {name: None if value == "" else value for name, value in row.items()}
        assert text == {name: "" if value is None else str(value) for name, value in row.items()}


def test_every_amount_has_its_own_currency_and_an_unstated_one_has_none(client: Client) -> None:
    programme = builders.make_programme(name="Quokka fund")
    payer = builders.make_organisation()
    source = builders.make_source()
    builders.make_funding(
        programme, amount="2000000.50", amount_max="3000000", qualifier="range", currency="DKK",
        organisation=payer, source=source, locator="line 7", basis="annual",
    )  # fmt: skip
    builders.make_funding(programme, note="Amount kept secret")
    stated, secret = read_ndjson(client, "/programmes/figures.ndjson?q=quokka")
    assert (stated["value"], stated["value_max"], stated["currency"]) == (2000000.5, 3000000, "DKK")
    assert (stated["organisation"], stated["basis"]) == (payer.slug, "annual")
    assert (stated["source"], stated["source_title"]) == (source.slug, source.title)
    assert (stated["locator"], stated["unit"], stated["period_type"]) == ("line 7", "", "")
    assert (secret["text"], secret["value"], secret["currency"]) == (
        "Amount not known yet",
        None,
        "",
    )
    assert secret["source"] == ""


# --- Workbooks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "table"), [("/programmes.xlsx", PROGRAMMES), ("/programmes/figures.xlsx", FIGURES)]
)
def test_a_workbook_has_a_codebook_and_facts(client: Client, address: str, table: Table) -> None:
    book = download_workbook(client, f"{address}?country=NL&status=active&sort=name")
    rows, codebook, about = book.worksheets
    assert (rows.freeze_panes, codebook.freeze_panes) == ("A2", "A2")
    assert rows.auto_filter.ref == rows.dimensions
    assert all(cell.font.bold for cell in rows[1])
    explained = read_sheet(codebook)
    assert list(dict.fromkeys(line["column"] for line in explained)) == table.header
    assert all(line["meaning"] and line["type"] for line in explained if line["value"] is None)
    assert all(line["label"] for line in explained if line["value"] is not None)
    facts = dict(about.iter_rows(values_only=True))
    assert facts["Address"] == f"{settings.SITE_URL}/programmes/?country=NL&status=active&sort=name"
    assert (facts["Chosen"], facts["Order"]) == ("Country: Netherlands; Status: Running", "Name")
    assert facts["Revision"] == get_current_catalogue().revision
    assert facts["Rows"] == rows.max_row - 1
    assert "creativecommons.org" in facts["Licence"]
    selection = ProgrammeFilter(QueryDict("country=NL&status=active"), get_current_catalogue())
    assert facts["To cite"] == cite_selection(selection).plain


@pytest.mark.parametrize("name", ["programmes", "figures"])
def test_every_code_in_the_csv_file_is_in_the_codebook(client: Client, name: str) -> None:
    table = PROGRAMMES if name == "programmes" else FIGURES
    address = "/programmes.csv" if table is PROGRAMMES else "/programmes/figures.csv"
    rows = read_csv(client, address)
    for column, values in table.describe_columns(get_current_catalogue()):
        assert column.type not in (Type.CODE, Type.CODES) or values, column.name
        if values:
            used = {part for row in rows for part in row[column.name].split("; ") if part}
            assert used <= set(values), column.name


def test_cells_of_a_workbook_are_numbers_booleans_dates_or_texts(client: Client) -> None:
    builders.make_programme(
        name="Quokka", year_start=2010, is_vocational=True,
        verified_on=datetime.date(2026, 3, 1),
    )  # fmt: skip
    sheet = download_workbook(client, "/programmes.xlsx?q=quokka").worksheets[0]
    cells = dict(zip(PROGRAMMES.header, sheet[2], strict=True))
    assert (cells["year_start"].data_type, cells["year_start"].value) == ("n", 2010)
    assert (cells["is_vocational"].data_type, cells["is_vocational"].value) == ("b", True)
    assert cells["verified_on"].is_date
    assert cells["verified_on"].value == datetime.datetime(2026, 3, 1)  # noqa: DTZ001 - has no zone
    assert (cells["changed_at"].is_date, cells["page"].hyperlink) == (True, None)
    assert (cells["year_end"].value, cells["name"].data_type) == (None, "s")


def test_a_date_before_1900_is_text_in_a_workbook(client: Client) -> None:
    builders.make_programme(name="Quokka", verified_on=datetime.date(1850, 3, 1))
    assert read_xlsx(client, "/programmes.xlsx?q=quokka")[0]["verified_on"] == "1850-03-01"


def test_a_second_sheet_has_further_rows(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 11)
    book = download_workbook(client, "/programmes.xlsx?country=NL")
    sheets = book.worksheets[:-2]
    assert [sheet.title for sheet in sheets][:2] == ["Programmes", "Programmes 2"]
    assert all(sheet.freeze_panes == "A2" and sheet.max_row <= 11 for sheet in sheets)
    slugs = [row["slug"] for sheet in sheets for row in read_sheet(sheet)]
    assert slugs == [row["slug"] for row in read_csv(client, "/programmes.csv?country=NL")]


def test_a_workbook_of_no_programmes_has_a_header_and_a_codebook(client: Client) -> None:
    rows, codebook, about = download_workbook(client, "/programmes.xlsx?q=zzzzzz").worksheets
    assert (rows.max_row, rows.auto_filter.ref) == (1, "A1:AF1")
    assert codebook.max_row > len(PROGRAMMES.columns)
    assert dict(about.iter_rows(values_only=True))["Rows"] == 0


def test_two_downloads_of_a_workbook_have_the_same_bytes(client: Client) -> None:
    assert download(client, "/programmes.xlsx?country=NL") == download(
        client, "/programmes.xlsx?country=NL"
    )


# --- Hostile texts --------------------------------------------------------------------------------


def fit_into_cell(text: str) -> str:
    """Return a text as a workbook's cell keeps it: with plain line ends, cut off if too long."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    units = text.encode("utf-16-le")
    return text if len(units) <= 65_534 else units[:65_532].decode("utf-16-le", "ignore") + "…"


def test_hostile_texts_are_read_back_from_every_format(client: Client) -> None:
    made = [
        builders.make_programme(name=f"Quokka {number:02}", summary=text)
        for number, text in enumerate(HOSTILE)
    ]
    for programme in made:
        programme.refresh_from_db()  # what is stored is cleaned
    query = "q=quokka&sort=name"
    files = dict(read_every_format(client, query))
    for number, text in enumerate(programme.summary for programme in made):
        written = files["csv"][number]["summary"]
        assert written in (text, f"'{text}")
        # XLSX escapes an underscore that could begin an escape; openpyxl does not undo that.
        assert files["xlsx"][number]["summary"].replace("_x005F_", "_") == fit_into_cell(text)
        assert files["ndjson"][number]["summary"] == text
        assert files["jsonld"][number]["description"] == text


def test_no_cell_of_csv_or_xlsx_is_a_formula_or_a_link(client: Client) -> None:
    for text in HOSTILE:
        builders.make_programme(name="Quokka", summary=text)
    sheets = download_workbook(client, "/programmes.xlsx?q=quokka").worksheets
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b", "d", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)
    with ZipFile(io.BytesIO(download(client, "/programmes.xlsx?q=quokka"))) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert b"<hyperlink" not in archive.read(name)
    for row in read_csv(client, "/programmes.csv?q=quokka"):
        told = row["summary"].lstrip("\u00a0\ufeff \t\r\n")
        assert not told.startswith(tuple("=@＝＋－＠")), row["summary"]
        assert not told.startswith(("+", "-")) or float(told)


def test_a_workbook_states_that_texts_were_shortened(client: Client) -> None:
    builders.make_programme(name="Quokka", summary="x" * 40_000)
    about = download_workbook(client, "/programmes.xlsx?q=quokka").worksheets[-1]
    assert "32,767" in dict(about.iter_rows(values_only=True))["Shortened"]
    about = download_workbook(client, "/programmes.xlsx?country=NL").worksheets[-1]
    assert "Shortened" not in dict(about.iter_rows(values_only=True))


@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_control_characters_are_replaced_in_csv_and_xlsx(client: Client, sign: str) -> None:
    builders.store_as_it_is(builders.make_programme(name="Quokka"), summary=f"a{sign}b")
    assert read_csv(client, "/programmes.csv?q=quokka")[0]["summary"] == "a\ufffdb"
    assert read_xlsx(client, "/programmes.xlsx?q=quokka")[0]["summary"] == "a\ufffdb"
    assert read_ndjson(client, "/programmes.ndjson?q=quokka")[0]["summary"] == f"a{sign}b"


def test_only_cells_that_are_no_numbers_are_quoted_as_formulas() -> None:
    assert list(write_csv_lines([[-1.5, "-2", None, "-x", 3, "--5", True]])) == [
        "-1.5,-2,,'-x,3,'--5,true\r\n"
    ]


def test_csv_lines_end_with_carriage_return_and_line_feed(client: Client) -> None:
    builders.make_programme(name='Quokka "one", two', summary="first\nsecond")
    text = download(client, "/programmes.csv?q=quokka").decode()
    assert text.count("\r\n") == 2
    assert '"Quokka ""one"", two"' in text


# --- Linked data ----------------------------------------------------------------------------------


def test_the_graph_of_a_selection_names_its_licence_and_every_programme(client: Client) -> None:
    graph = graphs.read(download(client, "/programmes.jsonld?country=NL"))
    (dataset,) = graph.subjects(RDF.type, SDO.Dataset)
    assert str(dataset) == f"{settings.SITE_URL}/programmes/?country=NL#this"
    assert "creativecommons.org" in str(graph.value(dataset, SDO.license))
    assert str(graph.value(dataset, SDO.version)) == str(get_current_catalogue().revision)
    pages = {str(page) for page in graph.objects(None, SDO.mainEntityOfPage)}
    told = read_ndjson(client, "/programmes.ndjson?country=NL")
    assert pages == {row["page"] for row in told}


def test_the_json_ld_file_of_no_programmes_has_no_programme_nodes(client: Client) -> None:
    assert read_jsonld(client, "/programmes.jsonld?q=zzzzzz") == []


# --- Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_file_has_type_name_and_etag_also_for_head(client: Client, address: str) -> None:
    table, _dot, extension = address.rpartition("/")[2].partition(".")
    day = get_current_catalogue().moment.changed_at.date()
    with CaptureQueriesContext(connection) as captured:
        head = client.head(f"{address}?country=NL")
    assert len(captured) <= 3
    assert head.getvalue() == b""
    response = client.get(f"{address}?country=NL")
    assert response.getvalue()
    assert response.headers["Content-Type"] == HEADERS[extension]
    name = f'attachment; filename="stem-{table}-{day}.{extension}"'
    assert response.headers["Content-Disposition"] == name
    for header in ("Content-Type", "Content-Disposition", "ETag", "Cache-Control"):
        assert head.headers[header] == response.headers[header]
    again = client.get(f"{address}?country=NL", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_file_refuses_wrong_parameters_and_names_them(client: Client, address: str) -> None:
    for wrong in ("contry=NL", "country=XX", "page=2", "page_size=5", "view=table", "bom=x"):
        response = client.get(f"{address}?{wrong}")
        assert response.status_code == 400, wrong
        assert wrong.partition("=")[0] in response.text
        assert response.headers["Content-Type"].startswith("text/html")
    assert client.get(f"{address}?q=%00").status_code == 400
    assert client.post(address).status_code == 405


def test_the_parameter_bom_adds_a_byte_order_mark_to_csv_only(client: Client) -> None:
    for address in ("/programmes.csv", "/programmes/figures.csv"):
        plain = download(client, f"{address}?country=NL")
        assert not plain.startswith(b"\xef\xbb\xbf")
        assert download(client, f"{address}?country=NL&bom=1") == b"\xef\xbb\xbf" + plain
        assert download(client, f"{address}?country=NL&bom=0") == plain
    assert client.get("/programmes.xlsx?bom=1").status_code == 400


def test_drafts_and_withdrawn_entries_are_in_no_file(client: Client) -> None:
    for state in ("draft", "review"):
        hidden = builders.make_programme(name="Quokka secret", state=state)
        builders.make_reach(hidden, unit_detail="quokka")
        builders.make_evaluation(hidden, finding="quokka")
    gone = builders.make_programme(
        name="Quokka gone", state="withdrawn", withdrawn_reason="Quokka", curators_note="Quokka"
    )
    builders.make_funding(gone, note="quokka")
    builders.make_evaluation(gone, finding="quokka")
    shown = builders.make_programme(name="Wombat", curators_note="quokka")
    builders.make_evaluation(shown)
    for address in ADDRESSES:
        if address.endswith("xlsx"):
            book = download_workbook(client, address)
            text = str([list(sheet.values) for sheet in book.worksheets])
        else:
            text = download(client, address).decode()
        assert "uokka" not in text, address
        assert "Wombat" in text or "figures" in address
