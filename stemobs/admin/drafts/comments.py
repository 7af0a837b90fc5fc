"""Where comments on a draft stand in its form: beside the field or the row that they are about.

The place of a field is its name. That of a row is its kind, and its id or, before it is stored, the
key by which drafts know it: “reach-12”, “reach-new5e0a”.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from programmes.models import ChangeDraft, DraftStep, Import, ImportedRow, Programme
from stemobs.admin.merging.questions import KEY
from stemobs.entries.history.undoing import RowChange

RowKey = tuple[Any, int]  # the model of a row, and its id


def list_places(formsets: Iterable[Any]) -> dict[RowKey, str]:
    """Return the places of the rows of formsets that were just saved.

    A figure that was typed over another one is a new row, and both stand in one row of the form.
    """
    return {
        (formset.model, pk): find_place_of_row(formset.prefix, form)
        for formset in formsets
        for form in formset.forms
        for pk in (find_stored_id(form), form.instance.pk)
        if pk
    }


def find_place_of_row(prefix: str, form: Any) -> str:
    """Return the place of a row of a form; "" of a new one that has no key yet."""
    key = find_stored_id(form) or form.data.get(form.add_prefix(KEY), "")
    return f"{prefix}-{key}" if key else ""


def find_stored_id(form: Any) -> int | None:
    """Return the id of the row that a form shows, also once that is deleted; None of a new one."""
    known = form.fields.get("id")
    return None if known is None or known.initial is None else int(known.initial)


def find_place(change: RowChange, number: int, places: Mapping[RowKey, str]) -> str:
    """Return the place of a line of a change: of so many of its columns, or of its row."""
    model: Any = change.model
    if (model, change.pk) in places:
        return places[model, change.pk]
    if model._meta.auto_created:
        return find_place_in_list(change, places)
    fields = [one for one in model._meta.concrete_fields if one.attname in change.columns]
    return str(fields[number].name) if model is Programme and fields else ""


def find_place_in_list(change: RowChange, places: Mapping[RowKey, str]) -> str:
    """Return the place of a term of a list of the record, or of a further source of a fact."""
    model: Any = change.model
    row = change.after or change.before or {}
    ends = (one for one in model._meta.concrete_fields if one.related_model)
    owners = ((one.related_model, row[one.attname]) for one in ends if one.attname in row)
    of_fact = next((places[one] for one in owners if one in places), "")
    return of_fact or str(model._meta.model_name).partition("_")[2]


# --- In the form ----------------------------------------------------------------------------------


def place_comments(context: dict[str, Any], draft: ChangeDraft | None) -> dict[str, Any]:
    """Let the fields of a form tell what was said about them; return what the page shows of it.

    `beside` has the comments on rows by their places. At the top of the form stand links to all of
    these, and those comments that are about nothing in it.
    """
    said = [one for one in draft.steps.all() if one.text] if draft else []
    anchors = find_anchors(context)
    beside: defaultdict[str, list[DraftStep]] = defaultdict(list)
    for one in said:
        if one.place in anchors:
            beside[one.place].append(one)
    form = context["adminform"].form
    for name in form.fields.keys() & beside.keys():
        form[name].help_text = format_html("{}{}", draw(beside[name]), form[name].help_text)
    return {
        "comments": [one for one in said if one.place not in anchors],
        "beside": beside,
        "comments_beside": [(some[0].about, anchors[at]) for at, some in beside.items()],
    }


def find_imported(record: Programme | None, draft: ChangeDraft | None) -> ImportedRow | None:
    """Return the row of an import with which a new record or the draft of a change came.

    None if all of the import is decided, unless a reviewer returned this record.
    """
    waits = (Programme.State.DRAFT, Programme.State.REVIEW)
    if record is None or not (draft or record.state in waits):
        return None
    rows = ImportedRow.objects.filter(programme=record).select_related("sheet", "programme")
    return rows.filter(Q(sheet__state=Import.State.DRAFTED) | Q(is_returned=True)).last()


def find_anchors(context: dict[str, Any]) -> dict[str, str]:
    """Return the ids of the fields and rows of a form by their places."""
    form = context["adminform"].form
    found = {name: form[name].id_for_label or form[name].auto_id for name in form.fields}
    for rows in context["inline_admin_formsets"]:
        prefix = rows.formset.prefix
        for number, one in enumerate(rows.formset.forms):
            found[find_place_of_row(prefix, one)] = f"{prefix}-{number}"
    found.pop("", None)
    return found


def draw(comments: Iterable[DraftStep]) -> SafeString:
    template = "admin/programmes/programme/comment.html"
    drawn = ((render_to_string(template, {"one": one, "is_beside": True}),) for one in comments)
    return format_html_join("", "{}", drawn)
