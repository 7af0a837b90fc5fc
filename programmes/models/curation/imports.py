"""Models of imports: partners' files, what curators answered about them, and what came of them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.people import make_user_field
from programmes.columns.texts import CleanLine, CleanText
from programmes.models.curation.drafts import LONGEST_COMMENT, ChangeDraft
from programmes.models.programme import Programme
from programmes.models.sources import Source


class Import(models.Model):
    """A partner's spreadsheet on its way into the catalogue. Only curators see it.

    The file stays as it came. What somebody chose and answered stands beside it, and everything
    else is read from these again. So nothing can be half read.
    """

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        DRAFTED = "drafted", _("Waits for review")
        DECIDED = "decided", _("Decided")
        ASIDE = "aside", _("Set aside")

    file_name = CleanLine(_("file"), max_length=200)
    content = models.BinaryField(_("content"))
    digest = CleanLine(
        _("digest"), max_length=64, db_index=True, help_text=_("SHA-256 of the content.")
    )
    sender = CleanLine(
        _("who sent it"),
        max_length=200,
        help_text=_("An organisation, never a person. It is named as the source."),
    )
    dated = CleanLine(
        _("state of the file"),
        max_length=60,
        blank=True,
        help_text=_("A year or a day, if the file or its sender says so."),
    )
    user = make_user_field(_("uploaded by"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.READING)
    choices = models.JSONField(
        _("choices"), default=dict, blank=True, help_text=_("How it is to be read.")
    )
    columns = models.JSONField(
        _("columns"), default=dict, blank=True, help_text=_("What each column becomes.")
    )
    answers = models.JSONField(
        _("answers"), default=dict, blank=True, help_text=_("What was answered, by question.")
    )
    turn = models.PositiveIntegerField(
        _("turn"), default=0, help_text=_("How often it has been answered.")
    )
    source = models.ForeignKey(
        Source,
        verbose_name=_("source"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("As which the file is named in records."),
    )
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    changed_at = models.DateTimeField(_("last step"), auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name


class ImportedRow(models.Model):
    """A row of a partner's file that became a draft: of a new record, or of a change of one."""

    sheet = models.ForeignKey(
        Import, verbose_name=_("import"), on_delete=models.CASCADE, related_name="rows"
    )
    line = models.PositiveIntegerField(_("line"))
    says = CleanLine(
        _("what it says"), max_length=64, db_index=True, help_text=_("SHA-256 of its facts.")
    )
    programme = models.ForeignKey(
        Programme, verbose_name=_("programme"), on_delete=models.CASCADE, related_name="+"
    )
    draft = models.ForeignKey(
        ChangeDraft,
        verbose_name=_("draft"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The draft of a change, where the record was there before."),
    )
    is_new = models.BooleanField(_("new record"), default=False)
    told = CleanText(
        _("what changes"), max_length=LONGEST_COMMENT, blank=True, help_text=_("In words.")
    )
    is_returned = models.BooleanField(_("returned"), default=False)
    comment = CleanText(_("comment"), max_length=LONGEST_COMMENT, blank=True)

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        ordering = ["line"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["sheet", "line"], name="imported_row_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.line}"


class ImportedRowSeen(models.Model):
    """That somebody has opened what came of a row. Only what was opened can be approved."""

    row = models.ForeignKey(
        ImportedRow, verbose_name=_("row"), on_delete=models.CASCADE, related_name="seen"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    mark = CleanLine(
        _("mark"), max_length=40, help_text=_("Which state of the record or its draft was opened.")
    )
    seen_at = models.DateTimeField(_("opened"), auto_now=True)

    class Meta:
        verbose_name = _("opened row")
        verbose_name_plural = _("opened rows")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["row", "user"], name="imported_row_seen_once"),
        ]

    def __str__(self) -> str:
        return f"{self.row}, {self.seen_at:%Y-%m-%d}"


class RememberedColumn(models.Model):
    """What the column of a partner's file became, for the next file with such a column."""

    name = CleanLine(
        _("name"), max_length=200, unique=True, help_text=_("Without capitals and accents.")
    )
    target = CleanLine(
        _("becomes"), max_length=100, help_text=_("With the unit that it counts: reach:students.")
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("remembered column")
        verbose_name_plural = _("remembered columns")
        ordering = ["name"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.target}"
