"""Models of the way in: how schools, companies and others take part, and which office to ask."""

from django.core.validators import EmailValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine, CleanText, CleanURL, make_web_constraint
from programmes.models.facts import Fact
from programmes.models.programme import Programme
from programmes.models.sources import Source

# What makes a way in an opening: a source gives it, nothing says that it is closed, and the
# programme runs. “Open to” means this everywhere.
OPENING = Q(is_open=True, source__isnull=False, programme__status=Programme.Status.ACTIVE)


class TakingPart(Fact):
    """How one kind of people joins: a school applies to CREST by its local coordinator."""

    class Audience(models.TextChoices):
        """For whom the way in is."""

        SCHOOLS = "schools", _("Schools")
        COMPANIES = "companies", _("Companies")
        TEACHERS = "teachers", _("Teachers")
        UNIVERSITIES = "universities", _("Universities")
        FAMILIES = "families", _("Families")
        VOLUNTEERS = "volunteers", _("Volunteers")
        OTHERS = "others", _("Others")

    programme = models.ForeignKey(
        Programme,
        verbose_name=_("programme"),
        on_delete=models.CASCADE,
        related_name="taking_part",
    )
    audience = models.CharField(_("for whom"), max_length=12, choices=Audience)
    how = CleanText(
        _("how to join"), blank=True, help_text=_("In our own words: what they do first.")
    )
    who_may_join = CleanLine(_("who may join"), max_length=300, blank=True)
    cost = CleanLine(_("cost"), max_length=400, blank=True)
    time = CleanLine(_("time it takes"), max_length=200, blank=True)
    when = CleanLine(_("when"), max_length=200, blank=True)
    further_sources = models.ManyToManyField(
        Source,
        verbose_name=_("further sources"),
        blank=True,
        related_name="+",
        help_text=_("Sources of cost, time and the like where the first says nothing."),
    )
    is_open = models.BooleanField(
        _("open"),
        default=True,
        help_text=_("Untick when a source says that they cannot join, or no longer can."),
    )

    class Meta(Fact.Meta):
        verbose_name = _("way in")
        verbose_name_plural = _("ways in")
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(how="")
                | ~Q(who_may_join="")
                | ~Q(time="")
                | ~Q(cost="")
                | ~Q(when=""),
                name="taking_part_says_something",
                violation_error_message=_(
                    "Say at least one thing: how or when they join, who may, the time or the cost."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()}: {self.how or self.who_may_join}"

    @property
    def is_opening(self) -> bool:
        """Whether the programme is open to them, by the rule of OPENING."""
        runs = self.programme.status == Programme.Status.ACTIVE
        return self.is_open and self.source_id is not None and runs


class Contact(Fact):
    """The office to ask, and its public page; never a person."""

    office = CleanLine(
        _("office"), max_length=200, help_text=_("An office or a team, never a person.")
    )
    url = CleanURL(_("page"), max_length=400, blank=True)
    email = CleanLine(
        _("email"),
        max_length=120,
        blank=True,
        validators=[EmailValidator()],
        help_text=_("The office’s published address, never a person’s own."),
    )

    class Meta(Fact.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            *Fact.Meta.constraints,
            make_web_constraint("url", "contact_url_is_of_web"),
        ]

    def __str__(self) -> str:
        return self.office
