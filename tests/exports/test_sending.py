"""Files while they are sent: rows in batches, changes meanwhile, and no file left behind."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Programme
from stemobs.exports import tables, workbook
from tests.exports.downloads import ADDRESSES, download, read_ndjson

pytestmark = pytest.mark.django_db


@pytest.mark.once
@pytest.mark.parametrize("address", ADDRESSES)
def test_the_number_of_queries_grows_with_batches_not_with_rows(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    download(client, address)
    counts = []
    for size in (20, 1_000):
        monkeypatch.setattr(tables, "AT_ONCE", size)
        with CaptureQueriesContext(connection) as captured:
            download(client, address)
        counts.append(len(captured))
        # There are only SELECTs, no savepoints: a slow download keeps no transaction open.
        assert all(one["sql"].startswith("SELECT") for one in captured)
    programmes = Programme.objects.published().count()
    lots = [-(-programmes // size) for size in (20, 1_000)]
    # A batch of programmes takes four queries; one without any evaluation takes fewer.
    assert counts[0] - counts[1] <= 4 * (lots[0] - lots[1])
    assert counts[1] <= 8


def test_programmes_withdrawn_while_a_file_is_sent_are_left_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "AT_ONCE", 10)
    slugs = [row["slug"] for row in read_ndjson(client, "/programmes.ndjson?sort=name")]
    lines = iter(client.get("/programmes.ndjson?sort=name").streaming_content)
    first = next(lines).splitlines()
    deleted, withdrawn, renamed = slugs[12], slugs[13], slugs[14]
    Programme.objects.filter(slug=deleted).update(state="draft")
    Programme.objects.filter(slug=withdrawn).update(state="withdrawn", withdrawn_reason="Over.")
    Programme.objects.filter(slug=renamed).update(name="Renamed meanwhile")
    rest = [json.loads(line) for lot in lines for line in lot.splitlines()]
    assert len(first) == 10
    assert [row["slug"] for row in rest] == [
        slug for slug in slugs[10:] if slug not in (deleted, withdrawn)
    ]
    assert next(row["name"] for row in rest if row["slug"] == renamed) == "Renamed meanwhile"


def test_a_workbook_leaves_no_temporary_files_even_if_it_fails(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    download(client, "/programmes.xlsx?country=NL")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(workbook.Book, "write_codebook", None)
    with pytest.raises(TypeError):
        client.get("/programmes.xlsx?country=NL")
    assert list(tmp_path.iterdir()) == []
