"""The picture in the form of a record: what is shown of it, and what becomes of one that goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import path
from django.utils.safestring import SafeString

from programmes.models import PRIVATE, ChangeDraft, Programme, discard_picture
from programmes.pictures.fields import PictureField
from programmes.pictures.names import list_originals

# The columns of a picture: its file, and what a record says of it.
PICTURE_COLUMNS = ("logo", "logo_alt", "logo_credit", "logo_licence")


@dataclass(frozen=True)
class ShownPicture:
    """A picture beside another one, with what is said of it."""

    title: str
    picture: Any  # a stored one; falsy for none
    alt: str
    credit: str
    licence: str

    @property
    def is_there(self) -> bool:
        """Whether its file is, which the history does not keep from being deleted."""
        return bool(default_storage.exists(self.picture.name))


def show_picture_of(record: Programme, title: str) -> ShownPicture:
    """Return the picture of a record as curators compare it, also if it has none."""
    return ShownPicture(
        title, record.logo, record.logo_alt, record.logo_credit, record.logo_licence
    )


class ChoosePicture(AdminFileWidget):
    """Shows the present picture with its size, and takes another."""

    template_name = "admin/record/picture.html"

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the field; its template stands with those of the site."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))


class ShowsPicture(admin.ModelAdmin):
    """Shows curators the picture of a record, and deletes one that nothing has any more."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if isinstance(db_field, PictureField):
            kwargs["widget"] = ChoosePicture
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    # What is not published

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_picture)
        picture = path("picture/<str:name>", view, name="programmes_programme_picture")
        return [picture, *super().get_urls()]

    def show_picture(self, request: HttpRequest, name: str) -> FileResponse:
        """Show curators a picture that readers do not see yet, or a rendition of it.

        A record has to have it that they may see, or an open draft that they may.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        stored = f"{PRIVATE}{name}"
        owners = [*self.list_owners(request, list_originals(stored))]
        if not owners or not default_storage.exists(stored):
            raise Http404
        if not any(owners):
            raise PermissionDenied
        return FileResponse(default_storage.open(stored), filename=name)

    def list_owners(self, request: HttpRequest, names: list[str]) -> Iterator[bool]:
        """Yield whether somebody may see each of the records and drafts that have a picture."""
        for record in Programme.objects.filter(logo__in=names):
            yield self.has_view_permission(request, record)
        for draft in ChangeDraft.objects.filter(picture__in=names, state__in=ChangeDraft.OPEN):
            yield self.has_change_permission(request, draft.programme)

    # Saving and deleting

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "logo" in form.changed_data and form.initial["logo"]:
            discard_picture(form.initial["logo"].name)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self.discard_pictures([obj.logo.name])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        names = [*queryset.values_list("logo", flat=True)]
        super().delete_queryset(request, queryset)
        self.discard_pictures(names)

    def discard_pictures(self, names: list[str]) -> None:
        for name in filter(None, names):
            discard_picture(name)
