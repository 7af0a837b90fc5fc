"""Forms of rows that may come from lines: they ask what was not clear, and make what is new."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import Organisation
from programmes.columns.texts import CleanInput, CleanURLInput
from programmes.models import MEASURING, Evaluation
from stemobs.admin.base import LineageForm, PositionedFormSet, RowForm
from stemobs.admin.figures.rows import NUMBER, SeenFigure
from stemobs.admin.record.questions import render_question
from stemobs.curation.reading.figures import put_period
from stemobs.curation.reading.lines import FieldQuestion, LineRead
from stemobs.curation.reading.numbers import Unreadable, read_number
from stemobs.curation.reading.periods import read_period
from stemobs.curation.reading.sums import put_time
from stemobs.text import fold

PARTNERSHIP_ONCE = ("programme", "organisation", "role")
PARTS_OF_PERIOD = ("year_from", "year_to", "period_type", "basis")


def make_hidden(**kwargs: Any) -> forms.Field:
    return CleanInput(required=False, widget=forms.HiddenInput, **kwargs)


class TypedRow(RowForm):
    """The form of a row that may have been typed as a line, with a source that may be new."""

    aside = ("written",)
    written = make_hidden(max_length=1000)  # the line, as long as something is asked about it
    address = CleanURLInput(
        label=gettext_lazy("or its address"),
        required=False,
        max_length=600,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "vTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.find_asked():
            field: Any = self.fields.get(name)
            choices = list(getattr(field, "choices", None) or ())
            if isinstance(field, forms.ChoiceField) and choices and choices[0][0]:
                # Without an empty choice, a browser would send the first one as the answer.
                field.choices = [("", "---------"), *choices]

    def find_asked(self) -> dict[str, FieldQuestion]:
        """Return what was asked about the line from which the row comes, by fields."""
        if self.reading is None or not self.is_bound:
            return {}
        table = str(self.prefix).rpartition("-")[0]
        written = self.data.get(self.add_prefix("written"), "")
        return self.reading.asked.get((table, written), {})

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        self.read_source(cleaned)
        if self.reading and self.makes_source():
            self.check_source(cleaned)
        for name, question in (*self.find_asked().items(), *self.find_more_asked(cleaned)):
            if not self.is_answered(name, cleaned):
                self.ask(name, question)
        return cleaned

    def read_source(self, cleaned: dict[str, Any]) -> None:
        """Take the source of an address, if it is stored; one that is new is made on saving."""
        if self.reading and not cleaned.get("source") and cleaned.get("address"):
            cleaned["source"] = self.reading.find_source(cleaned["address"])

    def find_more_asked(self, cleaned: dict[str, Any]) -> Iterator[tuple[str, FieldQuestion]]:
        """Yield what is asked about fields that were filled in one by one."""
        yield from ()

    def is_answered(self, name: str, cleaned: dict[str, Any]) -> bool:
        if name == "source" and cleaned.get("address"):
            return True
        return cleaned.get(name) not in (None, "")

    def ask(self, name: str, question: FieldQuestion) -> None:
        """Ask at a field, in place of what else is said there."""
        self.errors.pop(name, None)
        self.asked[name] = question
        self.add_error(name, render_question(question, self.add_prefix(name)))

    def land_at_question(self) -> None:
        """Put the keyboard at the first question of the row."""
        name, question = next(filter(all, self.asked.items()))
        html = render_question(question, self.add_prefix(name), lands=True)
        self.errors.pop(name)
        self.add_error(name, html)

    def makes_source(self) -> bool:
        cleaned = self.cleaned_data
        return bool(cleaned.get("address")) and not cleaned.get("source")

    def check_source(self, cleaned: dict[str, Any]) -> None:
        """Check a source that is new as its own form would."""
        if not self.reading.may_add_source:
            told = _("We do not know this source, and you may not add one. Ask somebody who may.")
            self.add_error("source", told)
            return
        try:
            self.reading.describe_source(*self.tell_source(cleaned)).full_clean()
        except ValidationError as error:
            for name, told in error.message_dict.items():
                self.add_error(name if name in self.fields else "address", told)

    def tell_source(self, cleaned: dict[str, Any]) -> tuple[str, ...]:
        """Return what the row tells of a source that is new: its address, title and publisher."""
        return (cleaned["address"],)

    def _get_validation_exclusions(self) -> set[str]:
        found: set[str] = super()._get_validation_exclusions()
        return found | {"source"} if self.makes_source() else found

    def save(self, commit: bool = True) -> Any:
        if self.reading and self.makes_source():
            self.instance.source = self.reading.make_source(*self.tell_source(self.cleaned_data))
        return super().save(commit)


class FigureRow(SeenFigure, TypedRow):
    """The form of a figure: its years are taken from the words of its period."""

    def find_more_asked(self, cleaned: dict[str, Any]) -> Iterator[tuple[str, FieldQuestion]]:
        yield from self.read_numbers()
        came_right = cleaned.get("written") and "period" not in self.find_asked()
        if "period" in self.changed_data and not came_right:
            yield from self.read_period(cleaned)

    def read_numbers(self) -> Iterator[tuple[str, FieldQuestion]]:
        """Yield what is asked about numbers such as “1.420”, as it is asked of lines."""
        for name in NUMBER:
            if self.has_error(name, "max_decimal_places"):
                try:
                    read_number(self.data[self.add_prefix(name)].strip())
                except Unreadable as error:
                    yield name, FieldQuestion(error.told, error.options)

    def read_period(self, cleaned: dict[str, Any]) -> Iterator[tuple[str, FieldQuestion]]:
        """Take the years from the period, unless they were changed too; yield what is asked."""
        if {*PARTS_OF_PERIOD} & {*self.changed_data}:
            return
        read = self.read_time(cleaned.get("period") or "")
        years = {read.values.get(name) for name in ("year_from", "year_to")}
        for name, value in read.values.items():
            # Words without a year, such as “fifth edition”, leave the years as they are.
            if name in self.fields and (value or (name in ("year_from", "year_to") and any(years))):
                cleaned[name] = self.fields[name].to_python(value)
        for name, question in read.asked.items():
            if name == "period":
                cleaned["period"] = ""
            yield name, question

    def read_time(self, text: str) -> LineRead:
        """Return what the words of a period say of the years."""
        read = LineRead(text)
        put_period(read, read_period(text))
        return read


class EvaluationRow(TypedRow):
    """The form of an evaluation; one that counts as evidence must have a source."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        independent = cleaned.get("independence") == Evaluation.Independence.INDEPENDENT
        measured = cleaned.get("design") in MEASURING
        is_named = cleaned.get("source") or cleaned.get("address")
        if self.has_changed() and (independent or measured) and not is_named:
            self.add_error("source", _("Name the source: this evaluation is shown as evidence."))
        return cleaned


class LineageRow(LineageForm, TypedRow):
    """The form of a relation to another record."""


class ReachRow(FigureRow):
    """The form of a reach figure."""


class NamesNew(TypedRow):
    """The form of a row that names an organisation, which may be new."""

    new_name = make_hidden(max_length=200)

    def makes_organisation(self) -> bool:
        return bool(self.cleaned_data.get("new_name")) and not self.cleaned_data.get("organisation")

    def _get_validation_exclusions(self) -> set[str]:
        found = super()._get_validation_exclusions()
        return found | {"organisation"} if self.makes_organisation() else found

    def save(self, commit: bool = True) -> Any:
        if self.reading and self.makes_organisation():
            kind = self.cleaned_data.get("new_type") or ""
            made = self.reading.make_organisation(self.cleaned_data["new_name"], kind)
            self.instance.organisation = made
        return super().save(commit)


class FundingRow(FigureRow, NamesNew):
    """The form of a funding statement; its payer may be an organisation that the record adds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen, name = (self.data.get(self.add_prefix(one)) for one in ("organisation", "new_name"))
        field = self.fields.get("organisation")
        if field and name and not chosen and self.reading and self.reading.will_know(name):
            told = _("“%(name)s” is new. It is taken from “Who is behind it”.") % {"name": name}
            note = format_html('<span class="proposed">{}</span>', told)
            field.help_text = note

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        name = cleaned.get("new_name") or ""
        if self.makes_organisation() and not (self.reading and self.reading.will_know(name)):
            told = _("We do not know “%(name)s”. Add it under “Who is behind it”, or choose here.")
            self.ask("organisation", FieldQuestion(told % {"name": name}))
        return cleaned

    def read_time(self, text: str) -> LineRead:
        read = LineRead(text, {"amount": "1"})  # of an amount it is asked what the sum is
        put_time(read, text)
        del read.values["amount"]
        return read


class PartnershipRow(NamesNew):
    """The form of a partnership; an organisation that is new needs its type."""

    new_name = CleanInput(
        label=gettext_lazy("Name of the new organisation"), required=False, max_length=200
    )
    new_type = forms.ChoiceField(
        label=gettext_lazy("Type of the new organisation"),
        choices=[("", "---------"), *Organisation.Type.choices],
        required=False,
    )

    def is_answered(self, name: str, cleaned: dict[str, Any]) -> bool:
        if name == "organisation" and cleaned.get("new_name") and cleaned.get("new_type"):
            return self.may_add()
        if name == "new_type" and cleaned.get("organisation"):
            return True
        return super().is_answered(name, cleaned)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        is_told = cleaned.get("new_type") or "new_type" in self.asked
        if self.makes_organisation() and is_told and self.may_add():
            self.errors.pop("organisation", None)
            cleaned["organisation"] = None  # which makes it unlike any other row
        return cleaned

    def may_add(self) -> bool:
        return bool(self.reading and self.reading.may_add_organisation)


class PartnershipRows(PositionedFormSet):
    """The rows of partnerships: a new organisation has each of its roles once, as others do."""

    def clean(self) -> None:
        super().clean()
        told: set[tuple[str, str]] = set()
        for form in self.forms:
            cleaned = getattr(form, "cleaned_data", {})
            new = (fold(cleaned.get("new_name") or ""), cleaned.get("role") or "")
            if all(new) and not cleaned.get("organisation") and new in told:
                raise ValidationError(self.get_unique_error_message(PARTNERSHIP_ONCE))
            told.add(new)


class CitationRow(TypedRow):
    """The form of a citation; its source may be new, with what is told of it here."""

    address = CleanURLInput(
        label=gettext_lazy("Address of the new source"),
        required=False,
        max_length=600,
        assume_scheme="https",
    )
    title = CleanInput(label=gettext_lazy("Its title"), required=False, max_length=300)
    publisher = CleanInput(label=gettext_lazy("Its publisher"), required=False, max_length=200)

    def full_clean(self) -> None:
        """Leave it at what is asked or wrong about the source; without that the row has none."""
        super().full_clean()
        told = self.asked.keys() | self.errors.keys()
        if {"source", "address"} & told and NON_FIELD_ERRORS not in self.asked:
            self.errors.pop(NON_FIELD_ERRORS, None)

    def check_source(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("title") or not self.reading.may_add_source:
            super().check_source(cleaned)
        else:
            self.add_error("title", _("Give the title of the source, as it stands on the page."))

    def tell_source(self, cleaned: dict[str, Any]) -> tuple[str, ...]:
        told = (cleaned.get(name) for name in ("address", "title", "publisher"))
        return tuple(one or "" for one in told)
