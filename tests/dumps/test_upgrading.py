"""After an upgrade `seed` still knows which rows curators changed, and updates all others."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, connections, models
from django.db.migrations import CreateModel, Migration, RunPython
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from pytest_django import DjangoDbBlocker

from programmes.migrations._cleaning import digest
from programmes.models import SeededRow
from stemobs.dumps.seed import Outcome, seed_catalogue
from tests.servers import SEEDED

OURS = ("programmes", "partnerships")
Samples = dict[str, list[SeededRow]]  # by the label of the model


# --- Rows of every model that the fixtures have ---------------------------------------------------


def take_samples() -> Samples:
    """Return two rows of each model, if it has two; `seed` is made to forget all others."""
    samples: Samples = {}
    for seeded in SeededRow.objects.order_by("pk"):
        if len(of_model := samples.setdefault(seeded.model, [])) < 2:
            of_model.append(seeded)
    taken = [seeded.pk for pair in samples.values() for seeded in pair]
    SeededRow.objects.exclude(pk__in=taken).delete()
    return samples


def write_entry(seeded: SeededRow) -> dict[str, Any]:
    """Return a row as its entry in a fixture."""
    model = apps.get_model(seeded.model)
    rows = [model._base_manager.get(pk=seeded.object_id)]
    (entry,) = serializers.serialize("python", rows, use_natural_foreign_keys=True)
    entry["fields"] = {
        name: value
        for name, value in entry["fields"].items()
        if model._meta.get_field(name).editable
    }
    return {"model": entry["model"], "fields": entry["fields"]}


def find_change(model: Any, entry: dict[str, Any], word: str) -> dict[str, str]:
    """Return another value for a text of a row, or for what is chosen if it has no text."""
    in_key = " ".join(apps.get_model(model._meta.label).natural_key_fields)
    texts = [
        field
        for field in model._meta.fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.URLField | models.SlugField)
        and (field.editable and field.name not in in_key and field.name != "language")
    ]
    field = min(texts, key=lambda one: bool(one.choices))
    told = entry["fields"].get(field.name, "")
    others = [value for value, _label in field.flatchoices if value not in (told, "")]
    return {field.name: others[0] if others else f"{word}: {told}"}


def change_as_curator(model: Any, seeded: SeededRow, entry: dict[str, Any]) -> None:
    rows = model._base_manager.filter(pk=seeded.object_id)
    rows.update(**find_change(model, entry, "By hand"))


def seed_newer(folder: Path, entries: dict[SeededRow, dict[str, Any]]) -> Outcome:
    """Seed from fixtures in which a field of each entry has changed."""
    for seeded, entry in entries.items():
        entry["fields"].update(find_change(apps.get_model(seeded.model), entry, "Newer"))
    file = folder / "fixtures" / "1.yaml"
    file.parent.mkdir()
    # JSON is YAML.
    file.write_text(json.dumps([*entries.values()], cls=DjangoJSONEncoder), encoding="utf-8")
    return seed_catalogue(file.parent)


def expect(samples: Samples) -> Outcome:
    """Return what is told if the second row of each model is a curator's, and the first not."""
    kept = [
        f"{seeded.model} {seeded.key} (changed by a curator)"
        for pair in samples.values()
        for seeded in pair[1:]
    ]
    return Outcome(updated=len(samples), kept=kept)


@pytest.mark.django_db
def test_a_row_of_any_model_follows_its_fixture_unless_a_curator_changed_it(
    tmp_path: Path,
) -> None:
    samples = take_samples()
    entries = {one: write_entry(one) for pair in samples.values() for one in pair}
    for label, pair in samples.items():
        for seeded in pair[1:]:
            change_as_curator(apps.get_model(label), seeded, entries[seeded])
    assert seed_newer(tmp_path, entries) == expect(samples)


# --- Migrations -----------------------------------------------------------------------------------


def list_migrations() -> Iterator[Migration]:
    """Yield all migrations in the order in which a new database runs them."""
    graph = MigrationLoader(None).graph
    nodes = dict.fromkeys(node for leaf in graph.leaf_nodes() for node in graph.forwards_plan(leaf))
    yield from (graph.nodes[node] for node in nodes)


def list_compared(state: ProjectState) -> dict[str, set[str]]:
    """Return by which fields `seed` recognises a row of each model at a state of the migrations."""
    return {
        f"{app}.{name}": {
            field for field, one in model.fields.items() if one.many_to_many or one.editable
        }
        for (app, name), model in state.models.items()
        if app in OURS
    }


def list_remembered(migration: Migration) -> set[str]:
    """Return the models whose rows a migration marks at its beginning and remembers at its end."""
    ends = (migration.operations[:1], migration.operations[-1:])
    steps = [one.code for end in ends for one in end if isinstance(one, RunPython)]
    return set.intersection(*(getattr(step, "models", set()) for step in steps)) if steps else set()


def test_every_migration_that_changes_what_seed_compares_remembers_its_rows_anew() -> None:
    """The steps for it are in programmes/migrations/_seeded.py."""
    state = ProjectState()
    for migration in list_migrations():
        before = list_compared(state)
        state = migration.mutate_state(state, preserve=False)
        after = list_compared(state)
        changed = {one for one in before if before[one] != after.get(one, before[one])}
        assert changed <= list_remembered(migration), migration


# --- The whole way --------------------------------------------------------------------------------


@contextmanager
def use_as_default(file: Path) -> Iterator[None]:
    """Make an SQLite file the database, because `seed` writes to no other."""
    place = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": {}}
    tests = connections["default"]
    with patch.dict(connections.settings, default=connections.settings["default"] | place):
        connections["default"] = connections.create_connection("default")
        try:
            yield
        finally:
            connections["default"].close()
            connections["default"] = tests


@pytest.fixture
def _scratch(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database of its own with all fixtures, because a test cannot undo what migrations do."""
    file = tmp_path / "scratch.sqlite3"
    if SEEDED:
        shutil.copy(SEEDED, file)
    with django_db_blocker.unblock(), use_as_default(file):
        call_command("migrate", verbosity=0)
        call_command("seed")
        yield


def list_beginnings(labels: set[str]) -> list[tuple[str, str]]:
    """Return the migrations that make one of these models, in the order in which they are run."""
    return [
        (migration.app_label, migration.name)
        for migration in list_migrations()
        for one in migration.operations
        if isinstance(one, CreateModel) and f"{migration.app_label}.{one.name_lower}" in labels
    ]


def read_present_models() -> dict[str, Any]:
    """Return the models by their labels, as the migrations so far have made them."""
    loader = MigrationLoader(connection)
    state = loader.project_state([one for one in loader.applied_migrations if one[0] in OURS])
    return {model._meta.label_lower: model for model in state.apps.get_models()}


def load_as_then(model: Any, seeded: SeededRow, stored: dict[str, Any]) -> None:
    """Store a row as the release that had this model loaded it, and remember its digest."""
    if not model._base_manager.filter(pk=seeded.object_id).exists():
        names = {field.attname for field in model._meta.concrete_fields} & stored.keys()
        model._base_manager.bulk_create([model(**{name: stored[name] for name in names})])
    row = model._base_manager.get(pk=seeded.object_id)
    SeededRow.objects.filter(pk=seeded.pk).update(row_digest=digest(row))


@pytest.mark.trial
@pytest.mark.once
@pytest.mark.usefixtures("_scratch")
def test_that_is_so_after_all_upgrades_since_the_release_that_loaded_it(tmp_path: Path) -> None:
    samples = take_samples()
    entries = {one: write_entry(one) for pair in samples.values() for one in pair}
    stored = {
        one: apps.get_model(one.model)._base_manager.values().get(pk=one.object_id)
        for one in entries
    }
    waiting = dict(samples)
    for app in reversed(OURS):
        call_command("migrate", app, "0001", verbosity=0)
    for app, name in dict.fromkeys(list_beginnings({*samples})):
        call_command("migrate", app, name, verbosity=0)
        present = read_present_models()
        for label in waiting.keys() & present.keys():
            pair = waiting.pop(label)
            for seeded in pair:
                load_as_then(present[label], seeded, stored[seeded])
            for seeded in pair[1:]:
                change_as_curator(present[label], seeded, entries[seeded])
    call_command("migrate", verbosity=0)
    assert not waiting
    assert seed_newer(tmp_path, entries) == expect(samples)
