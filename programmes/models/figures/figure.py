"""The base model of every number, and the one rule of which figures stand.

A figure is superseded by a newer one, or retracted as a misreading. Both stay as rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from programmes.columns.texts import CleanLine
from programmes.columns.validators import YEAR_VALIDATORS
from programmes.models.circles import refuse_circle

FigureRow = TypeVar("FigureRow")
OneFigure = TypeVar("OneFigure", bound="Figure")
OTHER_PROGRAMME = _("A figure cannot be replaced by one of another programme.")
OTHER_UNIT = _("A figure cannot be replaced by one with another unit.")


class Figure(models.Model):
    """Base of every number: “over 4,500” is not 4,500, and a range has two ends.

    A figure is never written over. A newer one is another row, which supersedes it: “earlier: 40
    (2019)”. A misreading is retracted: it is not shown any more, and the history says why.
    """

    class Qualifier(models.TextChoices):
        EXACT = "exact", _("exactly")
        ABOUT = "about", _("about")
        OVER = "over", _("over")
        NEARLY = "nearly", _("nearly")
        AT_LEAST = "at-least", _("at least")
        UP_TO = "up-to", _("up to")
        RANGE = "range", _("from … to …")

    qualifier = models.CharField(
        _("qualifier"), max_length=8, choices=Qualifier, default=Qualifier.EXACT
    )
    period = CleanLine(
        _("period"), max_length=60, blank=True, help_text=_("In the source's own words.")
    )
    year_from = models.PositiveSmallIntegerField(
        _("from year"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    year_to = models.PositiveSmallIntegerField(
        _("to year"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    note = CleanLine(_("note"), max_length=300, blank=True)
    superseded_by = models.ForeignKey(
        "self",
        verbose_name=_("replaced by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaces",
        help_text=_("The newer figure. This one is then shown as an earlier one."),
    )
    retracted_because = CleanLine(
        _("retracted because"),
        max_length=300,
        blank=True,
        help_text=_("Why it was never right. It is shown no more; the history tells readers why."),
    )
    retracted_on = models.DateField(_("retracted on"), null=True, blank=True)

    superseded_by_id: int | None
    replaces: Any  # the manager of the figures that it superseded
    never_in_circles = ("superseded_by",)
    checked_links = ("superseded_by",)
    # Columns in which a figure equals the one that supersedes it, and what to say if it does not.
    alike: ClassVar[Mapping[str, Any]] = {}
    earlier: Sequence[Any] = ()  # those that it superseded, once `list_figures` has found them

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(superseded_by=None) | ~Q(superseded_by=F("pk")),
                name="%(class)s_not_replaced_by_itself",
                violation_error_message=_("A figure cannot replace itself. Choose another."),
            ),
            models.CheckConstraint(
                condition=Q(retracted_because="", retracted_on=None)
                | (~Q(retracted_because="") & ~Q(retracted_on=None)),
                name="%(class)s_retracted_with_reason",
                violation_error_message=_("Say why it is retracted."),
            ),
            models.CheckConstraint(
                condition=Q(year_to__gte=F("year_from")) | Q(year_to=None) | Q(year_from=None),
                name="%(class)s_years_in_order",
                violation_error_message=_("The last year is before the first. Check both."),
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.settle_day()
        if "retracted_because" in (named := kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*named, "retracted_on"}
        super().save(*args, **kwargs)

    def settle_day(self) -> None:
        """Note the day of a retraction, unless it has one."""
        if not self.retracted_because:
            self.retracted_on = None
        elif self.retracted_on is None:
            self.retracted_on = timezone.localdate()

    def clean(self) -> None:
        super().clean()
        self.settle_day()
        self.refuse_wrong_successor()
        refuse_circle(self, self.never_in_circles)

    @property
    def is_current(self) -> bool:
        """Whether it stands, by the rule of `where_current`."""
        return self.superseded_by_id is None and self.retracted_on is None

    def refuse_wrong_successor(self) -> None:
        """Raise ValidationError if no figure may be superseded by what this, or it, is now."""
        rows: Any = type(self)._base_manager
        successor = self.superseded_by_id and rows.filter(pk=self.superseded_by_id).first()
        if successor and (reason := tell_misfit(self, successor)):
            raise ValidationError({"superseded_by": reason})
        for one in self.replaces.all() if self.pk else ():
            if reason := tell_misfit(one, self):
                told = _("It replaces “%(figure)s”. First empty “replaced by” there, and save.")
                raise ValidationError({"superseded_by": [told % {"figure": one}, reason]})


def where_current(path: str = "") -> Q:
    """Return the condition for figures that stand: not superseded, not retracted.

    Only these are counted, added up and compared. `path` leads to the figure.
    """
    return Q(**{f"{path}superseded_by": None, f"{path}retracted_on": None})


def tell_misfit(old: Any, new: Any) -> Any:
    """Return why one figure cannot be superseded by another; "" if it can."""
    if new.pk is not None and new.pk == old.pk:
        return _("A figure cannot replace itself. Choose another.")
    if new.retracted_because:
        return _("A figure that was retracted cannot replace another.")
    for name, told in old.alike.items():
        if getattr(old, name) != getattr(new, name):
            return told
    return ""


def pair_with_earlier(
    rows: Iterable[FigureRow], read: Callable[[Any, str], Any] = getattr
) -> list[tuple[FigureRow, list[FigureRow]]]:
    """Return the figures that stand, each with those that it superseded, the latest first.

    `read` returns a column of a row. What was retracted is nowhere among them.
    """
    current: list[FigureRow] = []
    superseded: defaultdict[int, list[FigureRow]] = defaultdict(list)
    for row in rows:
        if read(row, "retracted_on") is None:
            following = read(row, "superseded_by_id")
            (current if following is None else superseded[following]).append(row)
    return [(row, list(walk_back(row, superseded, read))) for row in current]


def walk_back(
    figure: FigureRow, superseded: Mapping[int, list[FigureRow]], read: Callable[[Any, str], Any]
) -> Iterator[FigureRow]:
    """Yield what a figure superseded, and what that had superseded in its turn."""
    for row in superseded.get(read(figure, "id"), ()):
        yield row
        yield from walk_back(row, superseded, read)


def list_figures(rows: Iterable[OneFigure]) -> list[OneFigure]:
    """Return the figures that stand; each knows its `earlier` ones."""
    told: list[OneFigure] = []
    for row, earlier in pair_with_earlier(rows):
        row.earlier = earlier
        told.append(row)
    return told
