"""The page on which a record gets another address: what leads to it, and that this stays so."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _

from programmes.models import Programme
from stemobs.admin.checking.problems import EMPTY
from stemobs.admin.moves.finding import FindsRecord, describe_moving
from stemobs.admin.moves.sending import send_form
from stemobs.admin.saving import build_admin_url
from stemobs.curation.states import PUBLIC_ONCE, Refused, describe_role, may_write

SLUG, FORMER = "slug", "was"  # fields of the page
SLUG_FIELD: Any = Programme._meta.get_field("slug").formfield(error_messages={"required": EMPTY})


class RenamesRecords(FindsRecord, admin.ModelAdmin):
    """Gives a record another address; the former one goes on leading to it."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_address)
        return [
            path("<path:object_id>/address/", view, name="programmes_programme_address"),
            *super().get_urls(),
        ]

    def show_address(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the address of a record and what leads there; a POST changes it."""
        record = self.find_record_to_move(request, object_id)
        if not may_write(request.user, record):
            raise Refused(describe_role(request.user))
        if request.method != "POST":
            return self.draw_address(request, record)
        try:
            slug = SLUG_FIELD.clean(request.POST.get(SLUG, ""))
        except ValidationError as error:
            return self.draw_address(request, record, error.messages)
        if wrong := self.rename(request, record, slug):
            record.refresh_from_db()
            return self.draw_address(request, record, wrong)
        return HttpResponseRedirect(build_admin_url(record))

    def rename(self, request: HttpRequest, record: Programme, slug: str) -> list[str]:
        """Give a record another address, as its form does; return what is wrong, if anything is."""
        former = record.slug
        if request.POST.get(FORMER) != former:
            return [_("Somebody has changed the address meanwhile. Look at it as it is now.")]
        if slug == former:
            return [_("This is the address that it has. Type another one.")]
        if other := Programme.objects.filter(slug=slug).first():
            return [_("“%(name)s” has this address. Choose another.") % {"name": other}]
        why = _("Its address was /programmes/%(slug)s/.") % {"slug": former}
        if wrong := send_form(self, request, record, {"slug": slug}, why):
            return wrong
        self.message_user(request, word_renamed(record.pk, slug, former), messages.SUCCESS)
        return []

    def draw_address(
        self, request: HttpRequest, record: Programme, wrong: list[str] | None = None
    ) -> HttpResponse:
        context = {
            **describe_moving(self, request, record),
            "title": _("Change the address"),
            "wrong": wrong or [],
            "typed": request.POST.get(SLUG, ""),
            "was_public": record.state in PUBLIC_ONCE,
        }
        template = "admin/programmes/programme/address.html"
        return TemplateResponse(request, template, context, status=409 if wrong else 200)


def word_renamed(pk: int, slug: str, former: str) -> Any:
    """Return what became of a new address: it is there, or waits for somebody to approve it."""
    now = Programme.objects.get(pk=pk)
    if now.slug != slug:
        return _("The new address is in a draft of a change. It waits for somebody to approve it.")
    if now.state not in PUBLIC_ONCE:
        return _("Its address will be /programmes/%(slug)s/.") % {"slug": slug}
    told = _("Its address is {} now. /programmes/{}/ goes on leading there.")
    shown = format_html('<a href="{0}">{0}</a>', now.get_absolute_url())
    return format_html(told, shown, former)
