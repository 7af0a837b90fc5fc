"""A dump of the whole catalogue, with all that is hard to write, loads as it was."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from partnerships.models import Strategy
from programmes.models import Edit, FormerSlug, Programme
from stemobs.dumps.dump import write_dump
from stemobs.dumps.seed import seed_catalogue
from tests.hostile import make_hostile_rows
from tests.servers import FIXTURES

pytestmark = pytest.mark.django_db

EDITS = "data/programmes.edit.ndjson"


def read_data(folder: Path) -> dict[str, bytes]:
    """Return the files of a dump that do not state its revision."""
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*")}
    return {
        name: file.read_bytes()
        for name, file in files.items()
        if file.is_file() and (name.startswith(("data/", "media/")) or "csv" in name)
    }


@pytest.mark.trial
def test_loading_a_public_dump_gives_equal_rows_that_seed_leaves_alone(tmp_path: Path) -> None:
    make_hostile_rows()
    renamed, deleted, hidden = Programme.objects.order_by("pk")[:3]
    Programme.objects.filter(pk=renamed.pk).update(slug="renamed-since")
    FormerSlug.objects.create(programme=renamed, slug=renamed.slug)
    Strategy.objects.filter(programme=deleted).update(programme=None)
    deleted.delete()
    Programme.objects.filter(pk=hidden.pk).update(state="draft")
    folder = write_dump(tmp_path / "1")
    call_command("load_dump", folder, "--replace", stdout=StringIO())
    before, after = read_data(folder), read_data(write_dump(tmp_path / "2"))
    # Another history has begun, so there are two edits more.
    more = after.pop(EDITS).removeprefix(before.pop(EDITS)).splitlines()
    assert [json.loads(line)["kind"] for line in more] == [Edit.Kind.ENDED, Edit.Kind.DUMP]
    assert after == before
    outcome = seed_catalogue(FIXTURES)
    assert (outcome.created, outcome.updated, outcome.kept) == (0, 0, [])
