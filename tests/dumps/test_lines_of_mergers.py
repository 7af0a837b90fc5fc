"""Mergers in dumps: a public one leads to the last in line, and none is loaded with a circle."""

from pathlib import Path

import orjson
import pytest

from partnerships.models import Organisation
from programmes.models import Programme
from stemobs.dumps.dump import write_dump
from stemobs.dumps.fixtures.rows import SeedError
from stemobs.dumps.restore import LoadError, load_dump
from stemobs.dumps.seed import seed_catalogue
from tests.builders import make_organisation, make_programme
from tests.hostile import make_small_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("emptied")]


def read_merged(folder: Path) -> dict[str, int | None]:
    lines = (folder / "data/programmes.programme.ndjson").read_bytes().splitlines()
    return {row["slug"]: row["merged_into_id"] for row in map(orjson.loads, lines)}


def test_a_public_dump_leads_to_the_last_in_line_and_a_private_one_to_the_next(
    tmp_path: Path,
) -> None:
    make_small_catalogue()
    last, middle, first = (make_programme(slug=slug) for slug in ("last", "middle", "first"))
    for one, following in ((middle, last), (first, middle)):
        Programme.objects.filter(pk=one.pk).update(state="withdrawn", merged_into=following)
    public = read_merged(write_dump(tmp_path / "public"))
    assert public["first"] == public["middle"] == last.pk
    private = write_dump(tmp_path / "private", is_private=True)
    assert read_merged(private)["first"] == middle.pk
    load_dump(private, tmp_path / "none", replace=True)
    assert Programme.objects.get(slug="first").merged_into == Programme.objects.get(slug="middle")


@pytest.mark.parametrize("model", [Programme, Organisation])
def test_a_dump_with_a_circle_is_refused(tmp_path: Path, model: type) -> None:
    make_small_catalogue()
    if model is Programme:
        one, other = make_programme(), make_programme()
        for row, following in ((one, other), (other, one)):
            Programme.objects.filter(pk=row.pk).update(state="withdrawn", merged_into=following)
    else:
        one, other = make_organisation(), make_organisation()
        Organisation.objects.filter(pk=one.pk).update(parent=other)
        Organisation.objects.filter(pk=other.pk).update(successor=one)
    folder = write_dump(tmp_path, is_private=True)
    with pytest.raises(LoadError, match="lead to each other in a circle"):
        load_dump(folder, tmp_path / "none", replace=True)


def test_a_fixture_with_a_circle_is_refused(tmp_path: Path) -> None:
    make_organisation(slug="one-there")
    text = """
- model: partnerships.organisation
  fields: {slug: a-made, name: A, type: ngo}
- model: partnerships.organisation
  fields: {slug: b-made, name: B, type: ngo, parent: [a-made]}
"""
    (tmp_path / "a.yaml").write_text(text)
    seed_catalogue(tmp_path)
    (tmp_path / "a.yaml").write_text(text.replace("name: A, ", "name: A, successor: [b-made], "))
    with pytest.raises(SeedError, match="in a circle: A → B → A"):
        seed_catalogue(tmp_path)
