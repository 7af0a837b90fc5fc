"""Seeding from fixtures: all or nothing, repeatable, and never over a curator's work."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models

from partnerships.models import Organisation
from programmes.models import (
    Audience,
    Discrepancy,
    InitiativeKind,
    Programme,
    Reach,
    SeededRow,
    Source,
    Unit,
)
from stemobs.dumps import seed as module
from stemobs.dumps.fixtures.rows import FixtureRow, SeedError, read_rows
from stemobs.dumps.seed import Outcome, seed_catalogue
from tests.servers import FIXTURES

pytestmark = pytest.mark.django_db
Write = Callable[..., Path]

QUOKKA = """
- model: programmes.programme
  fields:
    slug: quokka
    name: Quokka
    summary: A programme for tests.
    scope: national
    countries: [[NL], [FI]]
    levels: [[3]]
    year_start: 2010
    note: As first written.
    state: published
"""
FIGURE = """
- model: programmes.reach
  fields:
    programme: [quokka]
    position: 1
    value: 59.5
    unit: [students]
"""
POSITIONLESS = """
- model: programmes.unit
  fields:
    slug: burrows
    name: burrows
"""
POINT = """
- model: programmes.discrepancy
  fields:
    programme: [quokka]
    position: 1
    field: reach
    about: Number of schools
- model: programmes.claim
  fields:
    discrepancy: [quokka, 1]
    position: 1
    statement: over 10
"""
AUDIENCE = """
- model: programmes.audience
  fields:
    slug: quokkas
    name: Quokkas
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a fixture and return the folder to seed from."""

    def write(*texts: str, name: str = "1.yaml") -> Path:
        (tmp_path / name).write_text("".join(texts), encoding="utf-8")
        return tmp_path

    return write


def get_quokka() -> Programme:
    return Programme.objects.get(slug="quokka")


def read_everything() -> dict[str, Any]:
    """Return every row of the catalogue as it is now."""
    models = [*apps.get_app_config("programmes").get_models()]
    models += apps.get_app_config("partnerships").get_models()
    return {m._meta.label_lower: list(m._default_manager.order_by("pk").values()) for m in models}


# --- Seeding twice --------------------------------------------------------------------------------


def test_the_command_loads_the_sites_own_fixtures_by_default_and_again_changes_no_row() -> None:
    before = read_everything()
    unchanged = len(before["programmes.seededrow"])
    assert run_seed() == (
        f"0 rows created, 0 updated, {unchanged} unchanged, 0 removed, 0 kept for their curators.\n"
    )
    assert read_everything() == before


def test_seeding_creates_rows_the_first_time_only(write: Write) -> None:
    folder = write(QUOKKA, FIGURE, POINT)
    assert seed_catalogue(folder) == Outcome(created=4)
    programme = get_quokka()
    assert programme.is_public
    assert {country.code for country in programme.countries.all()} == {"NL", "FI"}
    assert str(programme.reach.get().value) == "59.50"
    assert seed_catalogue(folder) == Outcome(unchanged=4)


def test_files_are_read_in_the_order_of_their_paths(write: Write) -> None:
    write(FIGURE, name="2.yaml")
    assert seed_catalogue(write(QUOKKA, name="1.yaml")).created == 2


def test_empty_fixtures_and_files_that_are_not_yaml_are_ignored(write: Write) -> None:
    write("not: a fixture", name="notes.txt")
    assert seed_catalogue(write("# nothing yet")) == Outcome()


def test_a_natural_key_may_have_letters_of_any_script(write: Write) -> None:
    name = """
- model: programmes.programmename
  fields: {programme: [quokka], name: "Արմաթ", kind: native, language: hy}
"""
    folder = write(QUOKKA, name)
    assert seed_catalogue(folder).created == 2
    assert seed_catalogue(folder).unchanged == 2
    assert SeededRow.objects.get(key='["quokka", "Արմաթ"]').model == "programmes.programmename"


# --- Changed fixtures -----------------------------------------------------------------------------


def test_a_changed_fixture_updates_a_row_that_no_curator_has_changed(write: Write) -> None:
    seed_catalogue(write(QUOKKA, FIGURE))
    changed = QUOKKA.replace("2010", "2011").replace("[NL], ", "[XK], ")
    assert seed_catalogue(write(changed, FIGURE)) == Outcome(updated=1, unchanged=1)
    assert get_quokka().year_start == 2011
    assert {country.code for country in get_quokka().countries.all()} == {"XK", "FI"}
    assert seed_catalogue(write(changed, FIGURE)) == Outcome(unchanged=2)


def test_fields_that_a_fixture_no_longer_has_are_reset_to_defaults(write: Write) -> None:
    seed_catalogue(write(QUOKKA))
    shorter = QUOKKA.replace("    note: As first written.\n", "").replace("    levels: [[3]]\n", "")
    shorter = shorter.replace("    year_start: 2010\n", "")
    assert seed_catalogue(write(shorter)).updated == 1
    assert (get_quokka().note, get_quokka().year_start, get_quokka().levels.count()) == (
        "",
        None,
        0,
    )
    assert get_quokka().countries.count() == 2


def test_an_update_keeps_created_at_and_sets_changed_at(
    write: Write,
) -> None:
    seed_catalogue(write(QUOKKA))
    before = get_quokka()
    seed_catalogue(write(QUOKKA.replace("2010", "2011")))
    assert get_quokka().created_at == before.created_at
    assert get_quokka().changed_at > before.changed_at


# --- Rows that curators changed, made or deleted --------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Programme.objects.filter(pk=row.pk).update(name="Better"),
        lambda row: row.countries.clear(),
        lambda row: row.kinds.add(*InitiativeKind.objects.all()[:1]),
        lambda row: Programme.objects.filter(pk=row.pk).update(state="draft", note="x"),
    ],
)
def test_a_curators_change_is_kept_and_reported_while_other_rows_update(
    write: Write, change: Callable[[Programme], Any]
) -> None:
    seed_catalogue(write(QUOKKA, FIGURE))
    row = get_quokka()
    change(row)
    before = Programme.objects.filter(pk=row.pk).values().get()
    outcome = seed_catalogue(write(QUOKKA.replace("2010", "2011"), FIGURE.replace("59.5", "60")))
    assert outcome.kept == ['programmes.programme ["quokka"] (changed by a curator)']
    assert (outcome.created, outcome.updated) == (0, 1)
    assert Programme.objects.filter(pk=row.pk).values().get() == before
    assert Reach.objects.get(programme=row).value == 60


def test_a_row_that_a_curator_saved_unchanged_is_still_updated(write: Write) -> None:
    seed_catalogue(write(QUOKKA))
    get_quokka().save()
    assert seed_catalogue(write(QUOKKA.replace("2010", "2011"))).updated == 1


def test_a_row_that_a_curator_deleted_is_not_created_again(write: Write) -> None:
    seed_catalogue(write(QUOKKA, FIGURE))
    Reach.objects.filter(programme=get_quokka()).delete()
    assert seed_catalogue(write(QUOKKA, FIGURE)) == Outcome(unchanged=2)
    outcome = seed_catalogue(write(QUOKKA.replace("2010", "2011"), FIGURE.replace("59.5", "60")))
    assert outcome.kept == ['programmes.reach ["quokka", 1] (deleted by a curator)']
    assert outcome.updated == 1
    assert not get_quokka().reach.exists()


def test_new_facts_about_a_deleted_programme_are_not_created(write: Write) -> None:
    seed_catalogue(write(QUOKKA, AUDIENCE))
    get_quokka().delete()
    audience = AUDIENCE.replace("name: Q", "name: All q")
    outcome = seed_catalogue(write(QUOKKA, audience, FIGURE, POINT))
    gone = "(programme quokka was deleted by a curator)"
    assert outcome.kept == [
        f'programmes.reach ["quokka", 1] {gone}',
        f'programmes.discrepancy ["quokka", 1] {gone}',
        'programmes.claim ["quokka", 1, 1] '
        "(difference between sources quokka, 1 was deleted by a curator)",
    ]
    assert Audience.objects.get(slug="quokkas").name == "All quokkas"
    assert not Discrepancy.objects.filter(about="Number of schools", position=1000).exists()
    assert not Programme.objects.filter(slug="quokka").exists()


def test_a_row_is_not_updated_if_its_fixture_now_names_a_deleted_term(write: Write) -> None:
    seed_catalogue(write(QUOKKA, AUDIENCE))
    Audience.objects.filter(slug="quokkas").delete()
    outcome = seed_catalogue(write(AUDIENCE, QUOKKA + "    audiences: [[quokkas]]\n"))
    assert outcome.kept == [
        'programmes.programme ["quokka"] (audience quokkas was deleted by a curator)'
    ]
    assert get_quokka().year_start == 2010


def test_facts_are_attached_to_the_row_a_curator_made_in_place_of_a_deleted_one(
    write: Write,
) -> None:
    seed_catalogue(write(QUOKKA))
    get_quokka().delete()
    made = Programme.objects.create(slug="quokka", name="Mine", summary="x", scope="local")
    assert seed_catalogue(write(QUOKKA, FIGURE)).created == 1
    assert made.reach.count() == 1
    assert get_quokka().name == "Mine"


def test_a_curators_row_with_the_same_natural_key_is_kept_and_reported(write: Write) -> None:
    Programme.objects.create(slug="quokka", name="Mine", summary="By a curator.", scope="local")
    outcome = seed_catalogue(write(QUOKKA, FIGURE))
    assert outcome.kept == ['programmes.programme ["quokka"] (made by a curator)']
    assert outcome.created == 1
    assert get_quokka().name == "Mine"


def test_a_curators_row_without_a_fixture_is_left_alone(write: Write) -> None:
    seed_catalogue(write(QUOKKA))
    own = Programme.objects.create(slug="own", name="Own", summary="x", scope="local")
    seed_catalogue(write(QUOKKA.replace("2010", "2011")))
    assert Programme.objects.get(pk=own.pk).name == "Own"


def test_a_row_whose_slug_a_curator_changed_is_still_found_by_its_old_slug(
    write: Write,
) -> None:
    seed_catalogue(write(QUOKKA))
    Programme.objects.filter(slug="quokka").update(slug="wallaby")
    outcome = seed_catalogue(write(QUOKKA.replace("2010", "2011"), FIGURE))
    assert outcome.kept == ['programmes.programme ["quokka"] (changed by a curator)']
    assert Programme.objects.get(slug="wallaby").reach.count() == 1
    assert not Programme.objects.filter(slug="quokka").exists()


def test_seeded_rows_of_a_removed_model_are_ignored(write: Write) -> None:
    SeededRow.objects.create(
        model="programmes.former", key="[]", object_id=1, fixture_digest="", row_digest=""
    )
    assert seed_catalogue(write(QUOKKA)).created == 1


# --- Faulty fixtures ------------------------------------------------------------------------------


def change_quokka(old: str, new: str) -> str:
    assert old in QUOKKA
    return QUOKKA.replace(old, new)


BROKEN = {
    "an unknown country": (change_quokka("[NL]", "[UK]"), 2, "countries: there is no country UK"),
    "no list of keys": (change_quokka("[[NL], [FI]]", "NL"), 2, "countries: is a list of keys"),
    "no keys": (change_quokka("[[NL], [FI]]", "null"), 2, "countries: is a list of keys"),
    "a key of nothing": (change_quokka("[NL]", "[null]"), 2, "countries: there is no country None"),
    "an unknown level": (
        change_quokka("[[3]]", "[[nine]]"),
        2,
        "levels: there is no education level",
    ),
    "an unknown field": (change_quokka("note:", "nota:"), 2, "nota: there is no such field"),
    "an unknown choice": (change_quokka("national", "cosmic"), 2, "scope: Value 'cosmic' is not a"),
    "a bad year": (change_quokka("2010", "1066"), 2, "year_start: Ensure this value is greater"),
    "a word for a year": (change_quokka("2010", "soon"), 2, "year_start: “soon” value must be an"),
    "a long slug": (
        change_quokka("slug: quokka", f"slug: {'q' * 81}"),
        2,
        "slug: Ensure this value",
    ),
    "a slug with spaces": (
        change_quokka("slug: quokka", "slug: a b"),
        2,
        "slug: Use only letters without accents",
    ),
    "no slug": (change_quokka("    slug: quokka\n", ""), 2, "slug: This field cannot be blank"),
    "nothing": (change_quokka("Quokka", "null"), 2, "name: This field cannot be null"),
    "a list": (change_quokka("Quokka", "[Quokka]"), 2, "name: is one value, not a list"),
    "a mapping": (change_quokka("Quokka", "{en: Quokka}"), 2, "name: is one value, not a list"),
    "an unknown model": (
        change_quokka("programmes.programme", "programmes.program"),
        2,
        "no model",
    ),
    "no model at all": (change_quokka("programmes.programme", "5"), 2, "there is no model 5"),
    "a model of somebody else's": (
        change_quokka("programmes.programme", "auth.user"),
        2,
        "no part of",
    ),
    "its own memory": (
        change_quokka("programmes.programme", "programmes.seededrow"),
        2,
        "no part of",
    ),
    "no fields": ("- model: programmes.programme\n", 1, "every row needs"),
    "fields that are none": ("- model: programmes.unit\n  fields: [slug]\n", 1, "every row needs"),
    "no relation": (QUOKKA + FIGURE.replace("[students]", "[stars]"), 14, "unit: there is no unit"),
    "a missing relation": (QUOKKA + FIGURE.replace("    unit: [students]\n", ""), 14, "unit_id"),
    "a broken rule": (QUOKKA + "    year_end: 2009\n", 2, "programme_ends_after_start"),
    "a row that stands twice": (QUOKKA + QUOKKA, 14, "slug: {file}, line 2 has this row"),
    "a source with a known address": (
        "- model: programmes.source\n  fields: {slug: a, title: A, url: https://example.org}\n"
        "- model: programmes.source\n  fields: {slug: b, title: B, url: https://example.org}\n",
        3,
        "url",
    ),
}
UNREADABLE = {
    "broken YAML": ("- model: [\n  fields", "line 1"),
    "a tab": ("- model: x\n\tfields: y", "line 2"),
    "a day that no calendar has": ("- model: x\n  fields: {day: 2026-13-45}", "month must be"),
    "a program": ("- !!python/object/apply:os.system [ls]", "line 1"),
    "no list": ("model: programmes.programme", "a fixture is a list of rows"),
    "a word": ("quokka", "a fixture is a list of rows"),
    "a list of words": ("- quokka", "not 'quokka'"),
}


@pytest.mark.once
@pytest.mark.parametrize("case", BROKEN)
def test_a_faulty_row_is_named_with_file_line_and_field_and_nothing_is_loaded(
    write: Write, case: str
) -> None:
    text, line, reason = BROKEN[case]
    folder = write(text)
    file = folder / "1.yaml"
    before = (Programme.objects.count(), Source.objects.count(), SeededRow.objects.count())
    with pytest.raises(SeedError) as error:
        seed_catalogue(folder)
    assert str(error.value).startswith(f"{file}, line {line}: ")
    assert reason.format(file=file) in str(error.value)
    after = (Programme.objects.count(), Source.objects.count(), SeededRow.objects.count())
    assert after == before


@pytest.mark.once
@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_is_no_fixture_is_an_error_that_names_it(write: Write, case: str) -> None:
    text, reason = UNREADABLE[case]
    folder = write(text)
    with pytest.raises(SeedError) as error:
        seed_catalogue(folder)
    assert str(error.value).startswith(f"{folder / '1.yaml'}: ")
    assert reason in str(error.value)


def test_a_file_that_is_not_utf_8_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "1.yaml").write_bytes(b"- \xff")
    with pytest.raises(SeedError, match=r"1\.yaml.*utf-8"):
        seed_catalogue(tmp_path)


def test_seeding_from_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="is not a folder"):
        seed_catalogue(tmp_path / "nowhere")


def test_a_fault_in_the_last_file_undoes_the_rows_of_the_first(write: Write) -> None:
    write(QUOKKA, name="1.yaml")
    with pytest.raises(SeedError):
        seed_catalogue(write(FIGURE.replace("students", "stars"), name="2.yaml"))
    assert not Programme.objects.filter(slug="quokka").exists()


def test_an_interrupted_run_changes_no_row(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    seed_catalogue(write(QUOKKA))
    before = read_everything()
    load = module.Seeder.load_row

    def stop(seeder: module.Seeder, row: FixtureRow, key: module.Key) -> None:
        load(seeder, row, key)
        if row.label == "programmes.reach":
            raise KeyboardInterrupt

    monkeypatch.setattr(module.Seeder, "load_row", stop)
    with pytest.raises(KeyboardInterrupt):
        seed_catalogue(write(QUOKKA.replace("2010", "2011"), FIGURE, POINT))
    assert read_everything() == before


# --- The command ----------------------------------------------------------------------------------


def run_seed(*arguments: Any) -> str:
    out = StringIO()
    call_command("seed", *arguments, stdout=out)
    return out.getvalue()


def test_a_fact_that_its_fixtures_no_longer_have_is_removed_unless_a_curator_changed_it(
    write: Write,
) -> None:
    second = FIGURE.replace("position: 1", "position: 2")
    seed_catalogue(write(QUOKKA, FIGURE, second))
    Reach.objects.filter(programme=get_quokka(), position=2).update(note="Mine.")
    outcome = seed_catalogue(write(QUOKKA))
    assert (outcome.retired, outcome.kept) == (
        1,
        ['programmes.reach ["quokka", 2] (changed by a curator)'],
    )
    assert [row.position for row in get_quokka().reach.all()] == [2]
    assert seed_catalogue(write(QUOKKA, FIGURE)).created == 1


def test_facts_of_programmes_that_are_not_read_stay(write: Write) -> None:
    seed_catalogue(write(QUOKKA, FIGURE))
    assert seed_catalogue(write(POSITIONLESS)).retired == 0
    assert get_quokka().reach.count() == 1


def test_the_command_prints_numbers_of_rows_and_the_kept_rows(write: Write) -> None:
    assert run_seed(write(QUOKKA, FIGURE)) == (
        "2 rows created, 0 updated, 0 unchanged, 0 removed, 0 kept for their curators.\n"
    )
    Reach.objects.filter(programme=get_quokka()).delete()
    assert run_seed(write(QUOKKA.replace("2010", "2011"), FIGURE.replace("59.5", "6"))) == (
        'Kept as it is: programmes.reach ["quokka", 1] (deleted by a curator)\n'
        "0 rows created, 1 updated, 0 unchanged, 0 removed, 1 kept for their curators.\n"
    )


def test_the_command_fails_with_file_line_and_field_of_the_fault(write: Write) -> None:
    folder = write(change_quokka("[NL]", "[UK]"))
    with pytest.raises(CommandError) as error:
        run_seed(folder)
    assert str(error.value) == (
        f"Nothing was loaded. {folder / '1.yaml'}, line 2: "
        "programmes.programme.countries: there is no country UK."
    )


# --- Details --------------------------------------------------------------------------------------


@pytest.mark.once
def test_every_fixture_row_has_the_line_number_where_it_begins() -> None:
    rows = list(read_rows(FIXTURES))
    assert len(rows) == SeededRow.objects.count()
    for row in rows[::97]:
        line = row.file.read_text(encoding="utf-8").splitlines()[row.line - 1]
        assert line.startswith("- model: ")


@pytest.mark.parametrize("model", [Programme, Organisation, Unit, Reach])
def test_digests_of_different_rows_differ_and_of_the_same_row_are_equal(
    model: type[models.Model],
) -> None:
    row, again = model._default_manager.order_by("pk")[:2]
    assert module.digest_row(row) == module.digest_row(model._default_manager.get(pk=row.pk))
    assert module.digest_row(row) != module.digest_row(again)
