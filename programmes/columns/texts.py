"""Columns of text: whatever is typed, pasted or loaded is cleaned here before it is stored.

Forms, fixtures and the shell all write through these columns, so two texts that look alike are
stored alike. A dump is not cleaned but refused, because it must come back as it was written.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _

from programmes.columns.hosts import refuse_private_hosts

LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
BLANKS = re.compile(r"[ \n]+")
# Control characters, and what only tells how a text is set: soft hyphens, marks of direction, byte
# order marks, spaces without width, fillers. Half of a surrogate pair is no character at all.
# Selectors of the look of emoji (U+FE0F and its like) stay, because they are seen.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffc"
    "\ufffe\uffff\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# The two joiners are part of the spelling of Arabic, Persian and the scripts of India, and hold
# some emoji together. They stay between two such characters; anywhere else nobody sees them.
USING_JOINERS = (
    "\u0590-\u109f\u1700-\u1aff\u2190-\u2bff\ua800-\uabff\ufb1d-\ufdff\ufe0f\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001f000-\U0001faff"
)
IDLE_JOINER = re.compile(
    f"(?<![{USING_JOINERS}])[\u200c\u200d]+|[\u200c\u200d]+(?![{USING_JOINERS}])"
)
WEB = ("http://", "https://")
NOT_OF_WEB = _("Give an address that begins with http:// or https://.")
# Columns and forms of slugs share this, because Django's own message says “slug”.
SLUG_VALIDATORS: list[Callable[[Any], None]] = [
    RegexValidator(
        r"^[-a-zA-Z0-9_]+\Z",
        _("Use only letters without accents, figures and hyphens, as in jet-net-nl."),
    )
]


def clean_text(text: str) -> str:
    """Return a text as it is stored: seen characters only, composed (NFC), lines ended by \\n.

    Blanks at the ends of lines, and empty lines before and after the text, are dropped.
    """
    seen = UNSEEN.sub("", LINE_BREAK.sub("\n", text).replace("\t", " "))
    composed = unicodedata.normalize("NFC", IDLE_JOINER.sub("", seen))
    return "\n".join(line.rstrip() for line in composed.split("\n")).strip()


def clean_line(text: str) -> str:
    """Return a text of one line as it is stored: line breaks and runs of spaces are one space."""
    return BLANKS.sub(" ", clean_text(text))


def is_web_address(text: str) -> bool:
    """Whether a text begins like an address of the web, the only kind that becomes a link."""
    return text.lower().startswith(WEB)


def where_web_address(column: str) -> models.Q:
    """Return the condition that a column is empty or holds an address of the web."""
    begins = [models.Q(**{f"{column}__istartswith": scheme}) for scheme in WEB]
    return models.Q(**{column: ""}) | begins[0] | begins[1]


def refuse_other_schemes(address: str) -> None:
    """Raise ValidationError, with the message of the constraint, for an address not of the web."""
    if not is_web_address(address):
        raise ValidationError(NOT_OF_WEB)


# Columns and forms of addresses share these.
ADDRESS_VALIDATORS: list[Callable[[Any], None]] = [
    refuse_other_schemes,
    URLValidator(schemes=["http", "https"]),
    refuse_private_hosts,
]


def make_web_constraint(column: str, name: str) -> models.CheckConstraint:
    """Return the constraint that keeps other schemes than the web's out of a column."""
    return models.CheckConstraint(
        condition=where_web_address(column),
        name=name,
        violation_error_message=NOT_OF_WEB,
    )


# --- In forms -------------------------------------------------------------------------------------


class CleanInput(forms.CharField):
    """The form field of a clean column: a text counts as changed only if the stored one would."""

    def __init__(self, *, clean: Callable[[str], str] = clean_line, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.clean_stored = clean

    def to_python(self, value: Any) -> Any:
        return super().to_python(self.clean_stored(value) if isinstance(value, str) else value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            stored = self.to_python(initial)
        except ValidationError:
            stored = initial
        return super().has_changed(stored, data)


class CleanSlugInput(CleanInput, forms.SlugField):
    """The form field of a slug."""

    default_validators = SLUG_VALIDATORS


def write_uri(address: str) -> str:
    """Return an address as programs need it: “ü” is %C3%BC in its path, and stays in its host."""
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host}{slash}{iri_to_uri(path)}" if slash else address


class CleanURLInput(CleanInput, forms.URLField):
    """The form field of an address of the web."""

    default_validators = ADDRESS_VALIDATORS

    def to_python(self, value: Any) -> Any:
        return write_uri(super().to_python(value))


# --- In models ------------------------------------------------------------------------------------


class CleanColumn(models.Field):
    """Base of the clean columns; in migrations they are Django's own columns."""

    clean_stored = staticmethod(clean_line)
    input_class: type[forms.Field] = CleanInput
    django_name = ""

    def to_python(self, value: Any) -> Any:
        told = super().to_python(value)
        return self.clean_stored(told) if isinstance(told, str) else told

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Clean the value of the row as well, so that it equals what is stored."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.clean_stored(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        told = self.clean_stored(value) if isinstance(value, str) else value
        return super().get_db_prep_save(told, connection)

    def formfield(self, **kwargs: Any) -> Any:
        own = {"form_class": self.input_class, "clean": self.clean_stored}
        return super().formfield(**{**own, **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.django_name}", args, kwargs


class CleanLine(CleanColumn, models.CharField):
    """A column for a text of one line."""

    django_name = "CharField"


class CleanText(CleanColumn, models.TextField):
    """A column for a text of several lines."""

    clean_stored = staticmethod(clean_text)
    django_name = "TextField"


class CleanSlug(CleanColumn, models.SlugField):
    """A column for a slug."""

    default_validators = SLUG_VALIDATORS
    default_error_messages = {
        "unique": _("Another one has this name in addresses. Choose a different name.")
    }
    input_class = CleanSlugInput
    django_name = "SlugField"


class CleanURL(CleanColumn, models.URLField):
    """A column for an address of the web.

    Whatever else stands in the database reads as empty, so that no page, file or program can make
    a link of it.
    """

    default_validators = ADDRESS_VALIDATORS
    input_class = CleanURLInput
    django_name = "URLField"

    def to_python(self, value: Any) -> Any:
        told = super().to_python(value)
        return write_uri(told) if isinstance(told, str) else told

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"assume_scheme": "https", **kwargs})

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value if value is None or is_web_address(value) else ""
