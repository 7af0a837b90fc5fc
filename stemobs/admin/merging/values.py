"""What the fields of a form hold as plain values, whether they are stored or were just sent."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from programmes.columns.texts import CleanInput
from programmes.pictures.storing import StoredPicture
from stemobs.admin.merging.three_way import Value, Values

LONGEST_NUMBER = (
    40  # digits; beyond, a number is not written out, as “1e999999999” would fill memory
)
Fields = Mapping[str, forms.Field]


def write_plain(value: Any) -> str:
    """Return a value as it may be sent again, the same text for the same value."""
    match value:
        case None:
            return ""
        case Decimal() if value.is_finite() and abs(value.adjusted()) < LONGEST_NUMBER:
            return f"{value.normalize():f}"
        case date():
            return value.isoformat()
    return str(value)


def read_value(field: forms.Field, value: Any) -> Value:
    """Return the plain value of a field, from a row or from what was typed.

    What cannot be understood stays as it was typed: the form says later what is wrong with it.
    """
    match field:
        case forms.ModelMultipleChoiceField():
            return sorted(str(field.prepare_value(one)) for one in value or ())
        case forms.ModelChoiceField():
            return write_plain(field.prepare_value(value))
        case forms.FileField():
            return getattr(value, "name", None) or ""
    try:
        return write_plain(field.to_python(value))
    except ValidationError:
        return write_plain(value)


class RowAnswer(CleanInput):
    """A field for what somebody answers about a row: it travels with the row, and is no part of it.

    It is neither merged nor stored, and an answer alone is no change.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


def list_fields(form: Any) -> dict[str, forms.Field]:
    """Return the fields of a form that people fill in: not the keys by which it knows its row."""
    kept = {form._meta.model._meta.pk.name, "DELETE"}
    return {
        name: field
        for name, field in form.fields.items()
        if not (
            name in kept
            or field.disabled
            or isinstance(field, forms.models.InlineForeignKeyField | RowAnswer)
        )
    }


def list_answers(form: Any) -> set[str]:
    """Return the names of the fields of a form that take answers about its row."""
    return {name for name, field in form.fields.items() if isinstance(field, RowAnswer)}


def read_stored(form: Any) -> Values:
    """Return what a form was filled in with, which is what the database holds."""
    return {
        name: read_value(field, form.get_initial_for_field(field, name))
        for name, field in list_fields(form).items()
    }


class Sent:
    """What a browser sent, from which fields are read and in which they are set."""

    def __init__(self, data: QueryDict, files: MultiValueDict) -> None:
        self.data = data
        self.files = files

    @classmethod
    def of(cls, document: Mapping[str, list[str]]) -> "Sent":
        """Return what a form held once, whose fields are kept as lists of texts."""
        data = QueryDict(mutable=True)
        for name, told in document.items():
            data.setlist(name, told)
        return cls(data, MultiValueDict())

    def read(self, field: forms.Field, name: str) -> Value | None:
        """Return what was sent for a field; None if nothing was, which leaves it as it is."""
        widget: Any = field.widget
        if isinstance(field, forms.FileField):
            return self.read_file(name)
        if widget.value_omitted_from_data(self.data, self.files, name):
            return None
        return read_value(field, widget.value_from_datadict(self.data, self.files, name))

    def read_file(self, name: str) -> str | None:
        if chosen := self.files.get(name):
            # That of a draft is sent again with a form that leaves it as it is.
            return str(chosen.name) if isinstance(chosen, StoredPicture) else f"{chosen.name} (new)"
        return "" if f"{name}-clear" in self.data else None

    def read_all(self, fields: Fields, prefix: str, unchanged: Values) -> Values:
        """Return what was sent for these fields; for one that was not sent, what it was."""
        sent = {name: self.read(field, prefix + name) for name, field in fields.items()}
        return {
            name: unchanged.get(name, "") if value is None else value
            for name, value in sent.items()
        }

    def set(self, field: forms.Field, name: str, value: Value) -> None:
        """Let a field hold a value, as if that had been sent; a stored file stays as it is."""
        if isinstance(field, forms.FileField):
            self.data.pop(f"{name}-clear", None)
            self.files.pop(name, None)
        elif isinstance(value, list):
            self.data.setlist(name, value)
        else:
            self.data[name] = value

    def set_all(self, fields: Fields, prefix: str, values: Values) -> None:
        for name, field in fields.items():
            self.set(field, prefix + name, values[name])
