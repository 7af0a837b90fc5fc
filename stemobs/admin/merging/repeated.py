"""A form of a new row that is sent twice: by a double click, or after going back in the browser.

The admin's log keeps a digest of what was sent beside the row that came of it.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now
from django.utils.translation import gettext as _

from stemobs.admin.saving import build_admin_url

LATELY = timedelta(days=1)
# What a form sends that says nothing of the row.
ASIDE = {"csrfmiddlewaretoken", "_save", "_continue", "_addanother", "_saveasnew"}
SENT = "sent"  # where the log keeps the digest


class AddsOnce(admin.ModelAdmin):
    """Adds one row where a person sends the same form again, and leads to that row.

    It looks in its turn, so that a second click waits until the first has added the row.
    """

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            # Before lines are read and put in place of what was sent.
            request.__dict__[SENT] = digest_sent(request)
        return super().add_view(request, *args, **kwargs)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        page: Any = self  # it knows which of its buttons save
        is_saving = SENT in request.__dict__ and not page.saves_nothing(request)
        if is_saving and (added := self.find_added(request)):
            return self.lead_to(request, added)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def find_added(self, request: HttpRequest) -> Any:
        """Return the row that this form has added already; None if there is none."""
        sent = request.__dict__[SENT]
        return list_added(request.user, self.model, change_message__contains=sent).first()

    def lead_to(self, request: HttpRequest, added: Any) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, added)
        told = _("You sent this form twice. It added “%(row)s” once, and here it is.")
        self.message_user(request, told % {"row": added}, messages.WARNING)
        return HttpResponseRedirect(build_admin_url(added))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_addition(request, obj, [*message, {SENT: request.__dict__.get(SENT)}])


def digest_sent(request: HttpRequest) -> str:
    """Return a digest of what a form says, whichever button sent it."""
    said = sorted((name, told) for name, told in request.POST.lists() if name not in ASIDE)
    sent: Any = request.FILES.items()
    files = sorted((name, file.name, file.size) for name, file in sent)
    return hashlib.sha256(json.dumps([said, files]).encode()).hexdigest()


def list_added(user: Any, model: type[Model], **logged: Any) -> QuerySet[Any]:
    """Return the rows that a person has added lately, as far as the log says this of them."""
    entries = LogEntry.objects.filter(
        user=user,
        content_type=ContentType.objects.get_for_model(model),
        action_flag=ADDITION,
        action_time__gte=now() - LATELY,
        **logged,
    )
    return model._base_manager.filter(pk__in=[*entries.values_list("object_id", flat=True)])
