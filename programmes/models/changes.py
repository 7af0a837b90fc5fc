"""What changed, and since when: written by the database's own triggers, never by hand."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Revision(models.Model):
    """The one row that counts how often the catalogue has changed.

    Whoever writes to the catalogue raises it in the same transaction and so holds its lock until
    the commit: a higher number is always the later commit, and no reader can miss one.
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

    One row each, kept when the row it is about is deleted, so that the table stays small and a
    process that was away for months still finds everything that it missed.
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
