"""Tests that the documentation agrees with the code: models, parameters, resources, commands."""

import io
import json
import re
import subprocess
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.test import Client

from programmes.models import Programme
from stemobs.api.changes import ChangeKind
from stemobs.api.facts import EvaluationList, FigureList
from stemobs.api.programmes import ProgrammeResource
from stemobs.api.urls import RESOURCES
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.exports.evaluations import EVALUATIONS, FIELD_STUDIES
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.exports.tables import FIGURES, PROGRAMMES, Table
from stemobs.management.commands import coverage
from stemobs.selection.facets import FACETS
from stemobs.selection.programmes import SORTS, ProgrammeFilter

pytestmark = pytest.mark.data

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
MODELS = [
    model
    for app in ("programmes", "partnerships")
    for model in apps.get_app_config(app).get_models()
]


def text(name: str) -> str:
    return (ROOT / name).read_text()


def part(name: str, heading: str) -> str:
    """Return the text under a heading of a page, up to the next heading of the same level."""
    mark = heading.split()[0]
    return re.split(rf"^{mark} ", text(name).split(f"\n{heading}\n", 1)[1], flags=re.M)[0]


def first_column(table: str) -> dict[str, str]:
    """Return the rows of a table: from the code in the first column to the rest of the row."""
    return dict(re.findall(r"^\| `([^`]+)` \|(.*)\|$", table, flags=re.M))


# --- docs/data.md --------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_data_dictionary_has_every_field_of_every_model(model: type[Model]) -> None:
    documented = first_column(part("docs/data.md", f"### {model.__name__}"))
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    assert list(documented) == [field.name for field in fields if not field.primary_key]
    assert all(re.search(r"\w", meaning) for meaning in documented.values())


def test_the_data_dictionary_lists_exactly_the_models_of_the_code() -> None:
    documented = re.findall(r"^### (\w+)$", text("docs/data.md"), flags=re.M)
    assert documented == [model.__name__ for model in MODELS]


def test_the_data_dictionary_equals_the_output_of_describe_data() -> None:
    out = io.StringIO()
    call_command("describe_data", stdout=out)
    written = out.getvalue().strip().splitlines()
    kept = text("docs/data.md").splitlines()
    assert [line for line in written if line not in kept] == []
    assert kept[-len(written) :] == written


# --- docs/api.md ---------------------------------------------------------------------------------


def test_the_api_page_has_every_resource_and_no_other() -> None:
    documented = first_column(part("docs/api.md", "## Resources"))
    assert list(documented) == [f"/api/v1/{name}/" for name in RESOURCES]


def test_the_api_page_lists_every_parameter_in_canonical_order() -> None:
    documented = first_column(part("docs/api.md", "## The selection"))
    assert list(documented) == list(ProgrammeFilter.base_filters)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["status", "duration", "evidence", "funding", "record", "scope"])
def test_the_api_page_has_every_value_of_a_closed_list(name: str) -> None:
    row = first_column(part("docs/api.md", "## The selection"))[name]
    assert set(re.findall(r"`([^`]+)`", row)) == set(FACETS[name].labels(get_current_catalogue()))


@pytest.mark.django_db
@pytest.mark.parametrize("name", FACETS)
def test_the_api_page_names_none_for_exactly_the_facets_that_have_it(name: str) -> None:
    row = first_column(part("docs/api.md", "## The selection"))[name]
    if name != "organisation":
        assert ("`none`" in row) == ("none" in FACETS[name].labels(get_current_catalogue()))


def test_the_api_page_lists_every_sort_order() -> None:
    row = first_column(part("docs/api.md", "## The selection"))["sort"]
    assert set(re.findall(r"`([^`]+)`", row)) == {*SORTS, "q"}


def json_in(heading: str) -> str:
    """Return the JSON example under a heading of docs/api.md."""
    return part("docs/api.md", heading).split("```json\n")[1].split("```")[0]


@pytest.mark.django_db
def test_the_examples_of_counts_and_changes_match_answers_of_the_api(client: Client) -> None:
    example = json.loads(json_in("## Counts"))
    answer = client.get("/api/v1/programmes/counts/?group_by=kind,level").json()
    assert list(example) == list(answer)
    assert example["total"] == answer["total"]
    assert example["rows"][0] in answer["rows"]
    for name, labels in example["labels"].items():
        assert labels.items() <= answer["labels"][name].items()
    example = json.loads(json_in("## Changes"))
    answer = client.get("/api/v1/changes/?page_size=1").json()
    assert list(example) == list(answer)
    assert list(example["results"][0]) == list(answer["results"][0])
    documented = first_column(part("docs/api.md", "## Changes"))
    assert list(documented) == [kind.value for kind in ChangeKind]


def test_the_api_page_lists_every_format_of_each_answer() -> None:
    rows = first_column(part("docs/api.md", "## Forms of an answer")).values()
    forms = [
        {renderer.format for renderer in forms}
        for forms in (
            *ProgrammeResource.forms.values(),
            FigureList.forms["list"],
            EvaluationList.forms["list"],
        )
    ]
    assert [set(re.findall(r"`([^`]+)`", row)) for row in rows] == forms


@pytest.mark.django_db
def test_the_example_of_an_error_matches_the_answer_of_the_api(client: Client) -> None:
    example = json_in("## Errors")
    answer = client.get("/api/v1/programmes/?contry=NL").json()
    for key in ("type", "title", "status", "detail"):
        assert f'"{key}": ' in example
        assert str(answer[key]) in example
    assert f'"reason": "{answer["errors"][0]["reason"]}"' in example


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page",
    # The addresses in docs/coverage.md are tested further below.
    ["README.md", *(f"docs/{file.name}" for file in DOCS.glob("*.md") if file.stem != "coverage")],
)
def test_every_address_in_the_documentation_answers(client: Client, page: str) -> None:
    addresses = re.findall(r"[`'](?:http://127\.0\.0\.1:8000)?(/[a-z][^\s`'<>*{]*)[`']", text(page))
    ours = ("/programmes/", "/api/", "/feeds/", "/health/", "/organisations/", "/countries/")
    for address in addresses:
        if address.startswith(ours):
            response = client.get(urldefrag(address).url)
            assert response.status_code == 200, address
            response.getvalue()  # reads the workbook to its end, so that its file is closed


# --- Links, commands, README and changelog -------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        *(f"docs/{file.name}" for file in DOCS.glob("*.md")),
    ],
)
def test_every_link_between_documents_leads_to_a_file(page: str) -> None:
    links = re.findall(r"\]\((?!http|#|mailto)([^)#\s]+)", text(page))
    folder = (ROOT / page).parent
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/architecture.md"]
)
def test_every_command_of_dev_that_is_documented_exists(page: str) -> None:
    helped = subprocess.run(["./dev", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    known = set(re.findall(r"^\./dev ([\w-]+)", helped.stdout, flags=re.M))
    assert {"run", "test", "check"} <= known
    assert set(re.findall(r"\./dev ([\w-]+)", text(page))) <= known


def test_the_readme_names_the_commands_dev_run_and_dev_test() -> None:
    readme = text("README.md")
    assert "./dev run" in readme
    assert "./dev test" in readme


@pytest.mark.django_db
def test_the_numbers_of_rows_in_the_readme_match_the_catalogue() -> None:
    row = next(line for line in text("README.md").splitlines() if line.startswith("| `fixtures/`"))
    numbers = {name: int(number) for number, name in re.findall(r"(\d+) (\w+)", row)}
    labels = {str(model._meta.verbose_name_plural): model for model in MODELS}
    labels["platforms"] = labels["national platforms"]
    assert numbers
    for name, number in numbers.items():
        assert labels[name]._default_manager.count() == number, name


def test_every_folder_named_in_the_readme_exists() -> None:
    rows = first_column(part("README.md", "## Where things are"))
    names = [name.strip("`, ") for row in rows for name in row.split("`, `")]
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_changelog_has_a_section_for_unreleased_changes() -> None:
    assert "## [Unreleased]" in text("CHANGELOG.md")


# --- docs/coverage.md and `manage.py coverage` ---------------------------------------------------

ROWS = list(coverage.read_table(DOCS / "coverage.md"))


def test_the_coverage_table_has_the_rows_1_to_112_once_each() -> None:
    assert [row.number for row in ROWS] == list(range(1, 113))
    assert [row.number for row in ROWS if not row.address.startswith("/")] == [112]
    assert all(row.subject and row.lines for row in ROWS)


@pytest.mark.django_db
def test_the_coverage_command_prints_every_row_of_the_table() -> None:
    out = io.StringIO()
    call_command("coverage", stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 112
    assert all(row.address in line for row, line in zip(ROWS[:111], lines, strict=False))


@pytest.mark.django_db
def test_the_coverage_command_fails_if_a_page_is_missing(
    tmp_path: Path, settings: LazySettings
) -> None:
    lines = text("docs/coverage.md").splitlines()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/coverage.md").write_text(
        "\n".join(line for line in lines if "/programmes/jet-net-nl/" in line)
    )
    settings.BASE_DIR = tmp_path
    Programme.objects.filter(slug="jet-net-nl").update(state=Programme.State.DRAFT)
    with pytest.raises(CommandError, match="/programmes/jet-net-nl/"):
        call_command("coverage", stdout=io.StringIO())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "fault"),
    {
        "/about/#nowhere": "has no #nowhere",
        "/nowhere/": "answers 404",
        "": "no address",
        "/about/": "",
    }.items(),
)
def test_find_fault_names_a_missing_address_or_fragment_of_a_coverage_row(
    address: str, fault: str
) -> None:
    assert fault in coverage.find_fault(coverage.CoverageRow(1, "Something", "E 1", address))


# --- Files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("programmes", PROGRAMMES),
        ("figures", FIGURES),
        ("evaluations", EVALUATIONS),
        ("studies of the field", FIELD_STUDIES),
    ],
)
def test_the_api_page_lists_the_columns_of_files_in_their_order(heading: str, table: Table) -> None:
    said = text("docs/api.md").split(f"**Columns of {heading}:**", 1)[1].split(".\n", 1)[0]
    said = re.sub(r"\([^)]*\)", "", said.split(". A", 1)[0])
    assert re.findall(r"`(\w+)`", said) == table.header


def test_every_file_of_a_selection_is_documented() -> None:
    said = part("docs/api.md", "## Files")
    assert all(f"`/programmes.{name}`" in said for name in FORMATS)
    assert all(f".{name}`" in said for name in FIGURE_FORMATS)
