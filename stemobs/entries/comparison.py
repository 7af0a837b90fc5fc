"""The comparison of up to four programmes: which can be compared, rows of cells, differences.

Programmes are not ranked and numbers are not added up. This module does not use HTTP.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from re import compile as pattern

from django.contrib.humanize.templatetags.humanize import apnumber
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import Lineage
from programmes.models import (
    Programme,
    ProgrammeQuerySet,
)
from stemobs.entries.publication import Found, Gone, Merged, Standing, list_published
from stemobs.entries.slugs import resolve_slugs
from stemobs.entries.topics import (
    DOES_IT_WORK,
    FOR_WHOM,
    HOW_TO_TAKE_PART,
    WHAT_IT_TAKES,
    WHAT_PUPILS_DO,
    WHERE_IT_WENT,
    ComparedRow,
    list_reach_topics,
)
from stemobs.selection.facets import Label
from stemobs.selection.parameters import Problem

LEAST, MOST = 2, 4
ALIKE = 2  # rows without a difference from which on pages leave them out
ALWAYS_SHOWN = ("evidence",)  # rows that are never left out
SHARED = ("countries", "levels", "kinds")  # rows of what programmes may have in common
MOST_READ = 20  # slugs in an address that are looked up; further ones are ignored
SLUG = pattern(r"[-a-zA-Z0-9_]{1,80}")
PARAMETER = "programme"


@dataclass(frozen=True)
class ComparedGroup:
    """The rows of a comparison under one heading."""

    key: str
    label: Label
    rows: tuple[ComparedRow, ...]


@dataclass(frozen=True)
class Comparison:
    """Programmes side by side, and the groups of rows that compare them."""

    programmes: tuple[Programme, ...]
    groups: tuple[ComparedGroup, ...]

    @property
    def rows(self) -> list[ComparedRow]:
        return [row for group in self.groups for row in group.rows]

    @property
    def same_rows(self) -> list[ComparedRow]:
        return [row for row in self.rows if row.is_same and row.key not in ALWAYS_SHOWN]

    @property
    def unknown_rows(self) -> list[ComparedRow]:
        return [row for row in self.rows if row.is_unknown and row.key not in ALWAYS_SHOWN]

    @property
    def has_differences(self) -> bool:
        return not all(row.is_same or row.is_unknown for row in self.rows)

    @property
    def has_much_alike(self) -> bool:
        """Whether so many rows tell no difference that pages leave them out unless asked."""
        return len(self.same_rows) + len(self.unknown_rows) >= ALIKE

    @property
    def has_figures(self) -> bool:
        return any(not row.is_unknown for row in self.rows if row.key.startswith("reach"))

    @property
    def shared(self) -> list[str]:
        """The places, levels and kinds of activity that all programmes share."""
        return [term for row in self.rows if row.key in SHARED for term in row.shared]

    def keep_differences(self) -> "Comparison":
        """Return the comparison without rows that tell no difference between the programmes."""
        left_out = {row.key for row in self.same_rows + self.unknown_rows}
        groups = [
            ComparedGroup(
                group.key,
                group.label,
                tuple(row for row in group.rows if row.key not in left_out),
            )
            for group in self.groups
        ]
        return Comparison(self.programmes, tuple(group for group in groups if group.rows))


# --- Choosing the programmes to compare ----------------------------------------------------------


@dataclass
class ChosenProgrammes:
    """The programmes to compare, and the problems with slugs that cannot be compared."""

    programmes: list[Programme] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    # Pairs of a merged programme and its successor, which is compared instead.
    replaced: list[tuple[Programme, Programme]] = field(default_factory=list)

    def add(self, asked: str, standing: Standing | None) -> None:
        """Add the programme that a slug leads to, or a problem if there is none to compare.

        `standing` is what `resolve_slugs` found for the slug `asked`.
        """
        match standing:
            case Found(programme) | Merged(successor=programme):
                self.take(asked, programme, standing.programme)
            case Gone():
                self.refuse(asked, _("was withdrawn from the catalogue"))
            # A draft gets the same message as an unknown slug, so that nobody learns of it.
            case _:
                self.refuse(asked, _("is not the address of a programme in the catalogue"))

    def take(self, asked: str, shown: Programme, named: Programme) -> None:
        """Add the programme `shown` once; `named` is the programme whose slug was asked for.

        They differ if `named` was merged into `shown`. A fifth programme becomes a problem.
        """
        if shown in self.programmes:
            return
        if len(self.programmes) == MOST:
            reason = _("is left out, because at most {most} can be compared")
            self.refuse(asked, reason.format(most=apnumber(MOST)))
            return
        self.programmes.append(shown)
        if named != shown:
            self.replaced.append((named, shown))

    def refuse(self, asked: str, reason: str) -> None:
        self.problems.append(Problem(PARAMETER, asked, reason))


def choose_programmes(asked: Iterable[str]) -> ChosenProgrammes:
    """Return the first four programmes that these slugs lead to, with all compared facts loaded."""
    wanted = list(dict.fromkeys(asked))
    found = resolve_slugs(slug for slug in wanted[:MOST_READ] if SLUG.fullmatch(slug))
    choice = ChosenProgrammes()
    for slug in wanted[:MOST_READ]:
        choice.add(slug, found.get(slug))
    if wanted[MOST_READ:]:
        choice.refuse(wanted[MOST_READ], _("and all that follows was not read"))
    chosen = [programme.pk for programme in choice.programmes]
    choice.programmes = list_published(chosen, prefetch_compared_facts(Programme.objects.all()))
    return choice


def prefetch_compared_facts(programmes: ProgrammeQuerySet) -> QuerySet[Programme]:
    """Add the loading of all compared facts to a query, in a fixed number of queries."""
    lineage = Lineage.objects.public().with_ends()
    return programmes.with_evidence().prefetch_related(
        "countries", "levels", "audiences", "kinds", "factors", "citations", "reach__unit",
        "evaluations", "taking_part", "contacts", "partnerships__organisation",
        "funding__organisation", "assessments__criterion",
        Prefetch("lineage", lineage), Prefetch("lineage_in", lineage),
    )  # fmt: skip


def compare_programmes(programmes: Sequence[Programme]) -> Comparison:
    """Return the comparison of programmes that were loaded with `prefetch_compared_facts`."""
    groups = (
        ("whom", gettext_lazy("For whom"), FOR_WHOM),
        ("what", gettext_lazy("What pupils do"), WHAT_PUPILS_DO),
        ("works", gettext_lazy("Does it work?"), DOES_IT_WORK),
        ("takes", gettext_lazy("What it takes"), WHAT_IT_TAKES),
        ("join", gettext_lazy("How to take part"), HOW_TO_TAKE_PART),
        (
            "reach",
            gettext_lazy("How far it reaches"),
            (*list_reach_topics(programmes), *WHERE_IT_WENT),
        ),
    )
    return Comparison(
        tuple(programmes),
        tuple(
            ComparedGroup(key, label, tuple(topic.make_row(programmes) for topic in topics))
            for key, label, topics in groups
        ),
    )
