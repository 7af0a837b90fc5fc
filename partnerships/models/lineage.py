"""The model of lineage: how one programme, strategy or platform came from another."""

from collections.abc import Collection, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partnerships.models.strategies import NationalPlatform, Strategy
from programmes.models import (
    YEAR_VALIDATORS,
    CleanLine,
    CleanSlug,
    NaturalKeyQuerySet,
    Programme,
    Sourced,
    where_published,
)

# An entry at an end of a row.
Entry = Programme | Strategy | NationalPlatform
FROM_ENTRIES = {"from_programme": Programme, "from_strategy": Strategy}
TO_ENTRIES = {"to_programme": Programme, "to_strategy": Strategy, "to_platform": NationalPlatform}


class LineageQuerySet(NaturalKeyQuerySet["Lineage"]):
    """Queries of lineage rows: only public ones, and with both ends loaded."""

    def public(self, programme: Programme | None = None) -> "LineageQuerySet":
        """Leave out rows with an unpublished programme at an end, unless it is `programme`."""
        ends = {
            end: Q(**{end: None}) | where_published(f"{end}__") | Q(**{end: programme})
            for end in ("from_programme", "to_programme")
        }
        return self.filter(ends["from_programme"], ends["to_programme"])

    def with_ends(self) -> "LineageQuerySet":
        """Load the rows with both of their ends and with their source."""
        return self.select_related(
            "from_programme", "from_strategy", "to_programme", "to_strategy", "to_platform",
            "source",
        )  # fmt: skip


class Lineage(Sourced):
    """How one idea became another: TekTanken, derived from Jet-Net, 2012."""

    class Relation(models.TextChoices):
        DERIVED_FROM = "derived-from", _("Derived from")
        ADAPTED_AS = "adapted-as", _("Adapted as")
        INSPIRED = "inspired", _("Inspired")
        BUILDS_ON = "builds-on", _("Builds on")
        PART_OF = "part-of", _("Part of")
        PARENT_OF = "parent-of", _("Includes")
        RENAMED_FROM = "renamed-from", _("Renamed from")
        SUCCEEDED_BY = "succeeded-by", _("Succeeded by")
        SUCCESSOR_OF = "successor-of", _("Successor of")
        SUPPORTS_STRATEGY = "supports-strategy", _("Supports")

    # Relations that no circle can be made of, those that lead ahead and those that lead back: an
    # entry neither came from nor is a part of itself. Entries may well inspire each other.
    one_way_relations = (
        (
            (Relation.DERIVED_FROM, Relation.RENAMED_FROM, Relation.SUCCESSOR_OF),
            (Relation.ADAPTED_AS, Relation.SUCCEEDED_BY),
        ),
        ((Relation.PART_OF,), (Relation.PARENT_OF,)),
    )

    slug = CleanSlug(_("name in addresses"), max_length=160, unique=True)
    from_programme = models.ForeignKey(
        Programme,
        verbose_name=_("programme"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="lineage",
    )
    from_strategy = models.ForeignKey(
        Strategy,
        verbose_name=_("strategy"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="lineage",
    )
    relation = models.CharField(_("relation"), max_length=20, choices=Relation)
    to_programme = models.ForeignKey(
        Programme,
        verbose_name=_("to programme"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="lineage_in",
    )
    to_strategy = models.ForeignKey(
        Strategy,
        verbose_name=_("to strategy"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="lineage_in",
    )
    to_platform = models.ForeignKey(
        NationalPlatform,
        verbose_name=_("to platform"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="lineage_in",
    )
    to_text = CleanLine(_("to something not in the catalogue"), max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, validators=YEAR_VALIDATORS
    )
    note = CleanLine(_("note"), max_length=300, blank=True)

    objects = LineageQuerySet.as_manager()
    natural_key_fields = ("slug",)

    class Meta:
        verbose_name = _("relation to another")
        verbose_name_plural = _("relations to others")
        ordering = ["year", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(from_programme=None) & ~Q(from_strategy=None))
                | (~Q(from_programme=None) & Q(from_strategy=None)),
                name="lineage_from_one",
                violation_error_message=_("Choose either a programme or a strategy, not both."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(to_programme__isnull=False, to_strategy=None, to_platform=None, to_text="")
                    | Q(to_programme=None, to_strategy__isnull=False, to_platform=None, to_text="")
                    | Q(to_programme=None, to_strategy=None, to_platform__isnull=False, to_text="")
                    | (Q(to_programme=None, to_strategy=None, to_platform=None) & ~Q(to_text=""))
                ),
                name="lineage_to_one",
                violation_error_message=_(
                    "Fill in one only: to programme, to strategy, to platform or to something else."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} – {self.get_relation_display()} – {self.target}"

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    @property
    def subject(self) -> Programme | Strategy | None:
        return self.from_programme or self.from_strategy

    @property
    def target(self) -> "Entry | str":
        return self.to_programme or self.to_strategy or self.to_platform or self.to_text

    def clean(self) -> None:
        super().clean()
        self.refuse_circle()

    def refuse_circle(self) -> None:
        """Raise ValidationError, naming the circle, if the row leads from an entry to itself."""
        subject, target = self.subject, self.target
        ends = [name for name in (*TO_ENTRIES, "to_text") if getattr(self, name)]
        # Without one end on each side, a constraint says what is wrong.
        if subject is None or subject.pk is None or isinstance(target, str) or len(ends) != 1:
            return
        way: list[Entry] = [target] if target == subject else []
        for ahead, back in self.one_way_relations:
            if self.relation in ahead:
                way = self.find_way(target, subject, ahead, back)
            elif self.relation in back:
                way = self.find_way(target, subject, back, ahead)
        if way:
            names = " → ".join(str(entry) for entry in [subject, *way])
            told = _("This would go round in a circle: %(way)s. Choose something else.") % {
                "way": names
            }
            raise ValidationError({ends[0]: told})

    def find_way(
        self, start: Entry, end: Entry, ahead: Sequence[str], back: Sequence[str]
    ) -> list[Entry]:
        """Return the entries on the shortest way through the other rows; empty if there is none.

        Rows of some relations are walked from subject to target, and of others the other way. One
        query is made for each step.
        """
        ways: dict[Entry, list[Entry]] = {start: [start]}
        latest: Collection[Entry] = [start]
        while latest and end not in ways:
            rows = Lineage.objects.exclude(pk=self.pk).filter(
                Q(where_any(FROM_ENTRIES, latest), relation__in=ahead)
                | Q(where_any(TO_ENTRIES, latest), relation__in=back)
            )
            pairs = [row.read_pair(ahead) for row in rows.with_ends()]
            found = {
                following: [*ways[one], following]
                for one, following in filter(None, pairs)
                if following not in ways
            }
            ways |= found
            latest = found.keys()
        return ways.get(end, [])

    def read_pair(self, ahead: Sequence[str]) -> tuple[Entry, Entry] | None:
        """Return both ends, the target first unless the relation leads ahead; None without two."""
        subject, target = self.subject, self.target
        if subject is None or isinstance(target, str):
            return None
        return (subject, target) if self.relation in ahead else (target, subject)


def where_any(names: Mapping[str, type], entries: Collection[Entry]) -> Q:
    """Return the condition that one of these foreign keys leads to one of the entries."""
    condition = Q(pk__in=())
    for name, model in names.items():
        pks = [entry.pk for entry in entries if isinstance(entry, model)]
        condition |= Q(**{f"{name}__in": pks})
    return condition
