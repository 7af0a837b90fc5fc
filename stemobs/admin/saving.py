"""How the admin saves: one curator after another, only what changed, never over another's work."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import display_for_field
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db import models, transaction
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from programmes.models import Edit, Revision
from stemobs.catalogue.editing import edit

NOTHING = "–"


def build_admin_url(row: models.Model) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def lock_row(row: models.Model) -> None:
    """Lock a row against other writers until the transaction ends.

    SQLite ignores this: it has only one writer at a time anyway.
    """
    type(row)._base_manager.select_for_update().get(pk=row.pk)


class OneAfterAnother(admin.ModelAdmin):
    """Lets only one form at a time be checked and saved.

    Whoever writes to the catalogue locks the row of its revision anyway, but only when writing. A
    form locks it before it is checked: so it sees what others have saved, and a slug that is taken
    or a circle that two would close together is an error of the form, not of the database.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        if "_saveasnew" in request.POST and not self.save_as:
            # Django makes a copy of the row for whoever sends this, with or without such a button.
            request.POST = request.POST.copy()
            del request.POST["_saveasnew"]
        with begin_edit(request):
            return super().changeform_view(request, *args, **kwargs)

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
def begin_edit(request: HttpRequest) -> Iterator[None]:
    """Write all that a form or an action changes as one edit of its user, one after another."""
    with edit(Edit.Kind.CURATOR, request.user) as begun:
        lock_catalogue()
        request.__dict__["edit"] = begun  # so that a form can say why
        yield


def lock_catalogue() -> None:
    """Wait until no other transaction writes to the catalogue, and keep others waiting."""
    list(Revision.objects.select_for_update())


class OnlyChanges(admin.ModelAdmin):
    """Writes nothing where nothing was changed: no revision, no time, no entry in the log."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the rows below; if only they changed, the row itself counts as changed too."""
        if change and not form.has_changed() and any(one.has_changed() for one in formsets):
            form.instance.save()
        super().save_related(request, form, formsets, change)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_change(request, obj, message) if message else None


class UnlessChanged(admin.ModelAdmin):
    """Refuses a form if somebody else saved since it was opened."""

    # Fields that change without a curator, such as the time of the last sign-in.
    changing_by_themselves: tuple[str, ...] = ()

    # Edit conflicts: two curators with the same form open

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the row of a form; lock it first if the form is being saved.

        Without the lock, two forms could pass the check for conflicts at the same time.
        """
        found = super().get_object(request, object_id, from_field)
        if found and request.method == "POST" and transaction.get_connection().in_atomic_block:
            lock_row(found)
            found = super().get_object(request, object_id, from_field)
        return found

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

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return a form class that refuses to save if somebody saved since the form was opened."""
        form_class: Any = super().get_form(request, obj, change=change, **kwargs)
        if obj is None or request.method != "POST":
            return form_class
        model_admin, seen = self, request.POST.get("_seen", "")

        class SeenForm(form_class):
            def clean(self) -> Any:
                cleaned = super().clean()
                if not seen:
                    self.add_error(None, describe_missing_version())
                elif seen != model_admin.version(request, obj.pk):
                    self.add_error(None, model_admin.describe_conflict(self))
                return cleaned

        return SeenForm

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

    def describe_conflict(self, form: forms.ModelForm) -> SafeString:
        """Return an error message: who saved meanwhile, and the stored values that differ."""
        row = form.instance
        latest = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
        ).first()
        stored = format_html_join(
            "",
            "<li><strong>{}</strong>: {}</li>",
            (
                (form.fields[name].label, self.format_stored(row, name))
                for name in form.changed_data
            ),
        )
        return format_html(
            '{} {} <a href="{}" target="_blank" rel="noopener">{}</a> {}<ul class="stored">{}</ul>',
            _("Someone else saved this after you opened it. Your changes are not saved yet."),
            self.describe_log_entry(latest),
            build_admin_url(row),
            _("Look at the stored version in a new tab."),
            _("To replace that version with yours, save again. The stored values that differ are:"),
            stored,
        )

    def describe_log_entry(self, entry: LogEntry | None) -> str:
        if entry is None:
            return ""
        return _("Last change: %(user)s, %(time)s: %(message)s") % {
            "user": entry.user.get_username(),
            "time": formats.date_format(timezone.localtime(entry.action_time), "DATETIME_FORMAT"),
            "message": entry.get_change_message(),
        }

    def format_stored(self, row: models.Model, name: str) -> str:
        field: Any = row._meta.get_field(name)
        if field.many_to_many:
            return ", ".join(map(str, getattr(row, name).all())) or NOTHING
        return display_for_field(getattr(row, name), field, NOTHING)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        original = context.get("original")
        context["seen"] = self.version(request, original.pk) if original else ""
        return super().render_change_form(request, context, *args, **kwargs)


def describe_missing_version() -> str:
    return _(
        "Your changes are not saved yet, because we cannot tell whether someone else changed this "
        "meanwhile. Check your text and save again."
    )
