"""The model of sources, and the base model of every row that cites a source."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.rows import CheckedRow, WordedRow
from programmes.columns.texts import (
    CleanLine,
    CleanSlug,
    CleanText,
    CleanURL,
    make_web_constraint,
)
from programmes.models.keys import FormerAddress, MergedAwayQuerySet


def make_public_field() -> models.BooleanField:
    """Return the column of what readers see as soon as something that they see names it.

    Triggers set it, and nothing takes it back. So forms and fixtures need not know of it.
    """
    return models.BooleanField(
        _("shown to readers"),
        default=False,
        editable=False,
        help_text=_("Set by itself as soon as something published names it, and from then on."),
    )


class SourceQuerySet(MergedAwayQuerySet["Source"]):
    """Queries of sources: those that readers may see."""

    def public(self) -> "SourceQuerySet":
        return self.filter(is_public=True)


class Source(WordedRow):
    """A page, document or report that facts were taken from, such as Jet-Net's page of 2016."""

    class Kind(models.TextChoices):
        PAGE = "page", _("Web page")
        NEWS = "news", _("News item")
        DOCUMENT = "document", _("Document")
        REPORT = "report", _("Report")

    class LinkState(models.TextChoices):
        UNCHECKED = "unchecked", _("Not checked")
        WORKS = "works", _("Works")
        BROKEN = "broken", _("Broken")
        ABSENT = "absent", _("Not online")

    slug = CleanSlug(_("name in addresses"), max_length=80, unique=True)
    title = CleanLine(_("title"), max_length=300)
    publisher = CleanLine(
        _("publisher"),
        max_length=200,
        blank=True,
        help_text=_("The organisation or site that publishes it. Never a person."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PAGE)
    url = CleanURL(_("address"), max_length=600, blank=True)
    language = CleanLine(
        _("language"),
        max_length=3,
        blank=True,
        help_text=_("Code of the language (ISO 639-1), such as nl. Leave empty if not known."),
    )
    published = CleanLine(
        _("published"),
        max_length=60,
        blank=True,
        help_text=_("Year or date as the source gives it. Leave empty if it has none."),
    )
    recorded_on = models.DateField(
        _("recorded on"),
        null=True,
        blank=True,
        help_text=_("The day on which facts were taken from this source."),
    )
    archived_url = CleanURL(
        _("archived copy"),
        max_length=600,
        blank=True,
        help_text=_("Address of a stored copy, in case the page goes."),
    )
    link_state = models.CharField(
        _("link"), max_length=10, choices=LinkState, default=LinkState.UNCHECKED
    )
    note = CleanText(
        _("note"), blank=True, help_text=_("What a reader should know before trusting it.")
    )

    is_public = make_public_field()

    objects = SourceQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["title", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["url"],
                condition=~models.Q(url=""),
                name="source_address_once",
                violation_error_message=_(
                    "Another source has this address. Use that source instead."
                ),
            ),
            make_web_constraint("url", "source_url_is_of_web"),
            make_web_constraint("archived_url", "source_archived_url_is_of_web"),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class FormerSourceSlug(FormerAddress):
    """The name in addresses of a source that was merged into another; it leads there."""

    source = models.ForeignKey(
        Source, verbose_name=_("source"), on_delete=models.CASCADE, related_name="former_slugs"
    )

    class Meta(FormerAddress.Meta):
        verbose_name = _("former address of a source")
        verbose_name_plural = _("former addresses of sources")


class Sourced(CheckedRow):
    """Base of every row that says something: which source says it, and where in the source."""

    source = models.ForeignKey(
        Source,
        verbose_name=_("source"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    locator = CleanLine(
        _("place in the source"),
        max_length=120,
        blank=True,
        help_text=_("Where in the source it says so, such as “p. 4”."),
    )

    class Meta:
        abstract = True
