"""What keeps a form from being saved, in one list: each fault leads to its place in the form."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import CheckConstraint
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from programmes.columns.rows import find_columns

EMPTY = gettext_lazy("This is still empty. Fill it in.")
NOT_CHOSEN = gettext_lazy("Nothing is chosen here yet. Choose one.")


@dataclass(frozen=True)
class FormProblem:
    """What is wrong or asked in a form, and the id of the place to mend it, if there is one."""

    text: str
    anchor: str = ""
    is_error: bool = True


class NamesProblems(admin.ModelAdmin):
    """Names everything that is wrong with a form in one place, instead of counting it.

    A form comes back at its top, where it is told what became of it. One of a new row begins in its
    first field.
    """

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context |= {"problems": [], "refusals": []}
        if context["errors"] or context.get("faults"):
            form = context["adminform"].form
            rows = context["inline_admin_formsets"]
            for one in (form, *(row for inline in rows for row in inline.formset.forms)):
                put_beside_fields(one)
            told = [text for text in form.non_field_errors() if is_html(text)]
            context["refusals"] = told
            context["problems"] = context.get("faults") or [*list_problems(form, rows)]
        elif add and request.method == "GET":
            self.begin(context)
        context["errors"] = None  # Django would only say that there are some
        # Without an address, a form is sent to that part of the page at which it was opened.
        form_url = form_url or request.get_full_path()
        return super().render_change_form(request, context, add, change, form_url, obj)

    def begin(self, context: Mapping[str, Any]) -> None:
        """Put the keyboard into the first field."""
        first, *_rest = context["adminform"].form.visible_fields()
        first.field.widget.attrs["autofocus"] = True


def word_missing(field: forms.Field) -> Any:
    """Return what is said at a field that has to be filled in, and is empty."""
    return NOT_CHOSEN if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) else EMPTY


def is_html(text: str) -> bool:
    """Whether a message is a question with its answers, which stands at its place alone."""
    return isinstance(text, SafeString)


def list_problems(form: Any, inlines: Iterable[Any]) -> Iterator[FormProblem]:
    """Yield what is wrong with a form and its rows, as far as it is no question of a merger."""
    yield from list_wrong_fields(form)
    for one in inlines:
        for text in one.formset.non_form_errors():
            yield FormProblem(text, f"{one.formset.prefix}-group")
        for number, row in enumerate(one.formset.forms, 1):
            if not is_deleted(row):
                yield from list_wrong_fields(row, name_row(one, row, number))


def name_row(rows: Any, row: Any, number: int) -> str:
    """Return what a row is called: by the organisation that it names, else by its number."""
    instance = row.instance
    named = instance._state.fields_cache.get("organisation")  # read with the form, if it is there
    if named is not None:
        return f"{rows.opts.verbose_name} “{named}”"
    return f"{rows.opts.verbose_name} {number}"


def is_deleted(row: Any) -> bool:
    """Whether a row is ticked to be deleted; it goes, whatever is wrong with it."""
    return bool(getattr(row, "cleaned_data", {}).get(DELETION_FIELD_NAME))


def put_beside_fields(form: Any) -> None:
    """Move what a constraint says from the head of a form to the first of its fields."""
    found = form.errors.get(NON_FIELD_ERRORS)
    for error in found.as_data() if found else ():
        if name := find_field(form, error.message):
            found.data = [one for one in found.data if one is not error]
            form.add_error(name, error)
            if not found:
                del form.errors[NON_FIELD_ERRORS]


def find_field(form: Any, told: Any) -> str:
    """Return the first field in sight of which the constraint speaks that has this message."""
    model = form._meta.model
    for one in model._meta.constraints:
        if isinstance(one, CheckConstraint) and str(one.violation_error_message) == told:
            names = (name for name in find_columns(model, one) if name in form.fields)
            return next((name for name in names if not form[name].is_hidden), "")
    return ""


def list_wrong_fields(form: Any, of_row: str = "") -> Iterator[FormProblem]:
    asked = getattr(form, "asked", {})
    for name, texts in form.errors.items():
        field = form[name] if name in form.fields else None
        label = str(field.label) if field else ""
        place = capfirst(", ".join(filter(None, [of_row, label])))
        anchor = field.auto_id if field and not field.is_hidden else of_row and form.prefix
        for text in [asked[name].told] if asked.get(name) else texts:
            if not is_html(text):
                yield FormProblem(": ".join(filter(None, [place, text])), anchor)
