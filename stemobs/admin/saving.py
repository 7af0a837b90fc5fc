"""How the admin saves: one curator after another, only what changed, never over another's work."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.core import serializers
from django.db import IntegrityError, models
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from programmes.models import Edit, keep_only_used
from stemobs.catalogue.editing import edit, wait_for_turn

NOTHING = "–"


def build_admin_url(row: models.Model) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def lock_row(row: models.Model) -> Any:
    """Lock a row against other writers until the transaction ends; return it as it is now.

    SQLite ignores this: it has only one writer at a time anyway.
    """
    return type(row)._base_manager.select_for_update().get(pk=row.pk)


def rewind_files(request: HttpRequest) -> None:
    """Let the files of a form be read again."""
    files: Any = request.FILES.values()
    for file in files:
        file.seek(0)


class OneAfterAnother(admin.ModelAdmin):
    """Lets only one form at a time be checked and saved.

    It waits for its turn before it is checked: so it sees what other forms have saved, and a slug
    that is taken or a circle that two would close together is an error of the form, not of the
    database. Whoever writes otherwise, such as `seed`, keeps no form waiting.
    """

    def saves_nothing(self, request: HttpRequest) -> bool:
        """Return whether a form was sent by a button that only shows it again."""
        return False

    def give_reason(self, request: HttpRequest, object_id: str | None) -> str:
        """Return why the form of a row is saved, for the history; "" if it does not say."""
        return str(request.__dict__.get("reason", ""))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        if request.method != "POST" or self.saves_nothing(request):
            return super().changeform_view(request, object_id, *args, **kwargs)
        if "_saveasnew" in request.POST and not self.save_as:
            # Django makes a copy of the row for whoever sends this, with or without such a button.
            request.POST = request.POST.copy()
            del request.POST["_saveasnew"]
        sent = request.POST
        try:
            return self.save_in_turn(request, object_id, *args, **kwargs)
        except IntegrityError:
            # Whoever waits for no turn was quicker. From now on the form sees what that was.
            request.POST = sent
            rewind_files(request)
            return self.save_in_turn(request, object_id, *args, **kwargs)

    def save_in_turn(
        self, request: HttpRequest, object_id: str | None, *args: Any, **kwargs: Any
    ) -> Any:
        with begin_edit(request, self.give_reason(request, object_id)):
            return super().changeform_view(request, object_id, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return super().delete_view(request, *args, **kwargs)
        with begin_edit(request):
            return super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return super().changelist_view(request, *args, **kwargs)
        with begin_edit(request):
            return super().changelist_view(request, *args, **kwargs)


@contextmanager
def begin_edit(request: HttpRequest, reason: str = "", user: Any = None) -> Iterator[None]:
    """Write all that a form or an action changes as one edit of its user, one after another.

    What somebody approves is an edit of the `user` who sent it.
    """
    with keep_only_used(), edit(Edit.Kind.CURATOR, user or request.user, reason) as begun:
        wait_for_turn()
        request.__dict__["edit"] = begun  # so that a form can say why
        request.__dict__["locked"] = {}  # what is locked need not be read again
        yield


class OnlyChanges(admin.ModelAdmin):
    """Writes nothing where nothing was changed: no revision, no time, no entry in the log."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the rows below; if only they changed, the row itself counts as changed too."""
        for field in form.instance._meta.many_to_many if change else ():
            if field.name not in form.changed_data:
                form.cleaned_data.pop(field.name, None)
        if change and not form.has_changed() and any(one.has_changed() for one in formsets):
            form.instance.save()
        super().save_related(request, form, formsets, change)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        request.__dict__["is_unchanged"] = not message
        return super().log_change(request, obj, message) if message else None

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """Tell what was done; where Django tells of a save that changed nothing, say so instead."""
        if request.__dict__.pop("is_unchanged", False):
            message, args = _("Nothing was changed, so nothing was saved."), (messages.INFO,)
        super().message_user(request, message, *args, **kwargs)


class UnlessChanged(admin.ModelAdmin):
    """Locks the row of a form that is saved; deletes a row only as it was shown."""

    # Fields that change without a curator, such as the time of the last sign-in.
    changing_by_themselves: tuple[str, ...] = ()

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the row of a form; lock it first if the form is being saved.

        Without the lock, two forms could be merged with the same state at the same time.
        """
        locked = request.__dict__.get("locked")
        if locked is None:
            return super().get_object(request, object_id, from_field)
        if object_id not in locked:
            found = super().get_object(request, object_id, from_field)
            locked[object_id] = lock_row(found) if found else None
        return locked[object_id]

    def version(self, request: HttpRequest, pk: Any) -> str:
        """Return a digest of the row and of the rows that are edited on its page, as stored."""
        row = self.model._base_manager.get(pk=pk)
        fields = (*self.model._meta.concrete_fields, *self.model._meta.many_to_many)
        kept = [one.name for one in fields if one.name not in self.changing_by_themselves]
        stored = [serializers.serialize("json", [row], fields=kept)]
        for inline in self.get_inline_instances(request, row):
            if inline.has_change_permission(request, row):
                parent = _get_foreign_key(self.model, inline.model, inline.fk_name)
                rows = inline.model._base_manager.filter(**{parent.name: row}).order_by("pk")
                stored += map(repr, rows.values_list())
        return hashlib.sha256("\n".join(stored).encode()).hexdigest()

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Delete a row as it was shown; if it was changed since, show it again instead."""
        row = self.get_object(request, object_id)
        if row is None:
            return super().delete_view(request, object_id, extra_context)
        seen = self.version(request, row.pk)
        if request.method == "POST" and request.POST.get("_seen") != seen:
            told = _("Someone else has changed this. Look at it again.")
            self.message_user(request, told, messages.WARNING)
            return HttpResponseRedirect(request.get_full_path())
        return super().delete_view(request, object_id, {**(extra_context or {}), "seen": seen})


# --- What is deleted ------------------------------------------------------------------------------


def list_links() -> list[Any]:
    """Return the models of rows that only say which ones were chosen, as Django makes them."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.auto_created]


def leave_out_links(told: Iterable[Any]) -> list[Any]:
    """Return what Django says is deleted, without rows that say nothing to people."""
    begins = tuple(f"{capfirst(model._meta.verbose_name)}: " for model in list_links())
    kept = [one for one in told if isinstance(one, list) or not str(one).startswith(begins)]
    nested = [leave_out_links(one) if isinstance(one, list) else one for one in kept]
    return [one for one in nested if one != []]


def count_rows_of(counts: dict[str, int]) -> dict[str, int]:
    """Return how many rows are deleted of each kind that says something to people."""
    names = {model._meta.verbose_name_plural for model in list_links()}
    return {name: number for name, number in counts.items() if name not in names}
