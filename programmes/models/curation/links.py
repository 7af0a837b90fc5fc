"""The model of links: what was found when the addresses that the catalogue names were looked at."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine

LONGEST_ADDRESS = 600  # letters, as many as the longest column of addresses has
LONGEST_MOVED = 2000


class WebLink(models.Model):
    """An address that some record names, and what was found when it was last looked at.

    Only `manage.py check_links` writes these rows. They are the curators' and nobody else's: no
    page of readers, no change and no public dump has anything of them.
    """

    class Outcome(models.TextChoices):
        WORKS = "works", _("Works")
        MOVED = "moved", _("Works, has moved for good")
        ELSEWHERE = "elsewhere", _("Works, has moved to another site")
        FRONT_PAGE = "front-page", _("Leads to a front page")
        REFUSED = "refused", _("Refuses robots")
        SAYS_GONE = "says-gone", _("Says that there is no such page")
        NOT_FOUND = "not-found", _("Not found")
        SERVER_ERROR = "server-error", _("The server fails")
        NO_HOST = "no-host", _("No such host")
        NO_CONNECTION = "no-connection", _("Takes no connection")
        TOO_SLOW = "too-slow", _("Too slow")
        CERTIFICATE = "certificate", _("No secure connection")
        REDIRECTS = "redirects", _("Too many redirects")
        NOT_PUBLIC = "not-public", _("Leads to no public address")
        SENSELESS = "senseless", _("Answers what makes no sense")

    # Both kinds leave what was known of an address before as it was, or set it right. All other
    # outcomes are failures.
    GOOD = (Outcome.WORKS, Outcome.MOVED, Outcome.ELSEWHERE, Outcome.FRONT_PAGE)
    UNDECIDED = (Outcome.REFUSED,)

    address = CleanLine(_("address"), max_length=LONGEST_ADDRESS, unique=True)
    host = CleanLine(_("host"), max_length=LONGEST_ADDRESS, blank=True, db_index=True)
    outcome = models.CharField(_("last found"), max_length=13, choices=Outcome, blank=True)
    status = models.PositiveSmallIntegerField(
        _("status"), null=True, blank=True, help_text=_("The number that the server answered with.")
    )
    moved_to = CleanLine(
        _("leads to"),
        max_length=LONGEST_MOVED,
        blank=True,
        help_text=_("Where it has moved for good, or which front page it leads to."),
    )
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    failures = models.PositiveIntegerField(
        _("failures in a row"),
        default=0,
        help_text=_("What refuses robots is no failure, and takes none back."),
    )
    first_failed_at = models.DateTimeField(_("fails since"), null=True, blank=True)
    is_broken = models.BooleanField(
        _("broken"),
        default=False,
        db_index=True,
        help_text=_("It failed three times or more, over seven days at least."),
    )
    wait_until = models.DateTimeField(
        _("not to be asked before"),
        null=True,
        blank=True,
        help_text=_("If the server said so. That holds for its whole host."),
    )

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["address"]
        # The check alone writes them.
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.address
