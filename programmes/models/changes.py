"""Models of the change feed: revisions, changed rows and departures, written by triggers only."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Revision(models.Model):
    """The one row that counts how often the catalogue has changed.

    Whoever writes to the catalogue raises it in the same transaction, and holds its lock until
    the commit. So a higher number is always a later commit, and no reader can miss one.
    """

    number = models.PositiveBigIntegerField(_("number"), default=1)
    changed_at = models.DateTimeField(_("changed"), auto_now_add=True)
    transaction = models.CharField(
        _("transaction"),
        max_length=20,
        blank=True,
        help_text=_("PostgreSQL's id of the last transaction that raised the number."),
    )

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")

    def __str__(self) -> str:
        return str(self.number)


class Change(models.Model):
    """The last revision in which a programme or an organisation, or a fact about it, changed.

    There is one row for each, so that the table stays small. It is kept when what it is about is
    deleted, so that a process that was away for months still finds everything that it missed.
    """

    class Subject(models.TextChoices):
        PROGRAMME = "programme", _("Programme")
        ORGANISATION = "organisation", _("Organisation")
        EVERYTHING = "everything", _("Everything")

    subject = models.CharField(_("subject"), max_length=12, choices=Subject)
    object_id = models.PositiveBigIntegerField(_("row"), help_text=_("0 for everything."))
    revision = models.PositiveBigIntegerField(_("revision"), db_index=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        constraints = [
            models.UniqueConstraint(fields=["subject", "object_id"], name="change_subject_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.object_id}, revision {self.revision}"


class Departure(models.Model):
    """A programme or an organisation that readers could see, until a revision took it from them.

    It is the only proof that an entry was once public, so that whoever keeps a copy can be told
    that it went. Nobody is told of an entry that never was public. If the entry came back, the row
    means nothing.
    """

    subject = models.CharField(_("subject"), max_length=12, choices=Change.Subject)
    object_id = models.PositiveBigIntegerField(_("row"))
    slug = models.SlugField(
        _("name in addresses"),
        max_length=80,
        db_index=False,
        help_text=_("The one that readers knew it by."),
    )
    revision = models.PositiveBigIntegerField(_("revision"))

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        constraints = [
            models.UniqueConstraint(fields=["subject", "object_id"], name="departure_subject_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.slug}, revision {self.revision}"
