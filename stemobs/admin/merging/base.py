"""What a form was opened with: it travels in the form, signed, and comes back with it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import models
from django.http import HttpRequest

from stemobs.admin.merging.three_way import UNKNOWN, Values
from stemobs.admin.merging.values import read_stored

FIELD = "_seen"  # the hidden field of the form


@dataclass
class Base:
    """The state of a record and its facts that a form was filled in with."""

    opened_at: str  # an ISO time, for people: when the form was opened
    fields: Values = field(default_factory=dict)
    facts: dict[str, dict[str, Values]] = field(default_factory=dict)  # by prefix and id

    def find(self, name: str) -> Any:
        return self.fields.get(name, UNKNOWN)

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.opened_at)


def list_stored_facts(formset: Any) -> dict[str, Values]:
    """Return the rows of a formset that are in the database, by their ids."""
    return {
        str(form.instance.pk): read_stored(form)
        for form in formset.initial_forms
        if form.instance.pk
    }


def make_base(opened_at: str, form: Any, formsets: Iterable[Any]) -> Base:
    """Return the state that a form and its rows were filled in with."""
    facts = {one.prefix: list_stored_facts(one) for one in formsets}
    return Base(opened_at, read_stored(form), facts)


def name_row(model: type[models.Model], pk: Any) -> str:
    """Return the salt of a signature, so that the state of one row is none of another."""
    return f"{__name__} {model._meta.label_lower} {pk}"


def write_base(row: models.Model, base: Base) -> str:
    return signing.dumps(asdict(base), salt=name_row(type(row), row.pk), compress=True)


def read_base(request: HttpRequest, model: type[models.Model], pk: Any) -> Base | None:
    """Return what the form of a row was opened with; None if it did not come with the form.

    This is the one place that knows where that state is kept. The row itself may be gone.
    """
    try:
        return Base(**signing.loads(request.POST.get(FIELD, ""), salt=name_row(model, pk)))
    except (signing.BadSignature, TypeError):  # TypeError: an earlier version of the site made it
        return None
