"""Figures that superseded others in fixtures and in dumps, where the newer one may come later."""

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from programmes.migrations._cleaning import digest
from programmes.models import Reach, SeededRow
from stemobs.catalogue.triggers.installing import pause_triggers
from stemobs.dumps.dump import write_dump
from stemobs.dumps.fixtures.rows import SeedError
from stemobs.dumps.restore import LoadError, load_dump
from stemobs.dumps.seed import Outcome, seed_catalogue
from tests.builders import make_programme, make_reach
from tests.hostile import make_small_catalogue

pytestmark = pytest.mark.django_db

PROGRAMME = """
- model: programmes.programme
  fields:
    {slug: quokka, name: Quokka, summary: Counts., record_type: programme, scope: national}
"""
FIGURE = """
- model: programmes.reach
  fields: {{programme: [quokka], position: {position}, value: {value}, unit: [students]{more}}}
"""


def load(folder: Path, *figures: tuple[int, int, str]) -> Outcome:
    rows = (FIGURE.format(position=at, value=value, more=more) for at, value, more in figures)
    (folder / "1.yaml").write_text("".join([PROGRAMME, *rows]), encoding="utf-8")
    return seed_catalogue(folder)


REPLACED = ", superseded_by: [quokka, 3]"


def test_a_figure_of_a_fixture_is_superseded_by_a_later_one_and_both_are_retired(
    tmp_path: Path,
) -> None:
    load(tmp_path, (1, 40, ""), (2, 50, ""))
    outcome = load(tmp_path, (1, 40, REPLACED), (2, 50, ""), (3, 60, ""))
    assert (outcome.created, outcome.updated, outcome.kept) == (1, 1, [])
    figures = Reach.objects.filter(programme__slug="quokka")
    assert figures.get(position=1).superseded_by == figures.get(position=3)
    outcome = load(tmp_path, (2, 50, ""))
    assert (outcome.retired, outcome.kept) == (2, [])
    with pytest.raises(SeedError, match=r"1\.yaml, line 6: .*there is no reach figure quokka, 3"):
        load(tmp_path, (2, 50, REPLACED))


class Editor:
    """What a migration gets; only its connection is used."""

    connection = connection


def test_a_changed_fixture_updates_what_was_loaded_before_figures_had_a_life(
    tmp_path: Path,
) -> None:
    load(tmp_path, (1, 40, ""), (2, 50, ""))
    loader = MigrationLoader(None)
    steps = ("programmes", "0025_figures_with_a_life")
    before = loader.project_state(loader.get_migration(*steps).dependencies).apps
    for row in before.get_model("programmes.reach").objects.filter(programme__slug="quokka"):
        SeededRow.objects.filter(model="programmes.reach", object_id=row.pk).update(
            row_digest=digest(row)  # as the release before has stored it
        )
    Reach.objects.filter(programme__slug="quokka", position=2).update(value=51)
    operations = loader.get_migration(*steps).operations
    operations[0].code(before, Editor)
    operations[-1].code(loader.project_state([steps]).apps, Editor)
    outcome = load(tmp_path, (1, 41, ""), (2, 52, ""))
    assert outcome.updated == 1
    assert outcome.kept == ['programmes.reach ["quokka", 2] (changed by a curator)']


def write_linked(folder: Path, *, of_one: bool) -> Path:
    """Write a dump in which a figure is superseded by one that comes after it."""
    make_small_catalogue()
    programme = make_programme()
    earlier = make_reach(programme, 40)
    newer = make_reach(programme if of_one else make_programme(), 50)
    with pause_triggers():
        Reach.objects.filter(pk=earlier.pk).update(superseded_by=newer)
    return write_dump(folder, is_private=True)


def test_a_dump_brings_back_what_superseded_what(tmp_path: Path) -> None:
    folder = write_linked(tmp_path, of_one=True)
    load_dump(folder, tmp_path / "none", replace=True)
    assert Reach.objects.get(value=40).superseded_by == Reach.objects.get(value=50)


def test_a_dump_with_a_wrong_successor_is_refused(tmp_path: Path) -> None:
    folder = write_linked(tmp_path, of_one=False)
    with pytest.raises(LoadError, match="cannot be replaced by one of another programme"):
        load_dump(folder, tmp_path / "none", replace=True)
    assert Reach.objects.get(value=40).superseded_by
