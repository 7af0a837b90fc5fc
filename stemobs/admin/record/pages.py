"""Pages of records whose facts may be typed as lines, drawn section by section."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemobs.admin.checking.problems import is_deleted
from stemobs.admin.merging.merging import Merge
from stemobs.admin.merging.pages import ask_in_form, find_merge
from stemobs.admin.record.landing import choose_landing
from stemobs.admin.record.naming import name_stored
from stemobs.admin.record.reading import READ, FormRead, is_only_read
from stemobs.admin.record.sections import Lines, Section, build_parts


class ReadsLines(admin.ModelAdmin):
    """Reads lines in the form of a record: they become rows, and nothing is saved by reading."""

    sections: tuple[Section, ...] = ()
    lines: dict[str, Lines] = {}  # by the prefixes of rows

    def saves_nothing(self, request: HttpRequest) -> bool:
        return is_only_read(request.POST)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            reading = FormRead(request)
            reading.run()
            request.POST = reading.data
            request.__dict__["reading"] = reading
        return super().changeform_view(request, *args, **kwargs)

    def show_again(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if reading := find_reading(request):
            reading.forget_made()
        page: Any = super()  # one that refuses what it has saved
        return page.show_again(request, *args, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class: Any = super().get_form(request, obj, change=change, **kwargs)
        reading = find_reading(request)
        is_only_read = reading and reading.is_only_read
        return make_only_read(form_class, find_merge(request)) if is_only_read else form_class

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        if reading := find_reading(request):
            given["form_kwargs"] = {**given.get("form_kwargs", {}), "reading": reading}
        return given

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        reading = find_reading(request)
        response = super().render_change_form(request, context, *args, **kwargs)
        if reading and READ in reading.data:
            forms = [one for rows in context["inline_admin_formsets"] for one in rows.formset]
            asked = [one for one in forms if one.errors and not is_deleted(one)]
            self.tell_what_was_read(request, reading, len(asked))
        merge = context["merge"]
        if reading and reading.is_only_read and not (merge and merge.is_refused):
            context["problems"] = []  # nothing was to be saved, so nothing stands in the way
        parts = list(build_parts(self.sections, self.lines, context, reading))
        if not (context["problems"] or context["refusals"]):
            choose_landing(parts, reading, bool(context.get("add")))
        context |= {"sections": parts, "is_nav_sidebar_enabled": False, "reading": reading}
        return response

    def name_stored(self, request: HttpRequest) -> None:
        if reading := find_reading(request):
            request.POST = name_stored(reading, request.POST)

    def begin(self, context: Mapping[str, Any]) -> None:
        """Leave it to the sections where a new record begins: with its sources."""

    def tell_what_was_read(self, request: HttpRequest, reading: FormRead, asked: int) -> None:
        number = sum(reading.found.values())
        told = ngettext(
            "Read: %(number)d row. Nothing is saved yet.",
            "Read: %(number)d rows. Nothing is saved yet.",
            number,
        )
        if not number:
            told = _("There was no new line to read. Nothing is saved yet.")
        if asked:
            told += " " + ngettext(
                "%(asked)d row has a question.", "%(asked)d rows have a question.", asked
            )
        level = messages.WARNING if asked else messages.INFO
        self.message_user(request, told % {"number": number, "asked": asked}, level)


def find_reading(request: HttpRequest) -> FormRead | None:
    return request.__dict__.get("reading")


def make_only_read(form_class: Any, merge: Merge | None) -> Any:
    """Return a form class that shows what was typed, and neither checks nor saves it.

    What two people have changed differently is asked all the same.
    """

    class OnlyRead(form_class):
        def is_valid(self) -> bool:
            return False

        def full_clean(self) -> None:
            super().full_clean()
            self._errors.clear()
            if merge and merge.is_refused:
                ask_in_form(self, merge)

    return OnlyRead
