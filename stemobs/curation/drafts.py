"""Drafts of changes: who wrote them, who may approve them, and what was said about them."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from programmes.models import ChangeDraft, DraftStep, Programme, discard_picture
from stemobs.curation.states import MAY_PUBLISH, describe_role

Kind = DraftStep.Kind
PICTURE = "logo"  # the field of a form that takes a file


def find_open_draft(programme: Programme, *, lock: bool = False) -> ChangeDraft | None:
    """Return the draft of a record that is not published or dropped yet, with its steps."""
    steps = Prefetch("steps", DraftStep.objects.select_related("user"))
    found = ChangeDraft.objects.filter(
        programme=programme, state__in=ChangeDraft.OPEN
    ).prefetch_related(steps)
    return (found.select_for_update() if lock else found).first()


def list_writers(draft: ChangeDraft) -> list[Any]:
    """Return the users who wrote a draft, each once, who wrote last at the end."""
    wrote = [one.user for one in draft.steps.all() if one.kind == Kind.WROTE and one.user]
    return list(dict.fromkeys(reversed(wrote)))[::-1]


def find_decision(draft: ChangeDraft) -> DraftStep | None:
    """Return the step by which a draft was decided last, if nobody has gone on with it since."""
    decided = (draft.State.RETURNED, draft.State.PUBLISHED, draft.State.DROPPED)
    if draft.state not in decided:
        return None
    steps = [one for one in draft.steps.all() if one.kind == draft.state]
    return steps[-1] if steps else None


def explain_refusal_of_draft(user: Any, draft: ChangeDraft) -> str:
    """Return why a user may not approve a draft; "" if they may."""
    if not user.has_perm(MAY_PUBLISH):
        return describe_role(user)
    if settings.FOUR_EYES and user in list_writers(draft):
        return _("You wrote part of this, so somebody else has to approve it. You can comment.")
    return ""


def take_step(
    draft: ChangeDraft, kind: str, user: Any, text: str = "", state: str = "", **more: Any
) -> DraftStep:
    """Note what somebody did with a draft, and give it the state that follows."""
    if state:
        draft.state = state
    draft.save()
    if draft.picture and not draft.is_open:
        discard_picture(draft.picture)
    return draft.steps.create(kind=kind, user=user, text=text, turn=draft.turn, **more)


def write_step_form(draft: ChangeDraft) -> dict[str, Any]:
    """Return what a step keeps of a draft as it was written: its form, and the file that it had."""
    return {**draft.form, PICTURE: [draft.picture]}


# --- A row that was merged into another -----------------------------------------------------------


class RowsNamed(NamedTuple):
    """Where the form of a record names rows of a model: terms, organisations or sources."""

    fields: Collection[str]  # of the record, such as “audiences”
    columns: Collection[tuple[str, str]]  # of its facts: the prefix of their rows, and the column

    def has(self, name: str) -> bool:
        """Whether a field of a form, such as “audiences” or “reach-2-unit”, names them."""
        prefix, _dash, rest = name.partition("-")
        return name in self.fields or (prefix, rest.partition("-")[2]) in self.columns


def find_names_of(model: Any) -> RowsNamed:
    rows = {one.related_model: one.name for one in Programme._meta.related_objects}
    fields, columns = set(), set()
    for one in model._meta.get_fields(include_hidden=True):
        if one.auto_created and not one.concrete:
            if one.many_to_many and one.related_model is Programme:
                fields.add(one.field.name)
            elif one.related_model in rows:
                columns.add((rows[one.related_model], one.field.name))
    return RowsNamed(fields, columns)


def move_in_drafts(goes: Any, stays: Any) -> None:
    """Let open drafts name the row that stays, where they name one that is merged into it.

    That is a step of nobody, which says so. It counts as a turn, so a form of the draft that is
    open meanwhile is merged with it. What a draft was opened with names the other one too: it does
    so by now, and nobody is asked about what both have changed alike.
    """
    named = find_names_of(type(goes))
    told = _("“%(goes)s” was merged into “%(stays)s”, so this names that now.")
    open_ones = ChangeDraft.objects.filter(state__in=ChangeDraft.OPEN).select_for_update()
    for draft in open_ones.order_by("pk"):
        form = {
            name: swap(values, goes, stays) if named.has(name) else values
            for name, values in draft.form.items()
        }
        opened = move_in_opened(draft.opened, named, goes, stays)
        if (form, opened) != (draft.form, draft.opened):
            draft.form, draft.opened = form, opened
            draft.turn += 1
            words = {"goes": goes, "stays": stays}
            kept = write_step_form(draft)
            take_step(draft, Kind.WROTE, None, told % words, form=kept)


def move_in_opened(opened: dict[str, Any], named: RowsNamed, goes: Any, stays: Any) -> Any:
    """Return the state with which a draft was opened, with another row named."""
    moved = dict(opened)
    if "fields" in opened:
        moved["fields"] = {
            name: sorted(swap(values, goes, stays)) if name in named.fields else values
            for name, values in opened["fields"].items()
        }
    if "facts" in opened:
        moved["facts"] = {
            prefix: {
                pk: {
                    name: swap(value, goes, stays) if (prefix, name) in named.columns else value
                    for name, value in row.items()
                }
                for pk, row in rows.items()
            }
            for prefix, rows in opened["facts"].items()
        }
    return moved


def swap(value: Any, goes: Any, stays: Any) -> Any:
    """Return an id, or a list of ids, with that of the other row, once."""
    if isinstance(value, list):
        return list(dict.fromkeys(swap(one, goes, stays) for one in value))
    return str(stays.pk) if value == str(goes.pk) else value
