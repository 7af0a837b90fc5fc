"""Downloads of a selection in every format, read by independent parsers."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.test import Client
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from stemobs.exports.files import FIGURE_FORMATS, FORMATS

Rows = list[dict[str, Any]]
ADDRESSES = [
    *(f"/programmes.{name}" for name in FORMATS),
    *(f"/programmes/figures.{name}" for name in FIGURE_FORMATS),
    *(f"/programmes/evaluations.{name}" for name in FIGURE_FORMATS),
]


def download(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, address
    assert response.streaming
    return response.getvalue()


def download_workbook(client: Client, address: str) -> Workbook:
    return load_workbook(io.BytesIO(download(client, address)))


def read_sheet(sheet: Worksheet) -> Rows:
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_csv(client: Client, address: str) -> Rows:
    return list(csv.DictReader(io.StringIO(download(client, address).decode(), newline="")))


def read_xlsx(client: Client, address: str) -> Rows:
    return read_sheet(download_workbook(client, address).worksheets[0])


def read_ndjson(client: Client, address: str) -> Rows:
    return [json.loads(line) for line in download(client, address).splitlines()]


def read_jsonld(client: Client, address: str) -> Rows:
    return json.loads(download(client, address))["@graph"][1:]


READERS: dict[str, Callable[[Client, str], Rows]] = {
    "csv": read_csv,
    "xlsx": read_xlsx,
    "ndjson": read_ndjson,
    "jsonld": read_jsonld,
}


def read_every_format(client: Client, query: str) -> Iterator[tuple[str, Rows]]:
    for name in FORMATS:
        yield name, READERS[name](client, f"/programmes.{name}?{query}")
