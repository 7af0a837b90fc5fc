"""Tests of the plain fields of forms: written as Django's templates write them, but for blanks."""

import re

import pytest
from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from programmes.models import Reach
from stemobs.widgets import QuickRenderer

QUOTED = 'a "b" <c> & d'
CHOICES = [("", "---"), (QUOTED, QUOTED), ("Group", [("x", "X"), ("y", mark_safe("<b>Y</b>"))])]
FIELDS = {
    "text": forms.CharField(initial=QUOTED, max_length=9, help_text="Help"),
    "number": forms.DecimalField(initial=0, label=QUOTED),
    "day": forms.DateField(initial="2026-11-28", required=False),
    "address": forms.URLField(disabled=True, assume_scheme="https"),
    "mail": forms.EmailField(),
    "hidden": forms.CharField(widget=forms.HiddenInput, initial=7),
    "is_so": forms.BooleanField(initial=True),
    "long": forms.CharField(widget=forms.Textarea, initial=f"\n{QUOTED}"),
    "one": forms.ChoiceField(choices=CHOICES, initial="y"),
    "several": forms.MultipleChoiceField(choices=CHOICES, initial=["x", "y"]),
    "ticked": forms.MultipleChoiceField(choices=CHOICES, widget=forms.CheckboxSelectMultiple),
}


def wrap(**allowed: bool) -> forms.Field:
    """Return a field for a unit, with the links that the admin puts beside it."""
    relation = Reach._meta.get_field("unit").remote_field
    widget = RelatedFieldWidgetWrapper(
        forms.Select(choices=CHOICES), relation, admin.site, can_add_related=True, **allowed
    )
    return forms.Field(widget=widget)


def draw(form_class: type[forms.Form], data: dict[str, str] | None, renderer: object) -> str:
    form = form_class(data, renderer=renderer)  # type: ignore[arg-type]  # stubs want a base class
    drawn = "".join(f"{one.label_tag()}{one}{one.errors}" for one in form)
    return re.sub(r"\s+(?=<)|(?<=>)\s+", "", drawn)


@pytest.mark.parametrize("data", [None, {}, {"text": "longer than it may be", "one": "z"}], ids=str)
def test_plain_fields_are_written_as_django_writes_them(data: dict[str, str] | None) -> None:
    form_class = type("Drawn", (forms.Form,), {**FIELDS})
    assert draw(form_class, data, QuickRenderer()) == draw(form_class, data, DjangoTemplates())


@pytest.mark.parametrize("allowed", ["can_change_related", "can_delete_related"])
def test_a_select_has_the_links_that_django_puts_beside_it(allowed: str) -> None:
    form_class = type("Drawn", (forms.Form,), {"unit": wrap(**{allowed: True})})
    quick, other = (draw(form_class, None, one()) for one in (QuickRenderer, DjangoTemplates))

    def sort_attributes(drawn: str) -> list[list[str]]:
        return [sorted(tag.split()) for tag in re.findall("<[^>]*>", drawn)]

    assert sort_attributes(quick) == sort_attributes(other)
