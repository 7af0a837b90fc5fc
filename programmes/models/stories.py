"""The model of stories: what curators choose to tell of one programme on the home page."""

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine, CleanSlug, CleanText
from programmes.models.keys import NaturalKeyQuerySet
from programmes.models.programme import Programme, where_published

StoryRow = TypeVar("StoryRow", bound="Story")
STEPS = 3  # a drawing has three parts, each with a line below it


def where_told() -> Q:
    """Return the condition for stories that readers may see, as they may see its programme."""
    return Q(is_published=True) & where_published("programme__")


class StoryQuerySet(NaturalKeyQuerySet[StoryRow]):
    """Queries of stories."""

    def told(self) -> "StoryQuerySet[StoryRow]":
        """Return the stories that readers may see, the one chosen last first."""
        return self.filter(where_told()).order_by("-chosen_on", "-pk")


class Story(models.Model):
    """A few sentences on one programme that curators chose for the home page.

    It says nothing that the programme's entry does not say. When its programme ended or was last
    heard of, and whether somebody evaluated it, is read from the entry. It goes when its programme
    is no longer published.
    """

    class Drawing(models.TextChoices):
        """A drawing of ours in three parts."""

        INVENTION = "invention", _("An invention: drawn, designed, built")

    slug = CleanSlug(_("name in addresses"), max_length=80, unique=True)
    title = CleanLine(_("title"), max_length=120, help_text=_("What happens, in one breath."))
    programme = models.ForeignKey(
        Programme,
        verbose_name=_("programme"),
        on_delete=models.CASCADE,
        related_name="stories",
        help_text=_("The programme that it tells of."),
    )
    text = CleanText(
        _("text"),
        help_text=_(
            "A few sentences of our own that say only what the record says. An empty line begins "
            "a new paragraph."
        ),
    )
    drawing = models.CharField(
        _("drawing"),
        max_length=20,
        choices=Drawing,
        blank=True,
        help_text=_("Shown where the programme has no picture of its own."),
    )
    steps = CleanText(
        _("lines below the drawing"),
        blank=True,
        help_text=_(
            "Three lines such as “Autumn: primary pupils draw machines”, each with a colon."
        ),
    )
    chosen_on = models.DateField(
        _("chosen on"), help_text=_("The story with the latest day is on the home page.")
    )
    is_published = models.BooleanField(
        _("published"), default=False, help_text=_("Off while you still write.")
    )

    objects = StoryQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")
        ordering = ["-chosen_on", "slug"]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def clean(self) -> None:
        super().clean()
        if self.drawing and len(self.list_steps()) != STEPS:
            reason = _("A drawing needs three lines, each with a colon.")
            raise ValidationError({"steps": reason})

    def list_steps(self) -> list[tuple[str, str]]:
        """Return the lines below the drawing, each as what stands before and after its colon."""
        parts = (line.partition(":") for line in self.steps.splitlines())
        return [(first.strip(), rest.strip()) for first, colon, rest in parts if colon]
