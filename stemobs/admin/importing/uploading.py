"""The first step of an import: a file is uploaded, opened, and kept as it came."""

import hashlib
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.columns.texts import CleanInput
from programmes.models import Import
from stemobs.admin.importing.steps import StepPages
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.importing.files.opening import open_file, refuse_large
from stemobs.curation.importing.files.tables import find_table
from stemobs.curation.importing.shapes import FileRefused, ReadingChoices

SECOND_CLICK = timedelta(minutes=1)  # within which the same file is taken as the same upload
LATEST = 10  # earlier imports that are listed beneath


class UploadForm(forms.Form):
    """A partner's file, who sent it, and of when it is."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,  # told in words of our own
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        help_text=gettext_lazy(
            "CSV, TSV or Excel (.xlsx), up to 5 MB and 5,000 rows. Macros and formulas are never "
            "run; a formula is shown to you as text."
        ),
    )
    sender = CleanInput(
        label=gettext_lazy("Who sent it"),
        max_length=200,
        help_text=gettext_lazy(
            "An organisation, never a person. The file is named as its source, with this publisher."
        ),
    )
    dated = CleanInput(
        label=gettext_lazy("State of the file"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("A year or a day, if the file or its sender says so."),
    )

    content: bytes = b""

    def clean_file(self) -> Any:
        """Open the file, and say in words why it cannot be read."""
        file: Any = self.cleaned_data["file"]
        try:
            refuse_large(file.size)
            self.content = file.read()
            grid = open_file(file.name, self.content, ReadingChoices())
            find_table(grid, ReadingChoices())
        except FileRefused as refused:
            raise forms.ValidationError(refused.told, code=refused.code) from refused
        return file


class TakesFiles(StepPages):
    """Takes partners' files in, where Django has a form to add a row."""

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            return self.keep(request, form)
        sent = Import.objects.defer("content").select_related("user")[:LATEST]
        context = {
            **self.describe_step(request, None, "upload"),
            "title": _("Import a spreadsheet"),
            "form": form,
            "earlier": [(sheet, self.find_address(sheet)) for sheet in sent],
        }
        return TemplateResponse(request, "admin/programmes/import/upload.html", context)

    def keep(self, request: HttpRequest, form: UploadForm) -> HttpResponse:
        """Keep a file; say so if the same one was taken in before."""
        digest = hashlib.sha256(form.content).hexdigest()
        user: Any = request.user
        given = {name: form.cleaned_data[name] for name in ("sender", "dated")}
        with transaction.atomic():
            wait_for_turn()
            before = Import.objects.filter(digest=digest).defer("content").first()
            if before and is_just_sent(before, user):
                Import.objects.filter(pk=before.pk).update(**given)
                return HttpResponseRedirect(self.find_address(before, "reading"))
            sheet = Import.objects.create(
                file_name=form.cleaned_data["file"].name[-200:],
                content=form.content,
                digest=digest,
                user=user,
                choices=before.choices if before else {},
                columns=before.columns if before else {},
                **given,
            )
        if before:
            told = _("This file was uploaded on %(day)s too. We show only what differs since.")
            day = date_format(before.created_at, "j F Y")
            self.message_user(request, told % {"day": day}, messages.WARNING)
        return HttpResponseRedirect(self.find_address(sheet, "reading"))


def is_just_sent(sheet: Import, user: Any) -> bool:
    """Whether somebody sent a file a moment ago and has not answered anything: a second click."""
    is_new = sheet.created_at > now() - SECOND_CLICK and sheet.state == Import.State.READING
    return is_new and sheet.user_id == user.pk and not sheet.answers
