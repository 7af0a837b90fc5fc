"""Base classes of the admin's pages, inlines and forms: positions, widgets, edit conflicts."""

import json
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import chain, count
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.db.models import Max, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import CleanLine, Country, Source
from stemobs.admin.checking.problems import NamesProblems, word_missing
from stemobs.admin.finding.choices import (
    ChooseCountries,
    ChooseOne,
    ChooseSeveral,
    KnownRow,
    KnownRows,
    hand_out_chosen,
    read_sent,
    refuse_retired,
)
from stemobs.admin.finding.pages import FindsRows, count_rows
from stemobs.admin.finding.sources import ChooseSource, tell_record
from stemobs.admin.history import WithEdits
from stemobs.admin.lists import DeclaredFilters
from stemobs.admin.merging.pages import MergesForms
from stemobs.admin.merging.repeated import AddsOnce
from stemobs.admin.merging.values import RowAnswer
from stemobs.admin.rights.publishing import explain_state_alone
from stemobs.admin.saving import (
    NOTHING,
    OneAfterAnother,
    OnlyChanges,
    UnlessChanged,
    build_admin_url,
    count_rows_of,
    leave_out_links,
    lock_row,
)
from stemobs.curation.slugs import find_free_slug
from stemobs.entries.history.differences import word_fact

LONGEST_LINE = 200  # the most characters that remain readable in a one-line field
SHORT_TEXTS: dict[Any, Any] = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 2})}}


def link_to(row: models.Model) -> SafeString:
    """Return a link to the row's own admin page."""
    return format_html('<a href="{}">{}</a>', build_admin_url(row), row)


def format_gap(text: str) -> SafeString:
    """Return HTML for a value that is not on record, hatched as on the public pages."""
    return format_html('<span class="gap">{}</span>', text)


# --- Rows in order -----------------------------------------------------------------------------


def take_next_position(parent: models.Model, siblings: QuerySet) -> int:
    """Return the position after the last sibling.

    The parent is locked until the commit, so that no other transaction takes the same position.
    """
    lock_row(parent)
    return (siblings.aggregate(last=Max("position"))["last"] or 0) + 1


class CatalogueFormSet(BaseInlineFormSet):
    """The formset of rows below an entry; a duplicate row shows the constraint's error message.

    Rows that were read already can be given as `stored`. What was sent is read for all rows at
    once.
    """

    model: Any

    def __init__(self, *args: Any, stored: QuerySet | None = None, **kwargs: Any) -> None:
        if stored is not None:
            self._queryset = stored  # where Django keeps them
        super().__init__(*args, **kwargs)

    @cached_property
    def empty_form(self) -> Any:
        """The form of no row, which Django makes anew each time that a page asks for it."""
        return super().empty_form

    def full_clean(self) -> None:
        if self.is_bound:
            read_sent(self.forms)
        super().full_clean()

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        key = self.model._meta.pk.name
        if self.is_bound and (field := form.fields.get(key)):
            form.fields[key] = KnownRow(
                field.queryset, initial=field.initial, required=False, widget=field.widget
            )
        if delete := form.fields.get("DELETE"):
            delete.widget.attrs["aria-label"] = delete.label
        tell_record(form, self.instance)

    def clean(self) -> None:
        super().clean()
        if getattr(self.instance, "changes_state_alone", False) and self.has_changed():
            raise forms.ValidationError(explain_state_alone())
        refuse_retired(self.forms)

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        for constraint in self.model._meta.constraints:
            if set(getattr(constraint, "fields", ())) == set(unique_check):
                return str(constraint.violation_error_message)
        return super().get_unique_error_message(unique_check)


class PositionedFormSet(CatalogueFormSet):
    """A formset whose new rows take the next position; saved rows keep theirs."""

    @cached_property
    def positions(self) -> Iterator[int]:
        siblings = self.model._base_manager.filter(**{self.fk.name: self.instance})
        return count(take_next_position(self.instance, siblings))

    def save_new(self, form: forms.ModelForm, commit: bool = True) -> Any:
        form.instance.position = next(self.positions)
        return super().save_new(form, commit)


def offer_rows(field: Any, offered: Iterable[models.Model], known: QuerySet) -> None:
    """Let a field offer rows that were read already, and accept those that are known."""
    field.queryset = known
    field.choices = [("", field.empty_label), *((row.pk, word_fact(row)) for row in offered)]


class RowForm(forms.ModelForm):
    """The form of a row below an entry; it shows decimals as typed: 4500, not 4500.00.

    Every field gets an aria-label, because in a table only the column's heading names it.
    """

    aside: tuple[str, ...] = ()  # fields that tell nothing of the row once it is stored
    key = RowAnswer(max_length=40)  # by which a new row of a draft is known

    def __init__(
        self,
        *args: Any,
        questions: dict[str, str] | None = None,
        faults: Iterable[Any] = (),
        reading: Any = None,
        **kwargs: Any,
    ) -> None:
        self.reading = reading  # what was read of lines in the form, on pages that have them
        super().__init__(*args, **kwargs)
        self.question = (questions or {}).get(str(self.prefix))
        self.faults = [fault for fault in faults if fault.prefix == self.prefix]
        self.asked: dict[str, Any] = {}  # what is asked, by the fields
        for field in self.fields.values():
            widget: Any = getattr(field.widget, "widget", field.widget)
            widget.attrs["aria-label"] = capfirst(field.label)
        for name, value in self.initial.items():
            if isinstance(value, Decimal):
                self.initial[name] = Decimal(f"{value.normalize():f}")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.question:  # two people changed this row
            self.add_error(None, self.question)
            self.asked[NON_FIELD_ERRORS] = None
        for fault in self.faults:  # found by the checks before publishing
            self.add_error(fault.field if fault.field in self.fields else None, fault.text)
        return cleaned

    def full_clean(self) -> None:
        """Check the row; if its lines are only read, say no more than what is asked."""
        super().full_clean()
        if self.reading and self.reading.is_only_read:
            for name in set(self.errors) - set(self.asked):
                del self.errors[name]


class LineageForm(RowForm):
    """The form of a lineage; a new one gets a slug such as jet-net-adapted-as-tektanken."""

    def save(self, commit: bool = True) -> Any:
        row = self.instance
        if not row.slug:
            end = getattr(row.target, "slug", None) or row.target
            text = f"{row.subject.slug} {row.relation} {end}"
            row.slug = find_free_slug(text, type(row))
        return super().save(commit)


class FiniteNumbers(forms.DecimalField):
    """A field for numbers; what is none, such as sNaN, cannot even be compared."""

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is not None and not number.is_finite():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class CheckedFields(admin.options.BaseModelAdmin):
    """Chooses form fields that find an error in whatever is sent, where Django's own break."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if isinstance(db_field, models.DecimalField):
            kwargs["form_class"] = FiniteNumbers
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield:
            formfield.error_messages["required"] = word_missing(formfield)
        return formfield

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            picker = ChooseSource if db_field.related_model is Source else ChooseOne
            kwargs["widget"] = picker(db_field, self.admin_site)
        kwargs["form_class"] = KnownRow
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs["form_class"] = KnownRows
        if db_field.name in self.get_autocomplete_fields(request):
            picker = ChooseCountries if db_field.related_model is Country else ChooseSeveral
            kwargs["widget"] = picker(db_field, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class CatalogueFields(CheckedFields):
    """Chooses widgets: checkboxes, wrapping long lines, and related rows that cannot be deleted."""

    checkboxes: tuple[str, ...] = ()  # many-to-many fields with few choices

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.checkboxes:
            widget = forms.CheckboxSelectMultiple
            return db_field.formfield(widget=widget, form_class=KnownRows, **kwargs)
        if type(db_field) is CleanLine and (db_field.max_length or 0) > LONGEST_LINE:
            # It wraps on the screen only: such a column has no line breaks.
            kwargs["widget"] = AdminTextareaWidget(attrs={"rows": 1})
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield and db_field.is_relation:
            formfield.widget.can_delete_related = False
            formfield.widget.can_view_related = False
        return formfield


def drop_fields(fields: Iterable[Any], dropped: Iterable[str]) -> tuple[Any, ...]:
    """Return the fields of a fieldset, some of them in lines, without a few."""
    return tuple(
        one if isinstance(one, str) else drop_fields(one, dropped)
        for one in fields
        if one not in dropped
    )


class CatalogueInline(CatalogueFields, admin.options.InlineModelAdmin):
    """Base of all inlines.

    `joined` names the foreign keys to load with the rows, `read_ahead` their many-to-many fields.
    """

    form = RowForm
    formset = CatalogueFormSet
    formfield_overrides = SHORT_TEXTS
    extra = 0
    joined: tuple[str, ...] = ()
    read_ahead: tuple[str, ...] = ()
    only_taken = ("address",)  # fields of the form that are no columns

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fieldsets; who may only look is not shown what only takes something."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj) or self.has_add_permission(request, obj):
            return fieldsets
        return [
            (name, {**options, "fields": drop_fields(options["fields"], self.only_taken)})
            for name, options in fieldsets
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related(*self.joined)
        return rows.prefetch_related(*self.read_ahead)


class StackedRows(CatalogueInline, admin.StackedInline):
    """Inline rows with many fields, stacked one below the other."""


class TabularRows(CatalogueInline, admin.TabularInline):
    """Inline rows with few fields, as a table."""


class StackedFacts(StackedRows):
    """Stacked inline for facts in an order; a new fact takes the next position."""

    formset = PositionedFormSet
    exclude = ("position",)


class TabularFacts(TabularRows):
    """Tabular inline for facts in an order; a new fact takes the next position."""

    formset = PositionedFormSet
    exclude = ("position",)


class ReadOnlyRows(TabularRows):
    """Tabular inline that only shows rows, because they are edited on another page."""

    can_delete = False
    empty_value_display = NOTHING

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# --- Pages -------------------------------------------------------------------------------------


class SharedPage(
    OneAfterAnother,
    DeclaredFilters,
    OnlyChanges,
    MergesForms,
    UnlessChanged,
    CheckedFields,
    admin.ModelAdmin,
):
    """What all pages of the admin do, those of accounts too: they list, check, merge and save."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        rows = (one.formset.forms for one in context["inline_admin_formsets"])
        hand_out_chosen([context["adminform"].form, *chain.from_iterable(rows)])
        return super().render_change_form(request, context, *args, **kwargs)

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> Any:
        shown = super().get_inline_formsets(*args, **kwargs)
        for one in shown:
            one.inline_formset_data = word_link_to_add(one)
        return shown


def word_link_to_add(shown: Any) -> str:
    """Return what Django's script knows of some rows, its link without a capital in mid-sentence.

    “Add another citation” it is, as on the button for those without scripts.
    """
    told = json.loads(shown.inline_formset_data())
    name = str(shown.opts.verbose_name)
    told["options"]["addText"] = _("Add another %(name)s") % {"name": name}
    return json.dumps(told)


class CatalogueAdmin(NamesProblems, FindsRows, SharedPage, AddsOnce, CatalogueFields):
    """Base of all pages of the catalogue.

    Search ignores case and accents, the fields in `kept` cannot change, a form is merged with what
    others saved meanwhile, and rows in use cannot be deleted.
    """

    save_on_top = True
    list_per_page = 50
    formfield_overrides: dict[Any, Any] = {
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})}
    }
    empty_value_display = gettext_lazy("not known yet")
    is_public_at_once = True  # False for programmes, which begin as drafts, and for facts of them
    kept: tuple[str, ...] = ("slug",)  # read-only once saved: addresses and fixtures rely on them

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return the model's own order explicitly, because a queryset with counts loses it."""
        return super().get_ordering(request) or self.model._meta.ordering

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *(self.kept if obj else ()))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        fixed = self.get_readonly_fields(request, obj)
        prepopulated = super().get_prepopulated_fields(request, obj)
        return {name: sources for name, sources in prepopulated.items() if name not in fixed}

    # Deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Refuse to delete what many-to-many rows use, as PROTECT does for foreign keys."""
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        users = [
            format_html("{}: {}", capfirst(user._meta.verbose_name), link_to(user))
            for user in self.find_users_of(objs)
        ]
        return leave_out_links(to_delete), count_rows_of(counts), lacking, [*protected, *users]

    def find_users_of(self, objs: Iterable[models.Model]) -> Iterator[models.Model]:
        """Yield the rows of other tables that have one of these in a many-to-many field."""
        ids = [row.pk for row in objs]
        for relation in self.model._meta.related_objects:
            if relation.many_to_many:
                rows = relation.related_model._base_manager
                yield from rows.filter(**{f"{relation.field.name}__in": ids}).distinct()


class TermAdmin(WithEdits, CatalogueAdmin):
    """Base of the pages of vocabularies; the list shows how often each term is used."""

    list_display: Any = ("name", "slug", "position", "uses")
    search_fields = ("name", "slug", "description")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields: Any = ("source",)
    ordering: Any = ("position", "name")
    used_by = "programmes"  # the relation that counts as use; empty for a list that nothing uses

    def list_derived(self) -> dict[str, Any]:
        if not self.used_by:
            return {}
        relation = self.model._meta.get_field(self.used_by)
        if relation.many_to_many:
            return {"used": count_rows(relation.through, relation.field.m2m_reverse_field_name())}
        return {"used": count_rows(relation.related_model, relation.field.name)}

    @admin.display(description=gettext_lazy("used"), ordering="used")
    def uses(self, term: Any) -> SafeString | int:
        """Return the number of rows that use a term; programmes as a link to their list."""
        relation = self.model._meta.get_field(self.used_by)
        if self.used_by != "programmes" or not term.used:
            return term.used
        url = reverse("admin:programmes_programme_changelist")
        field = relation.field.name
        return format_html('<a href="{}?{}__id__exact={}">{}</a>', url, field, term.pk, term.used)
