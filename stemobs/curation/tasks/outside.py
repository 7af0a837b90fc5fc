"""What was written past the admin: directly in the database, where nobody says who and why."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import ngettext

from partnerships.models import Organisation
from programmes.models import Edit, Version
from stemobs.curation.tasks.matters import Matter, Sight

RECENT = timedelta(days=30)


def find_outside_edits(sight: Sight) -> Iterator[Matter]:
    """Yield the records, organisations and kinds of rows that were lately changed so.

    What was loaded from files or by a migration is no such change.
    """
    since = sight.now - RECENT
    versions = Version.objects.filter(edit__kind=Edit.Kind.DIRECT, edit__made_at__gt=since)
    figures = {"last": Max("edit__made_at"), "edit": Max("edit"), "number": Count("pk")}
    rows = versions.order_by().values_list("programme_id", "organisation_id", "model")
    found: dict[tuple[str, int], list[Any]] = {}
    for programme, organisation, model, last, edit, number in rows.annotate(**figures):
        subject = name_subject(programme, organisation, model)
        before = found.get(subject, [last, edit, 0])
        found[subject] = [max(before[0], last), max(before[1], edit), before[2] + number]
    for (label, pk), (last, edit, number) in found.items():
        if label != "programme" or pk in sight.records:
            yield make_outside_edit(sight, label, pk, last, edit, number)


def name_subject(programme: int | None, organisation: int | None, model: str) -> tuple[str, int]:
    """Return what a row is about: a programme, else an organisation, else its kind."""
    if programme:
        return "programme", programme
    return (Organisation._meta.label_lower, organisation) if organisation else (model, 0)


def make_outside_edit(
    sight: Sight, label: str, pk: int, last: Any, edit: int, number: int
) -> Matter:
    told = ngettext(
        "%(number)d row was changed directly in the database, on %(day)s.",
        "%(number)d rows were changed directly in the database, the last on %(day)s.",
        number,
    )
    is_record = label == "programme"
    return Matter(
        key=f"{label}-{pk}" if pk else label,
        told=told % {"number": number, "day": date_format(localtime(last))},
        evidence=(edit,),
        programme=pk if is_record else None,
        about="" if is_record else f"{label} {pk}" if pk else label,
        weight=sight.weigh(pk) if is_record else 0,
    )
