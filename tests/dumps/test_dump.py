"""Writing dumps: complete, without private rows in a public dump, equal bytes for equal states."""

import json
import subprocess
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import models

from partnerships.models import Lineage
from programmes.models import (
    BulkChange,
    BulkChangeRow,
    Change,
    Country,
    Edit,
    FormerSlug,
    Import,
    ImportedRow,
    ImportedRowSeen,
    Lease,
    Programme,
    ProposedMerger,
    RecordCheck,
    Redaction,
    Revision,
    SeededRow,
    Story,
    Task,
    Version,
)
from stemobs.catalogue.triggers.tables import APPS
from stemobs.dumps.archive import pack_dump
from stemobs.dumps.dump import write_dump
from stemobs.dumps.manifest import name_file
from stemobs.dumps.rows import list_all_models
from tests.builders import (
    make_assessment,
    make_citation,
    make_claim,
    make_discrepancy,
    make_document,
    make_evaluation,
    make_former_slug,
    make_funding,
    make_guide,
    make_guide_item,
    make_lineage,
    make_name,
    make_organisation,
    make_partnership,
    make_platform,
    make_programme,
    make_reach,
    make_story,
    make_strategy,
    make_task,
)
from tests.hostile import make_small_catalogue
from tests.pictures import PICTURE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("emptied", "small")]

MARK = "quokkamark"


@pytest.fixture
def small() -> None:
    make_small_catalogue()


Rows = list[dict[str, Any]]


def read_rows(folder: Path, model: type[models.Model]) -> Rows:
    """Return the rows of a model in a dump, parsed from its lines of JSON."""
    text = (folder / name_file(model)).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def read_row(folder: Path, instance: models.Model) -> dict[str, Any]:
    return next(row for row in read_rows(folder, type(instance)) if row["id"] == instance.pk)


def read_files(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def read_packed_files(folder: Path) -> list[bytes]:
    """Return every file in the archive of a dump."""
    with ZipFile(pack_dump(folder)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def run_dump(*arguments: Any) -> str:
    out = StringIO()
    call_command("dump", *arguments, stdout=out, stderr=out)
    return out.getvalue()


# --- Completeness ---------------------------------------------------------------------------------


def test_a_private_dump_has_every_row_of_every_model_with_every_column(tmp_path: Path) -> None:
    folder = write_dump(tmp_path, is_private=True)
    catalogue = [m for app in APPS for m in apps.get_app_config(app).get_models()]
    on_their_way = {
        *(BulkChange, BulkChangeRow, Import, ImportedRow, ImportedRowSeen, ProposedMerger)
    }
    own = {Change, Edit, Lease, Redaction, Revision, Version, *on_their_way}
    assert set(list_all_models()) == set(catalogue) - own
    for model in list_all_models():
        found = read_rows(folder, model)
        assert [row["id"] for row in found] == list(
            model._base_manager.order_by("pk").values_list("pk", flat=True)
        )
        fields = [f.attname for f in model._meta.concrete_fields]
        fields += [f.name for f in model._meta.many_to_many]
        assert all(list(row) == fields for row in found)


def test_decimals_dates_and_relations_are_dumped_exactly(tmp_path: Path) -> None:
    programme = make_programme(countries=Country.objects.filter(code__in=["NL", "BE"]))
    reach = make_reach(programme, "9999999999999.99")
    folder = write_dump(tmp_path)
    assert read_row(folder, reach)["value"] == "9999999999999.99"
    assert read_row(folder, reach)["value_max"] is None
    told = read_row(folder, programme)
    assert told["countries"] == sorted(c.pk for c in programme.countries.all())
    assert told["changed_at"] == f"{programme.changed_at:%Y-%m-%dT%H:%M:%S.%f}Z"


def test_sha256sum_confirms_every_file_that_the_manifest_lists(tmp_path: Path) -> None:
    folder = write_dump(tmp_path)
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = {line.removesuffix(": OK") for line in checked.stdout.splitlines()}
    assert names == read_files(folder).keys() - {"SHA256SUMS"}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["revision"] == Revision.objects.get().number
    assert manifest["licence"] == "CC-BY-4.0"
    assert {file["name"] for file in manifest["files"]} == names - {"manifest.json"}
    for file in manifest["files"]:
        data = (folder / file["name"]).read_bytes()
        assert file["bytes"] == len(data)
        assert file["rows"] in (None, data.count(b"\n"))


def test_a_public_dump_has_a_readme_and_a_licence(tmp_path: Path) -> None:
    folder = write_dump(tmp_path)
    assert "CC BY 4.0" in (folder / "LICENCE.txt").read_text()
    assert "sha256sum --check SHA256SUMS" in (folder / "README.txt").read_text()
    assert "DO NOT PUBLISH" not in (folder / "README.txt").read_text()


# --- What a public dump leaves out ----------------------------------------------------------------


def make_everything_about(programme: Programme) -> None:
    """Give a programme a fact of every kind."""
    organisation = make_organisation()
    make_name(programme, "Another name")
    make_former_slug(programme, f"{programme.slug}-once")
    make_citation(programme, evidence="x", field="levels")
    make_reach(programme)
    make_evaluation(programme, result="mixed")
    make_document(programme)
    make_claim(make_discrepancy(programme))
    make_story(programme)
    make_partnership(programme, organisation)
    make_funding(programme)
    make_assessment(programme)
    make_lineage(from_programme=programme, to_text="Something")
    make_lineage(from_programme=make_programme(), to_programme=programme)


def plant_word(word: str, instance: models.Model) -> None:
    """Write a word into every text column of a row that has no list of choices."""
    texts = [
        field
        for field in instance._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and (field.max_length or 99) > len(word)  # the code of a currency is too short
    ]
    values = {
        f.name: f"{'https://' * isinstance(f, models.URLField)}{word}-{instance.pk}"[: f.max_length]
        for f in texts
    }
    if getattr(instance, "to_programme_id", None):
        del values["to_text"]  # a lineage may have only one of the two
    if "retracted_because" in values:
        values["retracted_on"] = "2026-11-28"
    type(instance)._base_manager.filter(pk=instance.pk).update(**values)


def list_own_rows(programme: Programme) -> Iterator[models.Model]:
    """Yield a programme and every row that is deleted with it."""
    yield programme
    for relation in programme._meta.related_objects:
        if relation.one_to_many and relation.on_delete is models.CASCADE:
            related: Any = relation.related_model
            yield from related._base_manager.filter(**{relation.field.name: programme})
    for point in programme.discrepancies.all():
        yield from point.claims.all()


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_a_public_dump_has_no_text_of_drafts_and_withdrawn_programmes(
    tmp_path: Path, state: str
) -> None:
    programme = make_programme(state="published" if state == "withdrawn" else state)
    make_everything_about(programme)
    item = make_guide_item(make_guide(), [programme])
    platform = make_platform()
    platform.programmes.add(programme)
    strategy = make_strategy(programme=programme)
    for instance in list_own_rows(programme):
        plant_word(MARK, instance)
    if state == "withdrawn":  # its name and slugs stay public
        FormerSlug.objects.filter(programme=programme).update(slug="shown-still")
        Programme.objects.filter(pk=programme.pk).update(
            name="Gone", short_name="", slug="gone-one"
        )
        set_withdrawn(programme, withdrawn_reason="It ended.")
    assert MARK.encode() in b"".join(
        read_files(write_dump(tmp_path / "all", is_private=True)).values()
    )
    folder = write_dump(tmp_path)
    assert [name for name, data in read_files(folder).items() if MARK.encode() in data] == []
    assert not any(MARK.encode() in data for data in read_packed_files(folder))
    assert read_row(folder, item)["programmes"] == read_row(folder, platform)["programmes"] == []
    assert read_row(folder, strategy)["programme_id"] is None
    assert not any(
        programme.pk in (row["from_programme_id"], row["to_programme_id"])
        for row in read_rows(folder, Lineage)
    )


def test_a_public_dump_has_stories_only_once_they_are_published(tmp_path: Path) -> None:
    programme = make_programme()
    told, draft = make_story(programme), make_story(programme, is_published=False)
    folder = write_dump(tmp_path)
    assert [row["id"] for row in read_rows(folder, Story)] == [told.pk]
    folder = write_dump(tmp_path, is_private=True)
    assert [row["id"] for row in read_rows(folder, Story)] == [told.pk, draft.pk]


def set_withdrawn(programme: Programme, **fields: Any) -> None:
    Programme.objects.filter(pk=programme.pk).update(state="withdrawn", **fields)


def test_a_public_dump_keeps_of_a_withdrawn_programme_its_name_slugs_and_reason(
    tmp_path: Path,
) -> None:
    taker = make_programme()
    gone = make_programme(note="Once.")
    set_withdrawn(gone, withdrawn_reason="Ended.", merged_into=taker)
    gone.countries.add(Country.objects.get(code="NL"))
    former = make_former_slug(gone, "gone-before")
    hidden = make_programme(state="draft")
    into_hidden = make_programme()
    set_withdrawn(into_hidden, merged_into=hidden)
    never_seen = make_programme(state="draft")
    set_withdrawn(never_seen, withdrawn_reason="A mistake.")
    make_former_slug(never_seen, "never-seen")
    folder = write_dump(tmp_path)
    told = read_row(folder, gone)
    assert (told["slug"], told["name"], told["withdrawn_reason"], told["merged_into_id"]) == (
        gone.slug, gone.name, "Ended.", taker.pk,
    )  # fmt: skip
    assert (told["note"], told["summary"], told["countries"]) == ("", "", [])
    assert read_row(folder, former)["programme_id"] == gone.pk
    told = read_row(folder, into_hidden)
    assert (told["merged_into_id"], told["withdrawn_reason"]) == (
        None, "This programme was withdrawn.",
    )  # fmt: skip
    assert never_seen.pk not in {row["id"] for row in read_rows(folder, Programme)}
    assert "never-seen" not in {row["slug"] for row in read_rows(folder, FormerSlug)}


def test_curators_notes_and_seeded_rows_are_only_in_a_private_dump(tmp_path: Path) -> None:
    programme = make_programme(curators_note=MARK)
    folder = write_dump(tmp_path)
    assert read_row(folder, programme)["curators_note"] == ""
    assert not any(MARK.encode() in data for data in read_packed_files(folder))
    assert not (folder / name_file(SeededRow)).exists()
    folder = write_dump(tmp_path, is_private=True)
    assert read_row(folder, programme)["curators_note"] == MARK
    assert len(read_rows(folder, SeededRow)) == SeededRow.objects.count()


def test_tasks_and_checks_are_only_in_a_private_dump(tmp_path: Path) -> None:
    programme = make_programme()
    task = make_task(programme=programme, told=MARK)
    RecordCheck.objects.create(programme=programme, answers={"reach-1-1": {"says": MARK}})
    folder = write_dump(tmp_path)
    assert not (folder / name_file(Task)).exists()
    assert not (folder / name_file(RecordCheck)).exists()
    assert not any(MARK.encode() in data for data in read_packed_files(folder))
    folder = write_dump(tmp_path, is_private=True)
    assert read_row(folder, task)["told"] == MARK


def test_a_private_dump_says_so_and_is_readable_only_by_its_owner(tmp_path: Path) -> None:
    assert "Do not publish it." in run_dump(tmp_path, "--private")
    folder = next(tmp_path.iterdir())
    assert folder.name.endswith("-private")
    assert folder.stat().st_mode & 0o077 == 0
    assert "DO NOT PUBLISH" in (folder / "README.txt").read_text()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["private"] is True
    assert manifest["licence"] is None


def test_a_public_dump_has_the_pictures_of_published_programmes(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.MEDIA_ROOT, settings.DRAFTS_ROOT = tmp_path / "uploaded", tmp_path / "drafts"
    for name, state in (("shown", "published"), ("hidden", "draft")):
        default_storage.save(f"logos/{name}.png", ContentFile(PICTURE))
        make_programme(state=state, logo=f"logos/{name}.png", logo_alt="A square")
    make_programme(logo="logos/lost.png", logo_alt="A square")
    told = run_dump(tmp_path, "--verbosity", "0")
    (folder,) = tmp_path.glob("stem-*/")
    assert (folder / "media/logos/shown.png").read_bytes() == PICTURE
    assert len(list((folder / "media/logos").iterdir())) == 1
    assert "logos/lost.png is not among the uploaded files: the dump goes without it." in told


def test_a_picture_that_loading_would_refuse_is_named_and_no_dump_is_written(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploaded"
    faults = {
        "logos/large.png": (bytes((20 << 20) + 1), "larger than 20 MiB"),
        "logos/text.png": (b"Text", "Upload a valid image"),
        "logos/x.svg": (PICTURE, "File extension “svg” is not allowed"),
        "elsewhere/x.png": (PICTURE, "not the name of an uploaded picture"),
    }
    programme = make_programme(logo_alt="A square")
    for name, (content, expected) in faults.items():
        default_storage.save(name, ContentFile(content))
        Programme.objects.filter(pk=programme.pk).update(logo=name)
        with pytest.raises(CommandError, match=f"{name} cannot be loaded: .*{expected}"):
            run_dump(tmp_path / "dumps")
    assert list((tmp_path / "dumps").iterdir()) == []


# --- Existing dumps and failures ------------------------------------------------------------------


def test_two_dumps_of_the_same_state_have_the_same_bytes(tmp_path: Path) -> None:
    first, second = write_dump(tmp_path / "1"), write_dump(tmp_path / "2")
    assert first.name == second.name == f"stem-observatory-{Revision.objects.get().number}"
    assert read_files(first) == read_files(second)


def test_an_equal_dump_is_kept_and_a_different_one_is_an_error(
    tmp_path: Path,
) -> None:
    folder = write_dump(tmp_path)
    before = read_files(folder)
    assert str(folder) in run_dump(tmp_path)
    Programme.objects.filter(slug="one").update(note="Changed.")
    # As after restoring a backup: a different catalogue with the same revision.
    Revision.objects.update(number=int(folder.name.rpartition("-")[2]))
    with pytest.raises(CommandError, match="exists and is not the same dump"):
        run_dump(tmp_path)
    assert read_files(folder) == before
    assert [one for one in tmp_path.iterdir() if one.is_dir()] == [folder]


def test_private_dumps_of_one_revision_stand_side_by_side(tmp_path: Path) -> None:
    """What is written of a draft raises no revision."""
    first = write_dump(tmp_path, is_private=True)
    make_programme(state="draft")
    second = write_dump(tmp_path, is_private=True)
    assert second.name == f"{first.name}-2"
    assert write_dump(tmp_path).name == first.name.removesuffix("-private")


def test_a_dump_that_fails_leaves_no_files(tmp_path: Path, settings: LazySettings) -> None:
    settings.BASE_DIR = tmp_path / "nowhere"  # where the licence would be
    with pytest.raises(CommandError, match="No dump was written"):
        run_dump(tmp_path / "dumps")
    assert list((tmp_path / "dumps").iterdir()) == []
