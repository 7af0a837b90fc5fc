"""What a form offers, has chosen and was sent, read in one query for all its fields or rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db import models
from django.db.models import F, QuerySet, Value
from django.utils.translation import gettext as _

from programmes.columns.rows import keep_read
from stemobs.admin.lists import ID

Chosen = Mapping[int, models.Model]
OFFERED, CHOSEN = 0, 1


# --- Pickers --------------------------------------------------------------------------------------


class OnlyIds:
    """Shows the chosen rows of a widget; Django asks the database for anything that was sent."""

    chosen: Chosen | None = None  # rows that are known already
    shows_all = False  # whether rows are shown that are not chosen

    def optgroups(self, name: str, value: list[str], attr: Any = None) -> Any:
        ids = [one for one in value if ID.fullmatch(one)]
        shown: Any = self
        if self.chosen is None:
            return super().optgroups(name, ids, attr)
        options = [] if shown.is_required or shown.allow_multiple_selected else [("", "")]
        known = [self.chosen[int(pk)] for pk in ids if int(pk) in self.chosen]
        options += [(row.pk, shown.choices.field.label_from_instance(row)) for row in known]
        made = [
            shown.create_option(name, pk, label, bool(pk), place)
            for place, (pk, label) in enumerate(options)
        ]
        return [(None, made, 0)]


class ChooseOne(OnlyIds, AutocompleteSelect):
    """Chooses a row by its name."""


class ChooseSeveral(OnlyIds, AutocompleteSelectMultiple):
    """Chooses rows by their names."""


class ChooseCountries(ChooseSeveral):
    """Chooses countries, which are few: without scripts, all of them stand in the list."""

    shows_all = True

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        shown: Any = self
        if self.chosen is None:
            return super().optgroups(name, value, attr)
        rows = sorted(self.chosen.values(), key=str)
        made = [
            shown.create_option(
                name, row.pk, shown.choices.field.label_from_instance(row), str(row.pk) in value, n
            )
            for n, row in enumerate(rows)
        ]
        return [(None, made, 0)]


def hand_out_chosen(forms: Iterable[Any]) -> None:
    """Give the pickers of some forms the rows that they show, with one query for each model.

    Rows that were joined to those of the forms are not asked for again.
    """
    pickers = [picker for form in forms for picker in list_pickers(form)]
    known: defaultdict[type[models.Model], dict[int, models.Model]] = defaultdict(dict)
    wanted: defaultdict[type[models.Model], set[int]] = defaultdict(set)
    for _widget, model, ids, rows in pickers:
        known[model] |= {row.pk: row for row in rows}
        wanted[model] |= ids
    for model in {model for widget, model, *_more in pickers if widget.shows_all}:
        known[model] = model._default_manager.in_bulk()
    for model, ids in wanted.items():
        if missing := ids - known[model].keys():
            known[model] |= model._default_manager.in_bulk(missing)
    for widget, model, _ids, _rows in pickers:
        widget.chosen = known[model]


def list_pickers(form: Any) -> Iterator[tuple[Any, Any, set[int], list[models.Model]]]:
    """Yield the pickers of a form: the model, the ids to show, and the rows that are there."""
    for name, field in form.fields.items():
        widget = getattr(field.widget, "widget", field.widget)
        if isinstance(widget, OnlyIds):
            value = form[name].value()
            values = value if isinstance(value, list | tuple | QuerySet) else [value]
            ids = {int(one) for one in map(str, values) if ID.fullmatch(one)}
            yield widget, field.queryset.model, ids, list_at_hand(form, name)


def list_at_hand(form: Any, name: str) -> list[models.Model]:
    """Return the rows of a field that were read with the row of its form."""
    begun, joined = form.initial.get(name), form.instance._state.fields_cache.get(name)
    return [*(begun if isinstance(begun, list) else ()), *filter(None, [joined])]


# --- What was sent --------------------------------------------------------------------------------


class KnownRow(forms.ModelChoiceField):
    """A field for a row; one that was read with those of other rows is not asked for again."""

    known: Chosen = {}

    def to_python(self, value: Any) -> Any:
        found = self.known.get(int(value)) if ID.fullmatch(str(value)) else None
        return found or super().to_python(value)


class KnownRows(forms.ModelMultipleChoiceField):
    """A field for several rows; what cannot be an id is never asked of the database."""

    def clean(self, value: Any) -> Any:
        for one in value or ():
            if not ID.fullmatch(str(one)):
                message = self.error_messages["invalid_choice"]
                raise forms.ValidationError(message, code="invalid_choice", params={"value": one})
        return super().clean(value)


class OfferedChoices(forms.models.ModelChoiceIterator):
    """The terms that a field offers: all but those that are retired. It accepts those too."""

    def __init__(self, field: Any) -> None:
        super().__init__(field)
        terms: Any = self.queryset
        self.queryset = offer_terms(terms)


def offer_terms(terms: Any) -> Any:
    """Return the terms that forms offer, of any vocabulary."""
    return terms.offered() if hasattr(terms, "offered") else terms


def refuse_retired(forms_sent: Iterable[Any]) -> None:
    """Refuse terms that are not offered any more, unless the row of a form has them already.

    Pages offer none, so whoever sends one has had a form open for long, or made it up. Asks one
    query for each field by which somebody gives a row another term.
    """
    chosen: defaultdict[str, list[tuple[Any, Any]]] = defaultdict(list)
    for form in forms_sent:
        for name in getattr(form, "cleaned_data", {}).keys() & form.fields.keys():
            if hasattr(getattr(form.fields[name], "queryset", None), "retired"):
                for term in list_new_terms(form, name):
                    chosen[name].append((form, term))
    for name, given in chosen.items():
        offering: Any = given[0][0].fields[name].queryset
        slugs = {term.slug for _form, term in given}
        retired = offering.retired.filter(into="", slug__in=slugs)
        gone = {*retired.values_list("slug", flat=True)}
        for form, term in given:
            if term.slug in gone:
                told = _("“%(term)s” is not offered any more. Choose another.")
                form.add_error(name, told % {"term": term})


def list_new_terms(form: Any, name: str) -> list[Any]:
    """Return the terms that a form gives its row by a field, and that the row does not have."""
    value, had = form.cleaned_data[name], form.initial.get(name)
    terms, known = (
        [*one] if isinstance(one, list | tuple | QuerySet) else [one] for one in (value, had)
    )
    ids = {getattr(one, "pk", one) for one in known}
    return [one for one in terms if one is not None and one.pk not in ids]


def read_sent(forms_sent: Iterable[Any]) -> None:
    """Read the rows that were sent for the fields of some forms, with one query for each field.

    What was read with the rows of the forms is not asked for again.
    """
    fields: defaultdict[str, list[KnownRow]] = defaultdict(list)
    known: defaultdict[str, dict[int, models.Model]] = defaultdict(dict)
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for form in forms_sent:
        for name, field in form.fields.items():
            if isinstance(field, KnownRow):
                fields[name].append(field)
                known[name] |= {row.pk: row for row in list_own(form, name)}
                wanted[name] |= {int(one) for one in [str(form[name].data)] if ID.fullmatch(one)}
    for name, ids in wanted.items():
        if missing := ids - known[name].keys():
            offered: Any = fields[name][0].queryset
            known[name] |= offered.in_bulk(missing)
    for name, those in fields.items():
        for field in those:
            field.known = known[name]


def list_own(form: Any, name: str) -> list[models.Model]:
    """Return the row of a form, for the field with its key, or the row that was joined to it."""
    own = form.instance if name == form._meta.model._meta.pk.name else None
    found = own or form.instance._state.fields_cache.get(name)
    return [found] if found and found.pk is not None else []


# --- Ticks ----------------------------------------------------------------------------------------


class FormChoices:
    """The terms that a row's many-to-many fields offer, and those that it has, in one query.

    `offering` names the fields that show all their terms. A term is called by its name.
    """

    def __init__(self, row: models.Model, names: Iterable[str], offering: Iterable[str]) -> None:
        self.row = row
        self.offered: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.had: defaultdict[str, list[models.Model]] = defaultdict(list)
        fields: list[Any] = [row._meta.get_field(name) for name in names]
        parts = [select_chosen(row, field) for field in fields]
        parts += [select_offered(field) for field in fields if field.name in [*offering]]
        for kind, name, pk, label, place in parts[0].union(*parts[1:], all=True):
            if kind == OFFERED:
                self.offered[name].append((place, label, pk))
            else:
                model: Any = row._meta.get_field(name).related_model
                self.had[name].append(model(pk=pk, name=label))
        self.keep_chosen(fields)

    def keep_chosen(self, fields: Iterable[Any]) -> None:
        """Let the form find the chosen terms where Django keeps what it has read ahead."""
        for field in fields:
            keep_read(self.row, field.name, sorted(self.had[field.name], key=lambda one: one.pk))

    def offer(self, form: Any) -> None:
        """Let the fields of a form offer the terms that were read, and those that it has."""
        for name, terms in self.offered.items():
            if name in form.fields:
                known = {pk for _place, _label, pk in terms}
                retired = [(one.pk, str(one)) for one in self.had[name] if one.pk not in known]
                shown = [(pk, label) for _place, label, pk in sorted(terms)]
                form.fields[name].choices = [*shown, *retired]


def select_offered(field: Any) -> QuerySet:
    terms = offer_terms(field.related_model._default_manager.order_by())
    (place, *_rest) = field.related_model._meta.ordering
    return terms.values_list(Value(OFFERED), Value(field.name), "pk", "name", F(place))


def select_chosen(row: models.Model, field: Any) -> QuerySet:
    links = field.remote_field.through._default_manager.order_by()
    own, other = field.m2m_field_name(), field.m2m_reverse_field_name()
    return links.filter(**{own: row.pk}).values_list(
        Value(CHOSEN), Value(field.name), other, f"{other}__name", Value(0)
    )
