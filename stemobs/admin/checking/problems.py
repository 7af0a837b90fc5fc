"""What keeps a form from being saved, in one list: each fault leads to its place in the form."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.text import capfirst


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
            rows = [one.formset for one in context["inline_admin_formsets"]]
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


def is_html(text: str) -> bool:
    """Whether a message is a question with its answers, which stands at its place alone."""
    return isinstance(text, SafeString)


def list_problems(form: Any, formsets: Iterable[Any]) -> Iterator[FormProblem]:
    """Yield what is wrong with a form and its rows, as far as it is no question of a merger."""
    yield from list_wrong_fields(form)
    for formset in formsets:
        for text in formset.non_form_errors():
            yield FormProblem(text, f"{formset.prefix}-group")
        for number, row in enumerate(formset.forms, 1):
            if formset.can_delete and formset._should_delete_form(row):
                continue  # it goes, whatever is wrong with it
            yield from list_wrong_fields(row, f"{row.instance._meta.verbose_name} {number}")


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
