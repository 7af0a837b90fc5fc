"""Parts that every admin page of the catalogue shares; the pages themselves are in `admin.py`."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import display_for_field
from django.contrib.admin.widgets import AdminTextareaWidget
from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db import models
from django.db.models import Count, Max, QuerySet
from django.forms.models import BaseInlineFormSet, _get_foreign_key
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, smart_split, unescape_string_literal
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.text import fold

NOTHING = "–"
URLS = {models.URLField: {"assume_scheme": "https"}}
SHORT_TEXTS = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 2})}}


def admin_url(row: models.Model) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def link_to(row: models.Model) -> SafeString:
    """Return a link to the row's own admin page."""
    return format_html('<a href="{}">{}</a>', admin_url(row), row)


# --- Search ------------------------------------------------------------------------------------


def read_words(text: str) -> list[str]:
    """Return what was typed as folded words; words in quotation marks stay together."""
    pieces = (
        unescape_string_literal(piece) if piece[0] in "\"'" and piece[0] == piece[-1] else piece
        for piece in smart_split(text)
    )
    return [fold(piece) for piece in pieces]


# --- Rows in order -----------------------------------------------------------------------------


def lock(row: models.Model) -> None:
    """Make others who want this row wait until the transaction ends; SQLite has one writer anyway."""
    type(row)._base_manager.select_for_update().get(pk=row.pk)


def next_position(parent: models.Model, siblings: QuerySet) -> int:
    """Return the position after the last one; keeps others from taking the same until commit."""
    lock(parent)
    return (siblings.aggregate(last=Max("position"))["last"] or 0) + 1


class CatalogueFormSet(BaseInlineFormSet):
    """Rows below an entry; a row that is there twice is told in the words of the constraint."""

    def get_unique_error_message(self, unique_check: Iterable[str]) -> str:
        for constraint in self.model._meta.constraints:
            if set(getattr(constraint, "fields", ())) == set(unique_check):
                return str(constraint.violation_error_message)
        return super().get_unique_error_message(unique_check)


class PositionedFormSet(CatalogueFormSet):
    """Rows that keep their position for ever; a new row takes the next one."""

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> Any:
        siblings = self.model._base_manager.filter(**{self.fk.name: self.instance})
        form.instance.position = next_position(self.instance, siblings)
        return super().save_new(form, commit)


class RowForm(forms.ModelForm):
    """A row below an entry; numbers appear as they were typed: 4500, not 4500.00."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in self.initial.items():
            if isinstance(value, Decimal):
                self.initial[name] = f"{value.normalize():f}"


class CatalogueInline(admin.options.InlineModelAdmin):
    """What the inlines share; name the foreign keys that rows show in `joined`."""

    form = RowForm
    formset = CatalogueFormSet
    formfield_overrides = URLS | SHORT_TEXTS
    extra = 0
    joined: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related(*self.joined)


class StackedRows(CatalogueInline, admin.StackedInline):
    """Rows with many fields, one under the other."""


class TabularRows(CatalogueInline, admin.TabularInline):
    """Rows with few fields, side by side."""


class StackedFacts(StackedRows):
    formset = PositionedFormSet
    exclude = ("position",)


class TabularFacts(TabularRows):
    formset = PositionedFormSet
    exclude = ("position",)


class ReadOnlyRows(TabularRows):
    """Rows that are edited elsewhere."""

    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# --- Pages -------------------------------------------------------------------------------------


class CatalogueAdmin(admin.ModelAdmin):
    """What all pages share: folded search, keys that stay, no lost update, no loss of what is used."""

    save_on_top = True
    show_facets = admin.ShowFacets.ALWAYS
    list_per_page = 50
    formfield_overrides = URLS
    empty_value_display = NOTHING
    kept: tuple[str, ...] = ("slug",)  # other rows, addresses and fixtures rely on these
    checkboxes: tuple[str, ...] = ()  # many-to-many fields with few choices

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find the rows whose search fields together have every word, whatever case and accents.

        Reads those fields of all rows: databases disagree about accents, and a catalogue is small.
        """
        wanted = read_words(search_term)
        if not wanted:
            return queryset, False
        texts: dict[Any, set[str]] = defaultdict(set)
        rows = self.model._default_manager.order_by().values_list("pk", *self.search_fields)
        for pk, *values in rows:
            texts[pk].update(fold(value) for value in values if value)
        found = [
            pk
            for pk, values in texts.items()
            if all(any(word in text for text in values) for word in wanted)
        ]
        return queryset.filter(pk__in=found), False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *(self.kept if obj else ()))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        fixed = self.get_readonly_fields(request, obj)
        prepopulated = super().get_prepopulated_fields(request, obj)
        return {name: sources for name, sources in prepopulated.items() if name not in fixed}

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Offer small vocabularies as checkboxes, without links that would add a term in passing."""
        if db_field.name not in self.checkboxes:
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        return db_field.formfield(widget=forms.CheckboxSelectMultiple, **kwargs)

    # Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Refuse to delete what many-to-many rows use, as PROTECT does for foreign keys."""
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        users = [
            format_html("{}: {}", capfirst(user._meta.verbose_name), link_to(user))
            for user in self.users_of(objs)
        ]
        return to_delete, counts, lacking, [*protected, *users]

    def users_of(self, objs: Iterable[models.Model]) -> Iterator[models.Model]:
        """Yield the rows of other tables that have one of these in a many-to-many field."""
        ids = [row.pk for row in objs]
        for relation in self.model._meta.related_objects:
            if relation.many_to_many:
                rows = relation.related_model._base_manager
                yield from rows.filter(**{f"{relation.field.name}__in": ids}).distinct()

    # Two curators at the same entry

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Lock the row of a form that is being saved, so that two cannot pass the check at once."""
        found = super().get_object(request, object_id, from_field)
        if found and request.method == "POST":
            lock(found)
            found = super().get_object(request, object_id, from_field)
        return found

    def version(self, request: HttpRequest, pk: Any) -> str:
        """Return a digest of the row and of the rows that are edited on its page, as stored."""
        row = self.model._base_manager.get(pk=pk)
        rows = [row]
        for inline in self.get_inline_instances(request, row):
            if inline.has_change_permission(request, row):
                parent = _get_foreign_key(self.model, inline.model, inline.fk_name)
                rows += inline.model._base_manager.filter(**{parent.name: row}).order_by("pk")
        return hashlib.sha256(serializers.serialize("json", rows).encode()).hexdigest()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return a form that is refused if somebody has saved since it was opened."""
        form_class: Any = super().get_form(request, obj, change=change, **kwargs)
        seen = request.POST.get("_seen")
        if obj is None or not seen:
            return form_class
        model_admin = self

        class UnlessChanged(form_class):
            def clean(self) -> Any:
                cleaned = super().clean()
                if seen != model_admin.version(request, obj.pk):
                    self.add_error(None, model_admin.told_of_change(self))
                return cleaned

        return UnlessChanged

    def told_of_change(self, form: forms.ModelForm) -> SafeString:
        """Say who saved meanwhile, and what is stored where the form says something else."""
        row = form.instance
        latest = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
        ).first()
        stored = format_html_join(
            "",
            "<li><strong>{}</strong>: {}</li>",
            ((form.fields[name].label, self.stored(row, name)) for name in form.changed_data),
        )
        return format_html(
            '{} {} <a href="{}" target="_blank">{}</a> {}<ul class="stored">{}</ul>',
            _("Somebody has saved this entry since you opened it, so yours was not saved."),
            self.told_of_entry(latest),
            admin_url(row),
            _("Look at the stored version in a new tab."),
            _("Save again to put yours in its place. Where yours differs, the stored values are:"),
            stored,
        )

    def told_of_entry(self, entry: LogEntry | None) -> str:
        if entry is None:
            return ""
        return _("Last change: %(user)s, %(time)s: %(message)s") % {
            "user": entry.user.get_username(),
            "time": formats.date_format(timezone.localtime(entry.action_time), "DATETIME_FORMAT"),
            "message": entry.get_change_message(),
        }

    def stored(self, row: models.Model, name: str) -> str:
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


class TermAdmin(CatalogueAdmin):
    """A vocabulary: how often each term is used, and no way to lose one that is."""

    list_display: Any = ("name", "slug", "position", "uses")
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields: Any = ("source",)
    ordering: Any = ("position", "name")
    used_by = "programmes"  # the relation that counts as use

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(uses=Count(self.used_by, distinct=True))

    @admin.display(description=gettext_lazy("used"), ordering="uses")
    def uses(self, term: Any) -> SafeString | int:
        """The number of rows that use the term; of programmes, as a link to them."""
        relation = self.model._meta.get_field(self.used_by)
        if self.used_by != "programmes" or not term.uses:
            return term.uses
        url = reverse("admin:programmes_programme_changelist")
        field = relation.field.name
        return format_html('<a href="{}?{}__id__exact={}">{}</a>', url, field, term.pk, term.uses)
