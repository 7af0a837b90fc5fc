"""Models of what changed and what was before: the change feed and the history.

Triggers write them. Only edits are begun and ended by whoever writes to the catalogue.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.exact import ExactNumbers
from programmes.columns.texts import CleanLine


class Edit(models.Model):
    """What was written to the catalogue in one go: when, how, by whom and why.

    The revision stands here alone, for all versions of the edit. It is written at the end: of the
    transaction on PostgreSQL, so that until then nobody waits for the next number; of the edit on
    SQLite.
    """

    class Kind(models.TextChoices):
        CURATOR = "curator", _("By a curator")
        CHECK = "check", _("Checked against its sources")
        SEED = "seed", _("From the fixtures")
        DUMP = "dump", _("From a dump")
        TASK = "task", _("By the site itself")
        DIRECT = "direct", _("Directly in the database")
        # Has no versions: what was before its revision cannot be told.
        UNSEEN = "unseen", _("Written where nothing was kept")
        # Has no versions: what came after its revision was lost, and a backup was restored.
        ENDED = "ended", _("The last of a history that was lost")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Never shown to the public."),
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    reason = CleanLine(_("reason"), max_length=600, blank=True)
    revision = models.PositiveBigIntegerField(
        _("revision"),
        null=True,
        db_index=True,
        help_text=_("The one that it led to. Empty while it is being made."),
    )

    class Meta:
        verbose_name = _("edit")
        verbose_name_plural = _("edits")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, revision {self.revision}"


class Revision(models.Model):
    """The one row that counts how often the catalogue has changed.

    Whoever writes to the catalogue raises it in the same transaction: on PostgreSQL when it ends,
    on SQLite, which has one writer at a time, at once. Its row is locked from then to the commit.
    So a higher number is always a later commit, and no reader can miss one.
    """

    number = models.PositiveBigIntegerField(_("number"), default=1)
    changed_at = models.DateTimeField(_("changed"), auto_now_add=True)
    transaction = models.CharField(
        _("transaction"),
        max_length=20,
        blank=True,
        help_text=_("PostgreSQL's id of the last transaction that raised the number."),
    )
    history = models.UUIDField(
        _("history"),
        default=uuid.uuid4,
        editable=False,
        help_text=_("To which history the number belongs. A number of another means nothing here."),
    )
    origin = models.CharField(
        _("origin"),
        max_length=60,
        blank=True,
        editable=False,
        help_text=_(
            "Which server of PostgreSQL, which of its timelines and which table gave the number. "
            "Where another gives the next, a history begins."
        ),
    )
    edit = models.ForeignKey(
        Edit,
        verbose_name=_("edit"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
        help_text=_("The one that is being made. On SQLite only."),
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


class Version(models.Model):
    """A row of the catalogue as it was before a write, or that there was none before.

    A row of two programmes, as lineage, has a version for each. If a row was moved from one
    programme to another, the former has its old content, and for the latter it is a new row.
    If something was taken out of the content, “withheld” stands among the columns and says why.
    """

    class Operation(models.TextChoices):
        INSERT = "I", _("Inserted")
        UPDATE = "U", _("Updated")
        DELETE = "D", _("Deleted")

    edit = models.ForeignKey(
        Edit, verbose_name=_("edit"), on_delete=models.PROTECT, related_name="versions"
    )
    model = models.CharField(
        _("model"), max_length=80, help_text=_("Such as programmes.programme.")
    )
    object_id = models.PositiveBigIntegerField(_("row"))
    operation = models.CharField(_("operation"), max_length=1, choices=Operation)
    programme_id = models.PositiveBigIntegerField(
        _("programme"), null=True, help_text=_("The one that the row is about, if any.")
    )
    organisation_id = models.PositiveBigIntegerField(
        _("organisation"), null=True, help_text=_("The one that the row is about, if any.")
    )
    was = models.JSONField(
        _("content before"),
        null=True,
        decoder=ExactNumbers,
        help_text=_("By column, without what was empty. None for an inserted row."),
    )

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        indexes = [
            models.Index(fields=["model", "object_id"], name="version_row"),
            models.Index(
                fields=["programme_id"],
                name="version_programme",
                condition=models.Q(programme_id__isnull=False),
            ),
            models.Index(
                fields=["organisation_id"],
                name="version_organisation",
                condition=models.Q(organisation_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}, {self.get_operation_display()}"


class Redaction(models.Model):
    """A line of a record's history whose content nobody is shown any more, and why.

    The line stays with its date. What it brought into the record is gone from all versions.
    """

    edit = models.ForeignKey(
        Edit, verbose_name=_("edit"), on_delete=models.PROTECT, related_name="redactions"
    )
    programme_id = models.PositiveBigIntegerField(_("programme"), db_index=True)
    reason = CleanLine(
        _("reason"), max_length=300, help_text=_("Shown to everybody in place of the content.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("Never shown to the public."),
    )
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("redaction")
        verbose_name_plural = _("redactions")
        constraints = [
            models.UniqueConstraint(fields=["edit", "programme_id"], name="redaction_once"),
        ]

    def __str__(self) -> str:
        return self.reason
