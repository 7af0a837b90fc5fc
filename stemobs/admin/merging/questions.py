"""What people are asked and told of another's changes, in words."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from programmes.pictures.names import find_size
from stemobs.admin.lists import ID
from stemobs.admin.merging.marking import mark_difference
from stemobs.admin.merging.three_way import UNKNOWN, Value, Values
from stemobs.admin.merging.values import Fields

LONGEST_LABEL = 40  # letters of a fact where it is only named
CHOICE = "_choice"  # the field of an answer, after the name of what was asked about
WAS = "_was"  # the field that says which removed row a row would bring back
KEY = "key"  # the field by which a row of a draft is known that is not stored yet


class Side(StrEnum):
    """What may be chosen where two changed the same thing."""

    THEIRS = "theirs"
    MINE = "mine"
    BOTH = "both"
    WAS = "was"


class Note(NamedTuple):
    """What somebody else changed, and what was kept without asking."""

    label: str
    was: str
    now: str


class Option(NamedTuple):
    """One of the answers to a question."""

    answer: StrEnum
    title: str
    text: str


@dataclass
class MergeQuestion:
    """Something that two people changed differently, so that one of them has to choose."""

    template: ClassVar[str] = "admin/merging/question.html"
    choice: ClassVar[str] = CHOICE

    label: str
    asks: str
    was: str | None
    options: list[Option]
    mark: str  # of their value: an answer counts only for what was shown with the question
    name: str = ""  # the field's, or the prefix of a row, as they are called in the form
    is_of_field: bool = False  # else of a row
    row: str = ""  # the id or the key of that row
    removed: str = ""  # the id of a row that the answer may bring back
    chosen: str = ""  # an answer that was given already

    @property
    def anchor(self) -> str:
        return f"ask-{self.name}"

    def link(self) -> SafeString:
        return format_html('<a href="#{}">{}</a>', self.anchor, self.label)

    def render(self) -> SafeString:
        context = {"question": self, "choice": self.choice, "was": WAS}
        return render_to_string(self.template, context)


def mark_value(value: Any) -> str:
    """Return a short mark of a value, which tells it from others."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def read_answer(given: str, theirs: Any) -> Side | None:
    """Return the answer to a question, if it was given for the value that is stored now."""
    answer, _colon, mark = given.partition(":")
    is_valid = answer in Side.__members__.values() and mark == mark_value(theirs)
    return Side(answer) if is_valid else None


# --- Values in words ------------------------------------------------------------------------------


def describe_value(field: forms.Field, value: Value) -> str:
    """Return a plain value as people read it."""
    match field:
        case _ if not value:
            return _("empty")
        case forms.ModelMultipleChoiceField() | forms.ModelChoiceField():
            return describe_rows(field, [value] if isinstance(value, str) else value)
        case forms.ChoiceField():
            return find_label(field.choices, str(value))
        case forms.BooleanField():
            return _("yes") if value == "True" else _("no")
        case forms.DateField():
            return describe_date(str(value))
        case forms.FileField() if size := find_size(str(value)):
            told = _("a picture of %(width)d × %(height)d pixels")
            return told % {"width": size.width, "height": size.height}
    return str(value)


def describe_rows(field: Any, ids: list[str]) -> str:
    numbers = [one for one in ids if ID.fullmatch(one)]
    return ", ".join(map(str, field.queryset.filter(pk__in=numbers))) or _("no longer there")


def find_label(choices: Any, value: str) -> str:
    flat = (
        pair
        for key, label in choices
        for pair in (label if isinstance(label, list | tuple) else [(key, label)])
    )
    return next((str(label) for key, label in flat if str(key) == value), value)


def describe_date(text: str) -> str:
    try:
        return date_format(date.fromisoformat(text), "j M Y")
    except ValueError:
        return text


def describe_fact(fields: Fields, values: Values | None) -> str:
    """Return what stands in a row, without its empty fields."""
    if values is None:
        return _("not there")
    filled = (name for name in fields if values.get(name))
    return join_words(describe_value(fields[name], values[name]) for name in filled) or _("empty")


def describe_fields(fields: Fields, names: Iterable[str], values: Values) -> str:
    """Return what stands in some fields of a row, each after its label."""
    return join_words(
        f"{capfirst(str(fields[name].label))}: {describe_value(fields[name], values.get(name, ''))}"
        for name in names
    )


def join_words(words: Iterable[str]) -> str:
    return " · ".join(words)


# --- Questions ------------------------------------------------------------------------------------


def ask_about_field(
    who: str, field: forms.Field, base: Any, theirs: Value, mine: Value
) -> MergeQuestion:
    """Return the question which value of a field shall stand."""
    options = [*list_sides(who, *mark_sides(field, base, theirs, mine))]
    # A file that was replaced is gone.
    if base is not UNKNOWN and not isinstance(field, forms.FileField):
        options.append(Option(Side.WAS, _("As it was"), describe_value(field, base)))
    label = capfirst(str(field.label))
    return MergeQuestion(label, ask_which(who, base), None, options, mark_value(theirs))


def mark_sides(field: forms.Field, base: Any, theirs: Value, mine: Value) -> Iterator[str]:
    """Yield both values in words, with marks on those that each of the two has changed."""
    for value, other in ((theirs, mine), (mine, theirs)):
        told = describe_value(field, value)
        was = describe_value(field, other if base is UNKNOWN else base)
        yield mark_difference(told, was)


def list_sides(who: str, theirs: str, mine: str) -> Iterator[Option]:
    yield Option(Side.THEIRS, _("As %(who)s saved it") % {"who": who}, theirs)
    yield Option(Side.MINE, _("As you have it"), mine)


def ask_which(who: str, base: Any) -> str:
    if base is UNKNOWN or base == {}:
        return _("What is stored differs from what you sent. Which shall we save?")
    return _("%(who)s changed this too. Which shall we save?") % {"who": capfirst(who)}


def ask_about_fact(
    who: str, label: str, fields: Fields, base: Values, theirs: Values | None, mine: Values | None
) -> MergeQuestion:
    """Return the question what shall become of a row; None stands for a row that was removed."""
    was = describe_fact(fields, base) if base else None
    if theirs is None:
        asks = _("%(who)s removed this, and you changed it.") % {"who": capfirst(who)}
        options = [
            Option(Side.THEIRS, _("Leave it out"), ""),
            Option(Side.MINE, _("Keep it, as you have it"), describe_fact(fields, mine)),
        ]
    elif mine is None:
        asks = _("%(who)s changed this, and you removed it.") % {"who": capfirst(who)}
        options = [
            Option(Side.THEIRS, _("Keep it, as it is now"), describe_fact(fields, theirs)),
            Option(Side.MINE, _("Remove it"), ""),
        ]
    else:
        asks = ask_which(who, base)
        options = [*list_choices_of_fact(who, fields, base, theirs, mine)]
    fact = Truncator(describe_fact(fields, base or theirs or mine)).chars(LONGEST_LABEL)
    label = _("%(kind)s “%(fact)s”") % {"kind": capfirst(label), "fact": fact}
    return MergeQuestion(label, asks, was, options, mark_value(theirs))


def list_choices_of_fact(
    who: str, fields: Fields, base: Values, theirs: Values, mine: Values
) -> Iterator[Option]:
    """Yield the answers where two changed a row; each names only the fields that differ."""
    names = [name for name in fields if theirs.get(name) != mine.get(name)]
    sides = (describe_fields(fields, names, theirs), describe_fields(fields, names, mine))
    yield from list_sides(who, *sides)
    yield Option(Side.BOTH, _("Both, as two rows"), "")
    if base:
        yield Option(Side.WAS, _("As it was"), describe_fields(fields, names, base))


def list_links(questions: Iterable[MergeQuestion]) -> SafeString:
    """Return links to the questions, as one line."""
    return SafeString(", ".join(conditional_escape(one.link()) for one in questions))
