"""Models of what else a programme is or was called: other names, and former addresses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine
from programmes.columns.validators import LANGUAGE_CODE
from programmes.models.keys import FormerAddress, NaturalKeyQuerySet
from programmes.models.programme import Programme


class ProgrammeName(models.Model):
    """Another name of a programme, such as “Jongeren en Technologie Netwerk Nederland”."""

    class Kind(models.TextChoices):
        NATIVE = "native", _("In its own language")
        ALIAS = "alias", _("Also called")
        FORMER = "former", _("Formerly")

    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.CASCADE, related_name="names"
    )
    name = CleanLine(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.ALIAS)
    language = CleanLine(_("language"), max_length=3, blank=True, validators=[LANGUAGE_CODE])

    objects = NaturalKeyQuerySet.as_manager()
    natural_key_fields = ("programme__slug", "name")

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "name"],
                name="programme_name_once",
                violation_error_message=_("The programme already has this name. Remove it here."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str]:
        return (self.programme.slug, self.name)


class FormerSlug(FormerAddress):
    """An address that a programme once had; it still leads there."""

    programme = models.ForeignKey(
        Programme,
        verbose_name=_("programme"),
        on_delete=models.CASCADE,
        related_name="former_slugs",
    )

    class Meta(FormerAddress.Meta):
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
