"""What is not in the catalogue yet and names a merged term: open drafts, and imports being read.

It names the other term from then on, because that is what it would mean once it is there.
"""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from programmes.models import (
    Audience,
    ChangeDraft,
    DraftStep,
    Import,
    InitiativeKind,
    Programme,
    Unit,
)
from stemobs.curation.drafts import take_step
from stemobs.curation.importing.sheets import FOR_ALL

# How the answers of an import begin that choose from a vocabulary, and those for all rows.
ASKED: dict[Any, tuple[str, ...]] = {
    Unit: ("unit:",),
    InitiativeKind: ("kind:", f"{FOR_ALL}kind"),
    Audience: ("audience:", f"{FOR_ALL}audience"),
}


def move_in_open_work(term: Any, into: Any) -> None:
    """Let open drafts of changes and imports that are being read name another term."""
    move_in_drafts(term, into)
    move_in_imports(term, into)


# --- Drafts ---------------------------------------------------------------------------------------


def move_in_drafts(term: Any, into: Any) -> None:
    """Let open drafts name another term: a step of nobody, which says so.

    It counts as a turn. So a form of the draft that is open meanwhile is merged with it.
    """
    fields, columns = list_fields(type(term)), list_columns(type(term))
    told = _("“%(term)s” was merged into “%(into)s”, so this names that now.")
    open_ones = ChangeDraft.objects.filter(state__in=ChangeDraft.OPEN).select_for_update()
    for draft in open_ones.order_by("pk"):
        form = {
            name: swap(values, term, into) if is_of_term(name, fields, columns) else values
            for name, values in draft.form.items()
        }
        if form != draft.form:
            draft.form = form
            move_in_base(draft.opened, fields, columns, (term, into))
            draft.turn += 1
            words = {"term": term, "into": into}
            take_step(draft, DraftStep.Kind.WROTE, None, told % words, form=form)


def list_fields(model: Any) -> set[str]:
    """Return the fields of records that hold terms of a vocabulary."""
    relations = (one for one in model._meta.related_objects if one.many_to_many)
    return {one.field.name for one in relations if one.related_model is Programme}


def list_columns(model: Any) -> set[tuple[str, str]]:
    """Return the kinds of rows of a record that name a term, each with the column that does."""
    rows = {one.related_model: one.name for one in Programme._meta.related_objects}
    relations = (one for one in model._meta.related_objects if one.one_to_many)
    return {
        (rows[one.related_model], one.field.name) for one in relations if one.related_model in rows
    }


def is_of_term(name: str, fields: Collection[str], columns: Collection[tuple[str, str]]) -> bool:
    """Whether a field of a form, such as “audiences” or “reach-2-unit”, names terms."""
    prefix, _dash, rest = name.partition("-")
    return name in fields or (prefix, rest.partition("-")[2]) in columns


def swap(value: Any, term: Any, into: Any) -> Any:
    """Return an id, or a list of ids, with that of the other term, once."""
    if isinstance(value, list):
        return list(dict.fromkeys(swap(one, term, into) for one in value))
    return str(into.pk) if value == str(term.pk) else value


def move_in_base(
    opened: dict[str, Any],
    fields: set[str],
    columns: set[tuple[str, str]],
    terms: tuple[Any, Any],
) -> None:
    """Let the published state that a draft was merged with name another term too.

    It does so by now, and nobody is asked about what both have changed alike.
    """
    said = opened.get("fields", {})
    for name in fields & said.keys():
        said[name] = sorted(swap(said[name], *terms))
    for prefix, column in columns:
        for row in opened.get("facts", {}).get(prefix, {}).values():
            if column in row:
                row[column] = swap(row[column], *terms)


# --- Imports --------------------------------------------------------------------------------------


def move_in_imports(term: Any, into: Any) -> None:
    """Let the answers of imports that are being read name another term."""
    begins = ASKED.get(type(term), ())
    for sheet in Import.objects.filter(state=Import.State.READING).defer("content").iterator():
        answers = {
            key: move_answer(value, term, into)
            if key.startswith(begins) or str(value).startswith("reach:")
            else value
            for key, value in sheet.answers.items()
        }
        if answers != sheet.answers:
            sheet.answers = answers
            sheet.turn += 1
            sheet.save(update_fields=["answers", "turn", "changed_at"])


def move_answer(value: Any, term: Any, into: Any) -> Any:
    """Return an answer that names a term, or “reach:” and a unit, as it is of the other one."""
    target = "reach:" if isinstance(term, Unit) else ""
    known = {term.slug: into.slug, f"{target}{term.slug}": f"{target}{into.slug}"}
    return known.get(value, value) if isinstance(value, str) else value
