"""Keeps later runs of `seed` from changing what another site's curators made of its fixtures."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from programmes.models import SeededRow
from stemobs.dumps.fixtures.rows import Key, format_key, read_rows
from stemobs.dumps.seed import NOBODY, UNLIKE_ANY, Seeder


def protect_present_rows(folder: Path) -> None:
    """Make later runs of `seed` leave all present rows as they are, even if their fixtures change.

    For a catalogue that was loaded from another site's dump: its curators may have changed, renamed
    or deleted rows of the fixtures, which must not come back.
    """
    seeder = Seeder()
    rows = {seeder.make_new_key(row): row for row in read_rows(folder)}
    ids = dict(find_standing_keys({row.model for row in rows.values()}, rows.keys()))
    SeededRow.objects.bulk_create(
        SeededRow(
            model=key[0],
            key=key[1],
            object_id=ids.get(key, NOBODY),
            fixture_digest=row.digest,
            row_digest=UNLIKE_ANY,
        )
        for key, row in rows.items()
    )


def find_standing_keys(
    models: Collection[Any], wanted: Collection[Key]
) -> Iterator[tuple[Key, int]]:
    """Yield key and id of each row of these models whose natural key is among `wanted`."""
    for model in models:
        rows = model._base_manager.values_list("pk", *model.natural_key_fields)
        for pk, *parts in rows.iterator():
            if (key := (model._meta.label_lower, format_key(parts))) in wanted:
                yield key, pk
