"""The forms of a bulk change: what is changed in which records, and to what."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.columns.texts import CleanInput
from programmes.models import YEAR_VALIDATORS, BulkChange, Programme, Source
from stemobs.admin.finding.choices import KnownRow, KnownRows, offer_terms
from stemobs.admin.record.sources import KnownSources
from stemobs.curation.bulk.changes import (
    RELATIONS,
    STATUS,
    FieldChange,
    StatusChange,
    TermsChange,
)

ADD, TAKE, REPLACE, SET = "add", "take", "replace", "set"
WAYS = {
    ADD: gettext_lazy("Add some"),
    TAKE: gettext_lazy("Take some away"),
    REPLACE: gettext_lazy("Replace one by another"),
}
WHAT, RECORDS = "what", "records"
TICKED, MATCHING = "ticked", "matching"
Status = Programme.Status


def list_what() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the fields that can be changed, each with the ways to do so."""
    for name in RELATIONS:
        ways = [(f"{name}:{way}", str(label)) for way, label in WAYS.items()]
        yield name_relation(name), ways
    yield _("Status"), [(f"{STATUS}:{SET}", _("Set it, with its year and source"))]


def name_choice(choice: Mapping[str, Any]) -> str:
    """Return in words which field is changed, and in which way: “Audiences: Add some”."""
    chosen = {value: f"{group}: {label}" for group, ways in list_what() for value, label in ways}
    return chosen.get(choice.get(WHAT, ""), "")


def name_relation(name: str) -> str:
    field: Any = Programme._meta.get_field(name)
    label = str(field.verbose_name)
    return label[:1].upper() + label[1:]


class WhatForm(forms.Form):
    """Which field of which records is changed, and in which way."""

    what = forms.ChoiceField(
        label=gettext_lazy("What to change"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what to change.")},
    )
    records = forms.ChoiceField(
        label=gettext_lazy("In which records"), widget=forms.RadioSelect, required=False
    )

    def __init__(self, data: Any, *, batch: BulkChange) -> None:
        super().__init__(data, initial={RECORDS: TICKED, **batch.choice})
        choices: Any = self.fields
        choices[WHAT].choices = [*list_what()]
        choices[RECORDS].choices = [
            (TICKED, word_ticked(len(batch.ticked))),
            (MATCHING, word_matching(len(batch.matching))),
        ]
        if not batch.matching:
            del self.fields[RECORDS]


class TermsForm(forms.Form):
    """Which terms are added to a field, or taken away from it."""

    terms = KnownRows(
        label="",
        queryset=Source.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )

    def __init__(self, data: Any, *, name: str, way: str) -> None:
        super().__init__(data)
        self.name, self.way = name, way
        self.offer()

    def offer(self) -> None:
        """Let the form offer terms; those that are retired can only be taken away."""
        terms, fields = find_terms(self.name), cast(Any, self.fields)
        fields["terms"].queryset = offer_terms(terms) if self.way == ADD else terms
        fields["terms"].label = name_relation(self.name)

    def build(self) -> FieldChange:
        chosen = frozenset(term.pk for term in self.cleaned_data["terms"])
        none: frozenset[int] = frozenset()
        added, taken = (chosen, none) if self.way == ADD else (none, chosen)
        return TermsChange(self.name, added, taken, name_terms(self.name))

    def tell(self) -> str:
        label = (
            _("%(field)s: add %(terms)s")
            if self.way == ADD
            else _("%(field)s: take away %(terms)s")
        )
        terms = ", ".join(map(str, self.cleaned_data["terms"]))
        return label % {"field": name_relation(self.name), "terms": terms}


class ReplaceForm(TermsForm):
    """Which term of a field is replaced by which other."""

    terms = None  # Django's way to leave out a field of the base
    old = KnownRow(label=gettext_lazy("Replace"), queryset=Source.objects.none())
    new = KnownRow(label=gettext_lazy("by"), queryset=Source.objects.none())

    def offer(self) -> None:
        terms, fields = find_terms(self.name), cast(Any, self.fields)
        fields["old"].queryset, fields["new"].queryset = terms, offer_terms(terms)

    def clean_new(self) -> Any:
        new = self.cleaned_data["new"]
        if new == self.cleaned_data.get("old"):
            raise forms.ValidationError(_("Choose two that differ."))
        return new

    def build(self) -> FieldChange:
        old, new = self.cleaned_data["old"].pk, self.cleaned_data["new"].pk
        names = name_terms(self.name)
        return TermsChange(self.name, frozenset({new}), frozenset({old}), names)

    def tell(self) -> str:
        words = {"field": name_relation(self.name), **self.cleaned_data}
        return _("%(field)s: replace %(old)s by %(new)s") % words


class StatusForm(forms.Form):
    """Which status records get, up to which year a source shows it, and which source that is."""

    status = forms.ChoiceField(
        label=gettext_lazy("Status"), choices=Status.choices, widget=forms.RadioSelect
    )
    as_of = forms.IntegerField(
        label=gettext_lazy("As of"),
        required=False,
        validators=YEAR_VALIDATORS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6}),
        help_text=gettext_lazy("The last year for which the source shows this status."),
    )
    source = CleanInput(
        label=gettext_lazy("Source"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "url"}),
        help_text=gettext_lazy(
            "The address of a source that is in the list of sources. Each record gets it as the "
            "source of its status."
        ),
    )
    locator = CleanInput(
        label=gettext_lazy("Place in it"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Such as “p. 4”."),
    )

    def __init__(self, data: Any, **_kwargs: Any) -> None:
        super().__init__(data)

    def clean_source(self) -> Source | None:
        address = self.cleaned_data["source"]
        if not address:
            return None
        known = KnownSources()
        known.read([address])
        if source := known.find(address):
            return source
        told = _("We do not know this address. Add it to the list of sources first.")
        raise forms.ValidationError(told)

    def clean(self) -> dict[str, Any]:
        """What is not known has no year and no source; any other status has both."""
        cleaned = self.cleaned_data
        if cleaned.get("status") == Status.UNKNOWN:
            return {**cleaned, "as_of": None, "source": None, "locator": ""}
        for name in ("as_of", "source"):
            if name in cleaned and not cleaned[name]:
                self.add_error(name, _("A status needs its year and its source."))
        return cleaned

    def build(self) -> FieldChange:
        told = self.cleaned_data
        return StatusChange(told["status"], told["as_of"], told["source"], told["locator"])

    def tell(self) -> str:
        change = self.build()
        return _("Status: %(status)s") % {"status": change.tell(change.apply(()))}


# What asks to what a field is changed: once valid, it builds the change, and tells it in a line.
ChangeForm = TermsForm | StatusForm


def make_form(choice: Mapping[str, Any], data: Any) -> ChangeForm | None:
    """Return the form that asks to what a field is changed; None if it is not chosen yet."""
    name, _colon, way = str(choice.get(WHAT, "")).partition(":")
    if name == STATUS:
        return StatusForm(data)
    if name not in RELATIONS or way not in WAYS:
        return None
    return (ReplaceForm if way == REPLACE else TermsForm)(data, name=name, way=way)


def find_terms(name: str) -> Any:
    """Return the terms that a field of records can have, in the order of their list."""
    field: Any = Programme._meta.get_field(name)
    return field.related_model._default_manager.all()


def name_terms(name: str) -> dict[int, str]:
    return {term.pk: str(term) for term in find_terms(name)}


# --- Words ----------------------------------------------------------------------------------------


def word_ticked(number: int) -> str:
    told = ngettext(
        "The %(number)d record that was ticked", "The %(number)d records that were ticked", number
    )
    return told % {"number": number}


def word_matching(number: int) -> str:
    told = ngettext(
        "The %(number)d record that the list found",
        "All %(number)d records that the list found",
        number,
    )
    return told % {"number": number}
