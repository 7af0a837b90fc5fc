"""Tests that a client generated from the OpenAPI description can read the whole API."""

import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest
from openapi_python_client import Config, generate
from openapi_python_client.config import ConfigFile, MetaType

from stemobs.api.openapi import whole
from stemobs.api.openapi.words import ROWS
from stemobs.api.urls import RESOURCES
from stemobs.exports.files import FORMATS
from stemobs.wsgi import application
from tests.wsgi import connection_kept

pytestmark = pytest.mark.slow

PACKAGE = "client_of_the_catalogue"
# The generator has to be told how to read types of files that it does not know.
FILES = {
    FORMATS["xlsx"].media_type: "application/octet-stream",
    FORMATS["ndjson"].media_type: "text/plain",
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package of the client, generated from the description alone, as its users do."""
    folder = tmp_path_factory.mktemp("client")
    source = folder / "openapi.json"
    source.write_bytes(whole.get_description_json())
    config = Config.from_sources(
        ConfigFile(post_hooks=[], content_type_overrides=FILES),
        MetaType.NONE,
        document_source=source,
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder / PACKAGE,
    )
    assert generate(config=config) == []
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))


@pytest.fixture
def read(package: ModuleType) -> Any:
    """Return a function that calls an operation of the client and returns the parsed answer."""
    transport = httpx.WSGITransport(app=application)
    client = package.Client(
        "http://localhost", raise_on_unexpected_status=True, httpx_args={"transport": transport}
    )

    def ask(name: str, operation: str, *key: Any, **parameters: Any) -> Any:
        group = name.replace("-", "_")
        module = importlib.import_module(f"{PACKAGE}.api.{group}.{group}_{operation}")
        with connection_kept():
            answer = module.sync_detailed(*key, client=client, **parameters)
        assert answer.status_code == 200
        return answer.parsed

    return ask


def plain(answer: Any) -> Any:
    """Return an answer as plain JSON, with times that end in Z instead of +00:00."""
    told = answer if isinstance(answer, dict) else answer.to_dict()
    return json.loads(re.sub(r"\+00:00\"", 'Z"', json.dumps(told)))


@pytest.mark.django_db
@pytest.mark.parametrize("name", RESOURCES)
def test_the_generated_client_reads_every_row_of_every_list(read: Any, name: str) -> None:
    first = read(name, "list", page_size=100)
    pages = range(2, -(-first.count // 100) + 1)
    rows = [
        *first.results,
        *(row for page in pages for row in read(name, "list", page_size=100, page=page).results),
    ]
    assert len(rows) == first.count > 0
    assert all(row.to_dict() for row in rows)


@pytest.mark.django_db
@pytest.mark.parametrize("name", RESOURCES)
def test_the_generated_client_reads_a_row_without_loss(read: Any, client: Any, name: str) -> None:
    row = read(name, "retrieve", ROWS[name])
    assert plain(row) == plain(client.get(f"/api/v1/{name}/{ROWS[name]}/").json())


@pytest.mark.django_db
def test_the_generated_client_can_ask_for_a_selection_with_facets(read: Any, client: Any) -> None:
    models = importlib.import_module(f"{PACKAGE}.models")
    page = read(
        "programmes",
        "list",
        country=["NL", "FI"],
        status=[models.ProgrammesListStatusItem.ACTIVE],
        facets=[models.ProgrammesListFacetsItem.LEVEL],
    )
    answer = client.get("/api/v1/programmes/?country=NL,FI&status=active&facets=level").json()
    assert plain(page) == plain(answer)


@pytest.mark.django_db
def test_the_generated_client_reads_counts_and_changes(read: Any, client: Any) -> None:
    models = importlib.import_module(f"{PACKAGE}.models")
    kind = models.ProgrammesCountsGroupByItem.KIND
    counts = client.get("/api/v1/programmes/counts/?group_by=kind").json()
    assert plain(read("programmes", "counts", group_by=[kind])) == counts
    changes = client.get("/api/v1/changes/?since=0&page_size=5").json()
    assert plain(read("changes", "list", since=0, page_size=5)) == plain(changes)


@pytest.mark.django_db
def test_the_generated_client_reads_every_figure(read: Any, client: Any) -> None:
    rows: list[Any] = []
    while (
        len(rows)
        < (page := read("programmes", "figures", page=len(rows) // 100 + 1, page_size=100)).count
    ):
        rows += page.results
    file: Any = client.get("/programmes/figures.ndjson").getvalue()
    assert [plain(row) for row in rows] == [json.loads(line) for line in file.splitlines()]


@pytest.mark.django_db
def test_the_generated_client_reads_files_by_operations_of_their_own(
    read: Any, client: Any
) -> None:
    csv = client.get("/programmes.csv?country=FI").getvalue().decode()
    assert read("programmes", "csv", country=["FI"]) == csv
    lines = read("programmes", "figures_ndjson", country=["FI"])
    assert lines.encode() == client.get("/programmes/figures.ndjson?country=FI").getvalue()
    book = read("programmes", "xlsx", country=["FI"])
    assert book.payload.read().startswith(b"PK")
    linked = read("programmes", "retrieve_jsonld", "jet-net-nl")
    assert plain(linked)["@context"]


@pytest.mark.django_db
def test_the_generated_client_promises_every_field(package: ModuleType) -> None:
    models = importlib.import_module(f"{PACKAGE}.models")
    row = inspect.signature(models.ProgrammeRow).parameters.values()
    assert len([*row]) > 15
    assert all(one.default is inspect.Parameter.empty for one in row)


@pytest.mark.django_db
def test_the_generated_client_cannot_read_a_404(read: Any) -> None:
    with pytest.raises(AssertionError):
        read("programmes", "retrieve", "no-such-programme")
