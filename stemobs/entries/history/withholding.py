"""Taking out of the history what must not be shown any more, such as personal data.

A line of a history is withheld: what it brought into a record, or into a row that records share,
and what has been corrected since, goes from all versions. The line stays, with its date and the
reason.

Why an edit was made is a text too, which nobody can correct. It goes with what the edit brought, or
alone, in the history of every record that the edit touched.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils.translation import gettext as _

from programmes.models import Change, Edit, Programme, Redaction, Suggestion, Version
from stemobs.catalogue.history import WITHHELD, Model, Row, decode_content, where_about
from stemobs.catalogue.triggers.installing import record_change, record_everything
from stemobs.catalogue.visibility.queries import where_visible
from stemobs.entries.history.rebuilding import list_foreign_keys
from stemobs.entries.history.states import word_withheld

# Without these nobody can tell whether a record was public, and where a row belonged.
KEPT = {"id", "state", "position"}
REMOVE = {
    "sqlite": (
        "UPDATE programmes_version SET was = json_set(json_remove(was, {places}), %s, %s)"
        " WHERE id = %s"
    ),
    "postgresql": (
        "UPDATE programmes_version SET was = (was - %s::text[]) ||"
        " jsonb_build_object(%s::text, %s::text) WHERE id = %s"
    ),
}


class StillThere(ValueError):
    """What is to be withheld stands in the record as it is now, or was never there."""


@transaction.atomic
def withhold(owner: Any, made: Edit, user: Any, reason: str) -> None:
    """Withhold what an edit brought into a record or a row that records share.

    Raise StillThere if nothing of it is gone.
    """
    found = [
        (model, *held)
        for model, pk in list_rows(owner, made)
        for held in find_holding(model, pk, made)
    ]
    if not found:
        raise StillThere(_("What this change brought in still stands. Correct it there first."))
    with connection.cursor() as cursor:
        for _model, version, held in found:
            cursor.execute(*write_removal(version, sorted(held), reason))
    forget_told({text for model, _version, held in found for text in list_texts(model, held)})
    if isinstance(owner, Programme):
        Redaction.objects.update_or_create(
            edit=made, programme_id=owner.pk, defaults={"user": user, "reason": reason}
        )
    elif type(owner)._base_manager.filter(where_visible(type(owner)), pk=owner.pk).exists():
        record_everything()  # whichever records name it, or did
    withhold_reason(made, reason)


def list_texts(model: Model, held: Row) -> Iterator[str]:
    """Yield what was typed into a row, rather than chosen from a list."""
    for name, value in held.items():
        is_chosen = getattr(model._meta.get_field(name), "choices", None)
        if isinstance(value, str) and not (value.isdigit() or is_chosen):
            yield value.strip().casefold()


def forget_told(texts: set[str]) -> None:
    """Take what is withheld out of suggestions too, which keep what a record said of a fact."""
    for one in Suggestion.objects.exclude(fact_told="").only("fact_told"):
        told = one.fact_told.casefold()
        if any(text in told or told in text for text in texts if text):
            one.fact_told = ""
            one.save(update_fields=["fact_told"])


@transaction.atomic
def withhold_reason(made: Edit, reason: str) -> None:
    """Withhold why an edit was made, whatever became of what it changed.

    No trigger sees what is withheld, and caches keep answers as long as the revision stays. So the
    records that it was shown with are marked, but no draft.
    """
    if made.reason:
        made.reason = word_withheld(reason)
        made.save(update_fields=["reason"])
    touched = made.versions.filter(programme_id__isnull=False).values("programme_id")
    for programme in Programme.objects.published().filter(pk__in=touched):
        record_change(Change.Subject.PROGRAMME, programme.pk)


def list_rows(owner: Any, made: Edit) -> Iterator[tuple[Model, int]]:
    """Yield model and id of each row that an edit wrote, of those about an owner."""
    rows = made.versions.filter(where_about(owner)).values_list("model", "object_id")
    for label, pk in rows.distinct():
        yield apps.get_model(label), pk


def find_holding(model: Model, pk: int, made: Edit) -> Iterator[tuple[int, Row]]:
    """Yield the later versions of a row that hold what the edit brought in: id, and that."""
    versions = Version.objects.filter(model=model._meta.label_lower, object_id=pk).order_by("pk")
    of_edit = list(versions.filter(edit=made))
    # The first version of the edit holds what was before it. A row may be written more than once.
    later = list(versions.filter(pk__gt=of_edit[0].pk, was__isnull=False))
    # A version that came with a dump has the same values, but not as this database writes them.
    told = {one.pk: decode_content(model, one.was) for one in [*of_edit, *later]}
    brought = [told[one.pk] for one in later if one.pk <= of_edit[-1].pk]
    brought += [told[one.pk] for one in later if one.pk > of_edit[-1].pk][:1]
    before = None if of_edit[0].was is None else told[of_edit[0].pk]
    now = model._base_manager.filter(pk=pk).values().first()
    gone = [find_corrected(model, before, after, now) for after in brought]
    for version in later:
        was = told[version.pk].items()
        if held := {name: one[name] for one in gone for name in one if (name, one[name]) in was}:
            yield version.pk, held


def write_removal(pk: int, names: list[str], reason: str) -> tuple[str, list[Any]]:
    """Return the SQL that takes columns out of a version; all other numbers stay as they are."""
    if connection.vendor == "postgresql":
        return REMOVE["postgresql"], [names, WITHHELD, reason, pk]
    places = ", ".join("%s" for _name in names)
    paths = [f'$."{name}"' for name in names]
    return REMOVE["sqlite"].format(places=places), [*paths, f"$.{WITHHELD}", reason, pk]


def find_corrected(model: Model, before: Row | None, after: Row, now: Row | None) -> Row:
    """Return the columns that an edit filled and that hold something else now, as it filled them.

    `before` and `after` have what versions say, without what was empty.
    """
    present = now or {}
    kept = {*KEPT, WITHHELD, *(one.attname for one in list_foreign_keys(model))}
    return {
        name: value
        for name, value in after.items()
        if name not in kept
        and (before is None or before.get(name) != value)
        and (now is None or present.get(name) != value)
    }
