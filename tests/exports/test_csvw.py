"""Descriptions of CSV files: the package csvw reads every file of the site by its description."""

import datetime
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from csvw import Table
from django.test import Client

from partnerships.models import Organisation
from programmes.models import Country
from stemobs.dumps.dump import write_dump
from stemobs.insights.insights import INSIGHTS
from tests import builders

pytestmark = pytest.mark.django_db

FILES = [
    "/programmes.csv",
    "/programmes.csv?country=nl,FI&sort=name&bom=1",
    "/programmes.csv?q=%22jet-net%22&country=NL&country=FI",
    "/programmes/figures.csv",
    "/programmes/figures.csv?q=robots",
    "/programmes/evaluations.csv?country=NL",
    "/evidence/field-studies.csv",
    "/programmes/compare.csv?programme=jet-net-nl&programme=tektanken",
    "/api/v1/programmes/?format=csv",
    *(f"/insights/{slug}.csv" for slug in INSIGHTS),
]
LINK = re.compile(r'<(/[^>]+)>; rel="describedby"; type="application/csvm\+json"')


def read_described(client: Client, address: str, folder: Path) -> list[dict[str, Any]]:
    """Return the rows of a CSV file as its description, which it links to, lets csvw read them."""
    response = client.get(address)
    assert response.status_code == 200, address
    content = b"".join(response)  # type: ignore[arg-type]
    (path,) = LINK.findall(response.headers["Link"])
    described = client.get(path)
    assert described.headers["Content-Type"] == "application/csvm+json"
    metadata = described.json()
    if not address.startswith("/api/"):
        parts = urlsplit(metadata["url"])
        assert f"{parts.path}{parts.query and '?'}{parts.query}" == address
    return read_rows(metadata, content, folder)


def read_rows(metadata: Any, content: bytes, folder: Path) -> list[dict[str, Any]]:
    metadata = {**metadata, "url": "rows.csv"}
    (folder / "rows.csv").write_bytes(content.removeprefix(b"\xef\xbb\xbf"))
    (folder / "rows.csv-metadata.json").write_text(json.dumps(metadata))
    table = Table.from_file(folder / "rows.csv-metadata.json")
    return list(table.iterdicts(strict=True))


@pytest.mark.parametrize("address", FILES)
def test_every_csv_file_is_read_whole_by_the_description_that_it_links_to(
    client: Client, tmp_path: Path, address: str
) -> None:
    rows = read_described(client, address, tmp_path)
    (header, *lines) = (tmp_path / "rows.csv").read_text().splitlines()
    assert header
    assert 0 < len(rows) <= len(lines)


def test_cells_of_the_described_files_have_the_types_of_their_columns(
    client: Client, tmp_path: Path
) -> None:
    first = read_described(client, "/programmes.csv?q=jet-net", tmp_path)[0]
    assert isinstance(first["changed_at"], datetime.datetime)
    assert first["changed_at"].microsecond == 0
    assert isinstance(first["verified_on"], datetime.date | None)
    assert isinstance(first["is_vocational"], bool | None)
    assert isinstance(first["countries"], list)
    assert all(re.fullmatch("[A-Z]{2}", code) for code in first["countries"])
    figures = read_described(client, "/programmes/figures.csv", tmp_path)
    assert {type(row["value"]) for row in figures} <= {Decimal, type(None)}
    assert {type(row["year_from"]) for row in figures} == {int, type(None)}


def test_a_cell_with_separators_and_signs_of_formulas_is_read_as_one_text(
    client: Client, tmp_path: Path
) -> None:
    name, summary = 'Odd; "name", with\nlines', "=SUM(A1); x\t |"
    one = builders.make_programme(slug="odd-one", name="Odd", summary="x")
    builders.store_as_it_is(one, name=name, summary=summary)
    rows = read_described(client, "/programmes.csv", tmp_path)
    (row,) = [row for row in rows if row["slug"] == "odd-one"]
    assert row["name"] == name
    assert row["summary"] == f"'{summary}"


def test_a_long_query_is_left_out_of_the_link_to_the_description(client: Client) -> None:
    codes = ",".join(Country.objects.values_list("code", flat=True))
    organisations = ",".join(Organisation.objects.values_list("slug", flat=True)[:20])
    response = client.head(f"/programmes.csv?country={codes}&organisation={organisations}")
    assert response.status_code == 200
    assert response.headers["Link"].startswith("</programmes.csv-metadata.json>;")


def test_a_description_refuses_wrong_parameters_as_its_file_does(client: Client) -> None:
    assert client.get("/programmes.csv-metadata.json?nothing=1").status_code == 400
    assert client.get("/insights/nothing.csv-metadata.json").status_code == 404


def test_the_files_of_a_dump_are_read_by_the_descriptions_beside_them(tmp_path: Path) -> None:
    folder = write_dump(tmp_path / "dump")
    for name in ("programmes.csv", "figures.csv"):
        metadata = json.loads((folder / f"{name}-metadata.json").read_text())
        assert metadata["url"] == name
        table = Table.from_file(folder / f"{name}-metadata.json")
        assert len(list(table.iterdicts(strict=True))) > 100
