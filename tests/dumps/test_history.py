"""What seeding, and loading a dump without history, leave in the history."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from programmes.models import Edit, Programme, Version
from stemobs.catalogue.history import read_rows_at
from stemobs.dumps.dump import write_dump
from stemobs.dumps.seed import seed_catalogue
from tests.builders import make_programme
from tests.catalogue.marks import number
from tests.catalogue.past import keep_versions
from tests.dumps.signing import drop_history
from tests.hostile import make_small_catalogue
from tests.pictures import PICTURE

pytestmark = pytest.mark.django_db

FIXTURE = """
- model: programmes.programme
  fields: {slug: quokka, name: Quokka, summary: For tests., scope: national, countries: [[NL]]}
- model: programmes.unit
  fields: {slug: burrows, name: Burrows}
"""


def list_kinds(versions: list[Version]) -> list[str]:
    """Return the kinds of the edits that versions belong to, one for each edit."""
    return [one.kind for one in {version.edit for version in versions}]


def test_seeding_is_one_edit_and_seeding_again_none(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_text(FIXTURE)
    versions = keep_versions(lambda: seed_catalogue(tmp_path))
    assert {(one.model, one.operation) for one in versions} == {
        (f"programmes.{name}", "I") for name in ("programme", "programme_countries", "unit")
    }
    assert list_kinds(versions) == ["seed"]
    edits = Edit.objects.count()
    assert keep_versions(lambda: seed_catalogue(tmp_path)) == []
    assert Edit.objects.count() == edits


def test_a_picture_that_the_site_moves_is_an_edit_of_the_site(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.MEDIA_ROOT, settings.DRAFTS_ROOT = tmp_path / "media", tmp_path / "drafts"
    draft = make_programme(state="draft")
    name = default_storage.save("logos/quokka-of-a-draft.png", ContentFile(PICTURE))
    Programme.objects.filter(pk=draft.pk).update(logo=name, logo_alt="A cog")
    versions = keep_versions(lambda: call_command("tidy_pictures", verbosity=0))
    assert list_kinds(versions) == ["task"]


@pytest.mark.usefixtures("emptied")
def test_loading_a_dump_without_history_is_one_edit_and_what_it_replaces_can_be_told(
    tmp_path: Path,
) -> None:
    make_small_catalogue()
    folder = write_dump(tmp_path)
    drop_history(folder)
    Programme.objects.update(name="Written after the dump")
    before, at = {row["id"]: row for row in Programme.objects.values()}, number()
    versions = keep_versions(
        lambda: call_command("load_dump", folder, "--replace", stdout=StringIO())
    )
    assert list_kinds(versions) == ["dump"]
    assert {one.operation for one in versions} == {"D", "I"}
    assert versions[0].edit.revision == number()
    assert read_rows_at(Programme, at) == before
    assert read_rows_at(Programme, number()) != before
