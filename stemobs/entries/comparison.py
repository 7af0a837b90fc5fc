"""Programmes side by side: what each says of the same things, and where they differ.

Nothing is ranked or added up. Knows no HTTP.
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
from stemobs.entries.publication import Found, Gone, Merged, Standing, list_published, resolve_slugs
from stemobs.entries.topics import (
    DOES_IT_WORK,
    NO_FIGURES,
    WHAT_IT_IS,
    WHAT_IT_TAKES,
    ComparedRow,
    list_reach_topics,
)
from stemobs.selection.facets import Label
from stemobs.selection.parameters import Problem

LEAST, MOST = 2, 4
MOST_READ = 20  # of what an address asks for; more cannot be compared anyway
SLUG = pattern(r"[-a-zA-Z0-9_]{1,80}")
PARAMETER = "programme"


@dataclass(frozen=True)
class ComparedGroup:
    """Rows under one question."""

    key: str
    label: Label
    rows: tuple[ComparedRow, ...]


@dataclass(frozen=True)
class Comparison:
    """Some programmes, and the rows in which they stand side by side."""

    programmes: tuple[Programme, ...]
    groups: tuple[ComparedGroup, ...]

    @property
    def rows(self) -> list[ComparedRow]:
        return [row for group in self.groups for row in group.rows]

    @property
    def differing_rows(self) -> list[ComparedRow]:
        return [row for row in self.rows if not row.is_same]

    def keep_differences(self) -> "Comparison":
        """Return it without the rows, and groups, in which all say the same."""
        groups = [
            ComparedGroup(
                group.key, group.label, tuple(row for row in group.rows if not row.is_same)
            )
            for group in self.groups
        ]
        return Comparison(self.programmes, tuple(group for group in groups if group.rows))


# --- Which programmes ----------------------------------------------------------------------------


@dataclass
class ChosenProgrammes:
    """The programmes that can be compared, and what was wrong with the others."""

    programmes: list[Programme] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    replaced: list[tuple[Programme, Programme]] = field(default_factory=list)  # by what

    def add(self, asked: str, standing: Standing | None) -> None:
        """Take what an address stands for, once; say why where it cannot be taken."""
        match standing:
            case Found(programme) | Merged(successor=programme):
                self.take(asked, programme, standing.programme)
            case Gone():
                self.refuse(asked, _("was withdrawn from the catalogue"))
            # Without a word about drafts.
            case _:
                self.refuse(asked, _("is not the address of a programme in the catalogue"))

    def take(self, asked: str, shown: Programme, named: Programme) -> None:
        """Add a programme that readers may see; `named` may be one that it took over from."""
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
    """Return the first four programmes that these slugs lead to, with everything to compare."""
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
    """Load programmes with all that is compared, in a fixed number of queries."""
    lineage = Lineage.objects.public().with_ends()
    return programmes.with_evidence().prefetch_related(
        "countries", "levels", "audiences", "kinds", "factors", "citations", "reach__unit",
        "evaluations", "partnerships__organisation", "funding__organisation",
        "assessments__criterion", Prefetch("lineage", lineage), Prefetch("lineage_in", lineage),
    )  # fmt: skip


def compare_programmes(programmes: Sequence[Programme]) -> Comparison:
    """Put programmes that `prefetch_compared_facts` loaded side by side."""
    counted = tuple(list_reach_topics(programmes)) or (NO_FIGURES,)
    groups = (
        ("what", gettext_lazy("What it is"), WHAT_IT_IS),
        ("evidence", gettext_lazy("Does it work?"), DOES_IT_WORK),
        ("reach", gettext_lazy("How far it reaches"), counted),
        ("takes", gettext_lazy("What it takes"), WHAT_IT_TAKES),
    )
    return Comparison(
        tuple(programmes),
        tuple(
            ComparedGroup(key, label, tuple(topic.make_row(programmes) for topic in topics))
            for key, label, topics in groups
        ),
    )
