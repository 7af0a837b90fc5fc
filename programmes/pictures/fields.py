"""The column of a picture: whatever is stored in it was taken in by the rules for uploads."""

from typing import Any

from django import forms
from django.core.files.storage import default_storage
from django.db import models
from django.db.models.fields.files import ImageFieldFile

from programmes.pictures.accepting import CleanPicture, accept_picture
from programmes.pictures.names import Size, find_size, find_small_size, list_renditions
from programmes.pictures.storing import StoredPicture, store_picture


class PictureFile(ImageFieldFile):
    """A stored picture, which knows its size and its renditions without opening a file."""

    @property
    def pixels(self) -> Size | None:
        return find_size(self.name or "")

    # For these two Django opens the file. They are None if the name has no size.
    @property
    def width(self) -> Any:
        return self.pixels and self.pixels.width

    @property
    def height(self) -> Any:
        return self.pixels and self.pixels.height

    @property
    def shown_url(self) -> str:
        """The address of a rendition for browsers that choose none themselves."""
        made = list_renditions(self.name or "")
        return default_storage.url(made[len(made) // 2].name) if made else self.url

    @property
    def small_url(self) -> str:
        """The address of the narrowest rendition."""
        made = list_renditions(self.name or "")
        return default_storage.url(made[0].name) if made else self.url

    @property
    def small_pixels(self) -> Size | None:
        """The size of the narrowest rendition."""
        return find_small_size(self.name or "")

    @property
    def srcset(self) -> str:
        """The renditions as browsers read them; "" of a picture without."""
        made = list_renditions(self.name or "")
        return ", ".join(f"{default_storage.url(one.name)} {one.width}w" for one in made)

    def save(self, name: str, content: Any, save: bool = True) -> None:
        """Store a picture with its renditions; raise ValidationError if it cannot be taken."""
        picture = accept_picture(content)
        name = self.field.generate_filename(self.instance, picture.name or "")
        self.name = store_picture(name, picture)
        setattr(self.instance, self.field.attname, self.name)
        self._committed = True
        if save:
            self.instance.save()


class PictureInput(forms.FileField):
    """Takes an upload as a clean picture, or says what is wrong with it."""

    def to_python(self, data: Any) -> CleanPicture | None:
        file = super().to_python(data)
        return None if file is None else accept_picture(file)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return the picture that is shown: that of a draft, else the stored one."""
        return data if isinstance(data, StoredPicture) else initial

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": "image/jpeg,image/png,image/webp"}


class PictureField(models.ImageField):
    """The column of a picture."""

    attr_class = PictureFile

    def formfield(self, **kwargs: Any) -> Any:
        # The name on somebody's own computer is kept nowhere, so it may be long.
        return super().formfield(**{"form_class": PictureInput, **kwargs, "max_length": None})
