"""Loads the catalogue from YAML fixtures, all or nothing, and never overwrites a curator's work.

A fixture has Django's YAML format: a list of rows with `model` and `fields`, where related rows are
named by their natural keys. Files are read in the order of their paths, so that a row may refer to
rows of earlier files.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction

from programmes.models import Claim, Edit, Fact, Programme, SeededRow
from stemobs.catalogue.editing import edit
from stemobs.dumps.fixtures.merged import MergedRows, SaidOfAnother, find_same, tell_key
from stemobs.dumps.fixtures.rows import (
    FixtureRow,
    Key,
    SeedError,
    digest_value,
    format_key,
    read_rows,
)

PROGRAMME = Programme._meta.label_lower
CLAIM = Claim._meta.label_lower
NOBODY = 0  # stands for the id of a row that does not exist
UNLIKE_ANY = "0" * 64  # equals no row's digest, so the row counts as changed by a curator


class ComesLater(SeedError):
    """A fixture row refers to one of its own kind that is not loaded: a figure to a newer one."""


class RestsOnDeleted(Exception):
    """A fixture row refers to a row that a curator has deleted, so it is not loaded either."""


@dataclass
class Outcome:
    """The result of a run: numbers of rows, and which rows were left as a curator made them.

    `followed` tells of rows that name what was merged, and were read as naming what stays.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    retired: int = 0
    kept: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)


def list_defaults(model: type[models.Model]) -> dict[str, Any]:
    """Return the defaults of all fields that a curator can edit, by name."""
    columns = [f for f in model._meta.concrete_fields if f.editable and not f.primary_key]
    many = {f.name: [] for f in model._meta.many_to_many}
    return {**{f.name: f.get_default() for f in columns}, **many}


def read_standing_ids(labels: Collection[str]) -> dict[str, set[int]]:
    """Return the ids of all existing rows of these models, by the model's label."""
    return {
        model._meta.label_lower: set(model._base_manager.values_list("pk", flat=True))
        for model in apps.get_models()
        if model._meta.label_lower in labels
    }


class Seeder:
    """One run over the fixtures; the caller opens the transaction."""

    def __init__(self) -> None:
        self.outcome = Outcome()
        self.seeded: dict[Key, SeededRow] = {
            (row.model, row.key): row for row in SeededRow.objects.all()
        }
        standing = read_standing_ids({model for model, _key in self.seeded})
        self.ids: dict[Key, int] = {
            key: row.object_id
            for key, row in self.seeded.items()
            if row.object_id in standing.get(row.model, ())
        }
        self.gone: set[Key] = self.seeded.keys() - self.ids.keys()
        self.merged = MergedRows()
        self.read: dict[Key, FixtureRow] = {}
        self.found: dict[type[models.Model], bool] = {}
        self.loaded: dict[type[models.Model], dict[int, tuple[Key, FixtureRow]]] = defaultdict(dict)

    def load(self, rows: Iterable[FixtureRow]) -> None:
        """Create, update and delete rows until the database has what the fixtures say.

        Two rows may have changed places, or one refers to a later one of its kind. Such a row waits
        until the rest is loaded, and if it still has no place, one of them makes room.
        """
        waiting = [row for row in rows if not self.has_loaded(row, self.make_new_key(row))]
        self.retire()
        while waiting:
            still = [row for row in waiting if not self.has_loaded(row, self.make_key(row))]
            if len(still) == len(waiting) and not any(map(self.make_room, still)):
                self.load_row(still[0], self.make_key(still[0]))  # says what is wrong
            waiting = still

    def has_loaded(self, row: FixtureRow, key: Key) -> bool:
        """Load a row; False, with nothing changed, if it has to wait for another."""
        try:
            # In an empty database no row is in the way, and 13,000 savepoints would take seconds.
            with transaction.atomic() if self.seeded else nullcontext():
                self.load_row(row, key)
        except ComesLater:
            return False
        except SeedError as error:
            if self.seeded and isinstance(error.__cause__, IntegrityError):
                return False
            raise
        return True

    def make_room(self, row: FixtureRow) -> bool:
        """Delete the row that the fixture changes, to be made anew; False if a curator has it."""
        key = self.make_key(row)
        seeded = self.seeded.get(key)
        instance = seeded and row.model._base_manager.filter(pk=seeded.object_id).first()
        if not seeded or not isinstance(instance, Fact) or has_parts(instance):
            return False
        if digest_row(instance) != seeded.row_digest:
            return False
        instance.delete()
        del self.seeded[key]
        self.ids.pop(key, None)
        return True

    def load_row(self, row: FixtureRow, key: Key) -> None:
        """Create or update a row, unless its fixture is unchanged or a curator has changed it."""
        seeded = self.seeded.get(key)
        try:
            if seeded is None:
                self.create(row, key)
            elif seeded.fixture_digest == row.digest:
                self.outcome.unchanged += 1
            else:
                self.update(row, key, seeded)
        except RestsOnDeleted as error:
            self.gone.add(key)
            self.outcome.kept.append(f"{row.label} {key[1]} ({error} was deleted by a curator)")
        except SaidOfAnother as error:
            self.gone.add(key)
            self.outcome.kept.append(f"{row.label} {key[1]} ({error})")

    def make_new_key(self, row: FixtureRow) -> Key:
        """Return a row's natural key; raise SeedError if an earlier row of the run has it."""
        key = self.make_key(row)
        if key in self.read:
            first, name = self.read[key], self.list_key_names(row)[0]
            raise row.make_error(name, f"{first.file}, line {first.line} has this row.")
        self.read[key] = row
        return key

    def make_key(self, row: FixtureRow) -> Key:
        return (row.label, format_key(self.natural_key(row)))

    def create(self, row: FixtureRow, key: Key) -> None:
        if key in self.merged.shared:
            raise SaidOfAnother("it was merged into another")
        if self.had_rows(row.model) and self.find_id(row.model, json.loads(key[1])) is not None:
            self.outcome.kept.append(f"{row.label} {key[1]} (made by a curator)")
            return
        self.refuse_part_of_gone(row)
        instance = row.model()
        self.assign(instance, row, row.fields)
        self.ids[key] = instance.pk
        self.loaded[row.model][instance.pk] = (key, row)
        self.outcome.created += 1

    def refuse_part_of_gone(self, row: FixtureRow) -> None:
        """Raise SaidOfAnother for a new part of a row that was merged into another.

        Of that other one a fixture does not know. So what it would add there may have the number of
        another part, such as that of a source of an organisation.
        """
        for name in self.list_key_names(row):
            if self.merged.find(row, name, row.fields.get(name)) is not None:
                told = tell_key(row.model._meta.get_field(name).related_model, row.fields[name])
                raise SaidOfAnother(f"{told} was merged into another")

    def had_rows(self, model: type[models.Model]) -> bool:
        """Whether the run found rows of a model: if not, none can have the key of a new row."""
        if model not in self.found:
            self.found[model] = model._base_manager.exists()
        return self.found[model]

    def update(self, row: FixtureRow, key: Key, seeded: SeededRow) -> None:
        instance = row.model._base_manager.filter(pk=seeded.object_id).first()
        if instance is None:
            why = "merged into another" if key in self.merged.shared else "deleted by a curator"
            self.outcome.kept.append(f"{row.label} {seeded.key} ({why})")
            return
        if digest_row(instance) != seeded.row_digest:
            self.outcome.kept.append(f"{row.label} {seeded.key} (changed by a curator)")
            return
        # Defaults reset the fields that the fixture no longer has.
        self.assign(instance, row, {**list_defaults(row.model), **row.fields})
        self.loaded[row.model][instance.pk] = (key, row)
        self.outcome.updated += 1

    def retire(self) -> None:
        """Delete the facts that the fixtures of their programmes no longer have.

        A fact that a curator has changed stays, and so do those of programmes that were not read.
        """
        dropped = sorted(self.seeded.keys() - self.read.keys() - self.gone)
        for are_claims in (True, False):  # claims before the discrepancies that they belong to
            keys = [key for key in dropped if (key[0] == CLAIM) == are_claims]
            # All are looked at before the first goes, because a row that led to it changes then.
            for instance, seeded in [*self.list_retired(keys)]:
                instance.delete()
                seeded.delete()
                self.outcome.retired += 1

    def list_retired(self, dropped: Iterable[Key]) -> Iterator[tuple[models.Model, SeededRow]]:
        """Yield the rows to delete, and what is remembered of them; note those that are kept."""
        for key in dropped:
            model: Any = apps.get_model(key[0])
            programme = format_key(json.loads(key[1])[:1])
            if issubclass(model, Fact | Claim) and (PROGRAMME, programme) in self.read:
                seeded = self.seeded[key]
                instance = model._base_manager.get(pk=seeded.object_id)
                if digest_row(instance) == seeded.row_digest and not has_parts(instance):
                    yield instance, seeded
                else:
                    self.outcome.kept.append(f"{key[0]} {key[1]} (changed by a curator)")

    def remember(self) -> None:
        """Record two digests of each loaded row: of its fixture, and of what the database has."""
        for model, loaded in self.loaded.items():
            many = [relation.name for relation in model._meta.many_to_many]
            rows = model._base_manager.prefetch_related(*many).in_bulk(list(loaded))
            SeededRow.objects.bulk_create(
                [
                    SeededRow(
                        model=key[0],
                        key=key[1],
                        object_id=pk,
                        fixture_digest=row.digest,
                        row_digest=digest_row(rows[pk]),
                    )
                    for pk, (key, row) in loaded.items()
                ],
                update_conflicts=True,
                unique_fields=["model", "key"],
                update_fields=["object_id", "fixture_digest", "row_digest"],
            )

    def natural_key(self, row: FixtureRow) -> list[Any]:
        """Return a row's natural key; a related row contributes the parts of its own key."""
        values = [row.fields.get(name) for name in self.list_key_names(row)]
        parts = [value if isinstance(value, list) else [value] for value in values]
        return [part for value in parts for part in value]

    def list_key_names(self, row: FixtureRow) -> list[str]:
        """Return the names of the fields that make up the natural key of a row."""
        # read_row has checked that the model has natural_key_fields.
        paths = row.model.natural_key_fields  # type: ignore[attr-defined]
        return list(dict.fromkeys(path.split("__")[0] for path in paths))

    def assign(self, instance: models.Model, row: FixtureRow, fields: Mapping[str, Any]) -> None:
        """Fill, check and save an instance; raise SeedError that names the faulty field."""
        many: dict[str, list[int]] = {}
        for name, value in fields.items():
            try:
                model_field = row.model._meta.get_field(name)
            except FieldDoesNotExist as error:
                raise row.make_error(name, "there is no such field.") from error
            if isinstance(model_field, models.ManyToManyField):
                many[name] = self.find_related_ids(row, model_field, value)
            elif isinstance(model_field, models.ForeignKey):
                setattr(
                    instance,
                    model_field.attname,
                    None if value is None else self.find_related_id(row, model_field, value),
                )
            elif isinstance(value, list | dict):
                raise row.make_error(name, "is one value, not a list.")
            else:
                setattr(instance, name, Decimal(str(value)) if isinstance(value, float) else value)
        followed = [*self.merged.list_named(row)]
        self.check(instance, row, followed)
        self.refuse_said_twice(instance, followed)
        try:
            instance.save()
        except IntegrityError as error:
            raise row.make_error("*", error) from error
        for name, ids in many.items():
            getattr(instance, name).set(ids)
        key = self.make_key(row)[1]
        self.outcome.followed += [f"{row.label} {key} ({told})" for told in followed]

    def check(self, instance: models.Model, row: FixtureRow, followed: Sequence[str]) -> None:
        """Raise SeedError for a faulty row, SaidOfAnother if only a merger makes it faulty."""
        relations = {f.name for f in instance._meta.fields if f.is_relation}
        try:
            instance.clean_fields(exclude=relations)
            instance.clean()
        except ValidationError as error:
            name, messages = next(iter(error.message_dict.items()))
            if followed and name in relations:
                told = f"{', '.join(followed)}, which was merged: {' '.join(messages)}"
                raise SaidOfAnother(told) from error
            raise row.make_error(name, " ".join(messages)) from error

    def refuse_said_twice(self, instance: models.Model, followed: Sequence[str]) -> None:
        """Raise SaidOfAnother for what another row says since a row that it names was merged."""
        if not self.merged.names_one(instance):
            return
        other = find_same(instance)
        if other is not None and (followed or self.is_of_merger(other)):
            raise SaidOfAnother("another row says the same since a merger")

    def is_of_merger(self, instance: models.Model) -> bool:
        """Whether a row is as a merger made it, or its fixture names what was merged."""
        rows = {row.object_id: key for key, row in self.seeded.items()
                if row.model == instance._meta.label_lower}  # fmt: skip
        loaded = self.loaded[type(instance)].get(instance.pk)
        key = loaded[0] if loaded else rows.get(instance.pk)
        if key is None or key not in self.read:
            return True
        if any(self.merged.list_named(self.read[key])):
            return True
        return loaded is None and digest_row(instance) != self.seeded[key].row_digest

    def find_related_ids(self, row: FixtureRow, model_field: models.Field, keys: Any) -> list[int]:
        if not isinstance(keys, list):
            raise row.make_error(model_field.name, "is a list of keys.")
        return [*dict.fromkeys(self.find_related_id(row, model_field, key) for key in keys)]

    def find_related_id(self, row: FixtureRow, model_field: models.Field, key: Any) -> int:
        model: Any = model_field.related_model
        parts = key if isinstance(key, list) else [key]
        found = self.merged.find(row, model_field.name, key) or self.find_id(model, parts)
        if found is not None:
            return found
        name = tell_key(model, key)
        if (model._meta.label_lower, format_key(parts)) in self.gone:
            raise RestsOnDeleted(name)
        error = row.make_error(model_field.name, f"there is no {name}.")
        raise ComesLater(str(error)) if model is row.model else error

    def find_id(self, model: Any, key: Sequence[Any]) -> int | None:
        """Return the id of the row seeded with this natural key, or that has it now; else None."""
        cached = (model._meta.label_lower, format_key(key))
        if cached not in self.ids:
            try:
                self.ids[cached] = model.objects.get_by_natural_key(*key).pk
            except (model.DoesNotExist, ValueError, TypeError):
                return None
        return self.ids[cached]


def has_parts(instance: models.Model) -> bool:
    """Whether rows belong to this one, such as claims, which would be deleted with it."""
    relations = [one for one in instance._meta.related_objects if one.one_to_many]
    names = (one.get_accessor_name() for one in relations if one.on_delete is models.CASCADE)
    return any(getattr(instance, name).exists() for name in filter(None, names))


def digest_row(instance: models.Model) -> str:
    """Return a digest of all that a curator can change in a row: columns and many-to-many rows."""
    columns = {
        f.attname: f.value_to_string(instance) for f in instance._meta.concrete_fields if f.editable
    }
    related = {
        f.name: sorted(row.pk for row in getattr(instance, f.name).all())
        for f in instance._meta.many_to_many
    }
    return digest_value({**columns, **related})


def seed_catalogue(folder: Path) -> Outcome:
    """Load every fixture below a folder in one transaction, as one edit of the history.

    Raise SeedError and change nothing if any fixture is faulty.
    """
    rows = list(read_rows(folder))
    with edit(Edit.Kind.SEED):
        seeder = Seeder()
        seeder.load(rows)
        seeder.remember()
    return seeder.outcome
