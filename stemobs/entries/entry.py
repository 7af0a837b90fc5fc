"""The entry of one programme, for page and API: the basis and numbered sources of every part."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, groupby
from string import ascii_lowercase
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partnerships.models import Criterion, CriterionAssessment, Funding, Lineage
from programmes.models import (
    Citation,
    Claim,
    Fact,
    Field,
    Programme,
    Reach,
    Source,
    list_figures,
)
from stemobs.entries.basis import OUR_READING, VALUES, find_basis, is_filled, list_told
from stemobs.entries.cited.facts import CitedFact, SourcesChecked, count_checked, list_cited
from stemobs.entries.findings import (
    Sentence,
    list_other_studies,
    list_studies,
    tell_findings,
)
from stemobs.entries.loading import has_lineage
from stemobs.entries.wording import build_anchor, find_readers_place
from stemobs.text import space_words

# Units of percentages, which do not say how many people were reached.
SHARES = ("percent",)
# Units that say most of how far a programme reaches; figures of them stand before all others.
REACHED = (
    "students", "children", "university-students", "participants", "visitors", "users",
    "teachers", "kindergartens", "schools",
)  # fmt: skip

# The label of each lineage relation as seen from its other end.
INVERSE = {
    Lineage.Relation.DERIVED_FROM: _("Adapted as"),
    Lineage.Relation.ADAPTED_AS: _("Derived from"),
    Lineage.Relation.INSPIRED: _("Inspired by"),
    Lineage.Relation.BUILDS_ON: _("Built upon by"),
    Lineage.Relation.PART_OF: _("Includes"),
    Lineage.Relation.PARENT_OF: _("Part of"),
    Lineage.Relation.RENAMED_FROM: _("Renamed to"),
    Lineage.Relation.SUCCEEDED_BY: _("Successor of"),
    Lineage.Relation.SUCCESSOR_OF: _("Succeeded by"),
    Lineage.Relation.SUPPORTS_STRATEGY: _("Supported by"),
}


class Entry:
    """A programme with its facts, and the properties derived from them for the page and the API.

    The facts of the programme were loaded with `load_facts`.
    """

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.marks: Counter[int] = Counter()

    @cached_property
    def citations_by_field(self) -> dict[str, list[Citation]]:
        by_field: dict[str, list[Citation]] = defaultdict(list)
        for citation in self.programme.citations.all():
            by_field[citation.field].append(citation)
        return by_field

    @cached_property
    def sources(self) -> list[Citation]:
        """The sources of the entry as a whole; the numbers of sources follow their order."""
        return self.citations_by_field[Field.ENTRY]

    @cached_property
    def numbered(self) -> "NumberedSources":
        """The numbered sources of all facts; sources of the entry as a whole come first."""
        one = self.programme
        claims = [claim for point in one.discrepancies.all() for claim in point.claims.all()]
        rows = [
            *self.sources, *one.citations.all(), *list_with_earlier([*self.reach, *self.funding]),
            *chain.from_iterable(map(list_all_sources, one.taking_part.all())),
            *one.contacts.all(),
            *self.study_sources, *one.partnerships.all(), *one.documents.all(),
            *one.assessments.all(), *self.lineage, *claims,
        ]  # fmt: skip
        return NumberedSources(rows, located=self.sources)

    @property
    def numbers(self) -> dict[int, int]:
        return self.numbered.numbers

    @property
    def numbered_sources(self) -> list[tuple[int, Source, list[str]]]:
        return self.numbered.numbered_sources

    @cached_property
    def cited(self) -> list[CitedFact]:
        """The facts of the entry, each with every source that it rests on."""
        return list_cited(self.programme, self.lineage)

    @property
    def checked(self) -> SourcesChecked | None:
        """Against how many of its sources it was checked; None if it never was, fact by fact."""
        return count_checked(self.programme, self.cited) if self.programme.checked_facts else None

    def add_mark(self, number: int) -> str:
        """Return the anchor of one more place on the page that names the source: “2-a”."""
        self.marks[number] += 1
        return f"{number}-{letter_of(self.marks[number])}"

    def list_marks(self, number: int) -> list[tuple[str, str]]:
        """Return pairs of anchor and letter for each place so far that names the source."""
        letters = map(letter_of, range(1, self.marks[number] + 1))
        return [(f"{number}-{letter}", letter) for letter in letters]

    def basis(self, field: str) -> str:
        """Return the basis of a part of the entry.

        One of “stated”, “inferred”, “declared-not-available” and “not-stated”.
        """
        cited = [citation.basis for citation in self.citations_by_field[field]]
        values = [getattr(self.programme, name) for name in VALUES[field]]
        return find_basis(field, any(map(is_filled, values)), [*cited, *list_row_bases(values)])

    def explain_reading(self, field: str) -> str:
        """Return what an inferred part rests on; "" if the part is not inferred."""
        if field not in VALUES or self.basis(field) != Citation.Basis.INFERRED:
            return ""
        given = (citation.evidence for citation in self.citations_by_field[field])
        return " ".join(dict.fromkeys(filter(None, given))) or str(OUR_READING)

    @cached_property
    def parts(self) -> list["Part"]:
        """The parts of the entry that have a value or a citation, with how each is known."""
        parts = [
            Part(field.value, str(field.label), self.citations_by_field[field.value],
                 self.explain_reading(field.value))
            for field in Field
            if field != Field.ENTRY
        ]  # fmt: skip
        return [part for part in parts if part.citations or part.reading]

    @cached_property
    def bases(self) -> dict[str, str]:
        """Return the basis of every part of the entry that is listed in VALUES."""
        return {field: self.basis(field) for field in VALUES}

    @cached_property
    def withheld(self) -> list["Part"]:
        """The parts of the entry of which a source says that nothing is available."""
        declared = Citation.Basis.DECLARED_NOT_AVAILABLE
        return [part for part in self.parts if self.bases.get(part.field) == declared]

    @cached_property
    def reach(self) -> list[Reach]:
        """The figures on reach that stand, with those that they superseded."""
        return list_figures(self.programme.reach.all())

    @cached_property
    def funding(self) -> list[Funding]:
        """The statements on funding that stand, with those that they superseded."""
        return list_figures(self.programme.funding.all())

    @cached_property
    def reach_by_unit(self) -> list[tuple[str, list[Reach], bool]]:
        """Return triples (unit, figures, differ) in the order of the entry.

        `differ` is True if two figures for the same thing and time are not equal.
        """
        rows = sorted(self.reach, key=lambda row: row.unit.name)
        groups = [(unit, list(group)) for unit, group in groupby(rows, key=lambda r: r.unit.name)]
        first = {unit: min(row.position for row in group) for unit, group in groups}
        groups.sort(key=lambda pair: first[pair[0]])
        return [(unit, group, has_differing_figures(group)) for unit, group in groups]

    @property
    def undecided(self) -> list[str]:
        """What figures differ about, as spaced words, where no source is preferred."""
        points = self.programme.discrepancies.all()
        return [
            space_words([point.about])
            for point in points
            if point.field == Field.REACH and not any(one.is_shown for one in point.claims.all())
        ]

    @cached_property
    def headline_figures(self) -> list[tuple[Reach, bool]]:
        """The newest figure of each of the first four units, with True if figures of it differ.

        Units of people and schools come before those of anything else. A unit is left out where
        sources differ on it and editors prefer none of them.
        """
        chosen = []
        for unit, rows, rows_differ in self.reach_by_unit:
            people = [row for row in rows if row.unit.slug not in SHARES]
            if any(space_words([unit]) in about for about in self.undecided):
                continue
            if people:
                newest = max(
                    people, key=lambda row: (row.year_to or row.year_from or 0, -row.position)
                )
                chosen.append((newest, rows_differ))
        return sorted(chosen, key=lambda pair: pair[0].unit.slug not in REACHED)[:4]

    @cached_property
    def findings(self) -> list[Sentence]:
        """The sentences that say whether the programme works, as far as is known."""
        return tell_findings(self.programme.evaluations.all())

    @cached_property
    def studies(self) -> list["SourcedStudy"]:
        """The studies of the programme itself, the strongest first, with all their sources."""
        return [SourcedStudy(row) for row in list_studies(self.programme.evaluations.all())]

    @cached_property
    def other_studies(self) -> list["SourcedStudy"]:
        """The studies of something else, such as an event, with all their sources."""
        return [SourcedStudy(row) for row in list_other_studies(self.programme.evaluations.all())]

    @property
    def study_sources(self) -> list[Any]:
        """The evaluations as rows with a source each, once for every source that tells of one."""
        return [one for study in [*self.studies, *self.other_studies] for one in study.sources]

    @cached_property
    def shares(self) -> dict[int, int]:
        """Return by funding id each amount as a percentage of the largest comparable amount.

        Amounts are comparable if they have the same currency, kind and time, and all three are
        known. An amount without any comparable one is left out.
        """
        alike: dict[tuple, list[Any]] = defaultdict(list)
        for row in self.funding:
            time = (row.period, row.year_from, row.year_to)
            if row.amount and row.basis and any(time):
                alike[row.currency, row.basis, row.basis_detail, time].append(row)
        return {
            row.pk: round(100 * row.amount / max(one.amount for one in rows))
            for rows in alike.values()
            for row in rows
            if len(rows) > 1
        }

    @property
    def contributions(self) -> list[tuple[Any, int | None]]:
        """Return pairs of a funding row and its share, None where there is no share."""
        return [(row, self.shares.get(row.pk)) for row in self.funding]

    @cached_property
    def criteria(self) -> list["CriteriaGroup"]:
        """Return all good-practice criteria by group, with the programme's assessments.

        Empty if no criterion was assessed.
        """
        rows = {row.criterion_id: row for row in self.programme.assessments.all()}
        if not rows:
            return []
        order = Criterion.Group.values
        criteria = sorted(Criterion.objects.all(), key=lambda one: order.index(one.group))
        return [
            CriteriaGroup(str(label), [(one, rows.get(one.pk)) for one in group])
            for label, group in groupby(criteria, Criterion.get_group_display)
        ]

    @cached_property
    def lineage(self) -> list[Lineage]:
        """The lineage rows in which the programme is either end, without hidden programmes."""
        then: list[Lineage] | None = getattr(self.programme, "lineage_then", None)
        if then is not None:  # the programme is as it was at an earlier revision
            return then
        if not has_lineage(self.programme):
            return []
        ends = Q(from_programme=self.programme) | Q(to_programme=self.programme)
        return list(Lineage.objects.filter(ends).public(self.programme).with_ends())

    @cached_property
    def relations(self) -> list["Relation"]:
        """The lineage as seen from this programme; a relation recorded at both ends comes once."""
        own = [row for row in self.lineage if row.from_programme_id == self.programme.pk]
        told = {row.target for row in own}
        others = [row for row in self.lineage if row not in own and row.subject not in told]
        return [
            *(Relation(row.get_relation_display(), row.target, row) for row in own),
            *(
                Relation(str(INVERSE[Lineage.Relation(row.relation)]), row.subject, row)
                for row in others
            ),
        ]


def list_with_earlier(figures: Iterable[Any]) -> list[Any]:
    """Return figures, each followed by those that it superseded."""
    return [row for figure in figures for row in (figure, *figure.earlier)]


def find_anchor(claim: Claim) -> str:
    """Return the anchor of the figure that a claim speaks of; "" if readers see none.

    The figures of its programme were loaded with all its facts.
    """
    programme: Any = claim.discrepancy.programme
    for part, pk in (("reach", claim.reach_id), ("funding", claim.funding_id)):
        for row in getattr(programme, part).all() if pk else ():
            if row.pk == pk and row.retracted_on is None:
                return build_anchor(part, row.position)
    return ""


def letter_of(count: int) -> str:
    """Return the letter that stands for a number from 1: a, b … z, aa, bb …"""
    rounds, place = divmod(count - 1, len(ascii_lowercase))
    return ascii_lowercase[place] * (rounds + 1)


class FurtherSource(NamedTuple):
    """A further source of a fact, in the shape of a row that has a source."""

    source: Source
    locator: str = ""

    @property
    def source_id(self) -> int:
        return self.source.pk


def list_all_sources(row: Any) -> list[Any]:
    """Return a fact, which has a source, and then its further sources in the same shape."""
    return [row, *map(FurtherSource, row.further_sources.all())]


class SourcedStudy:
    """An evaluation or a study of the field, with all sources that tell of it."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.sources = list_all_sources(row)


def list_row_bases(values: Iterable[Any]) -> Iterator[str]:
    """Yield “stated” for each related row that names its own source, such as a reach figure."""
    for related in values:
        if hasattr(related, "all") and issubclass(related.model, Fact):
            yield from (Citation.Basis.STATED for row in list_told(related) if row.source_id)


class NumberedSources:
    """The sources of some rows, numbered from 1 in the order in which the rows name them.

    `located` are the rows whose locators are listed with their source; by default all rows.
    """

    def __init__(self, rows: Iterable[Any], located: Iterable[Any] | None = None) -> None:
        rows = list(rows)
        self.sources: dict[int, Source] = {row.source_id: row.source for row in rows if row.source}
        self.places: dict[int, list[str]] = {pk: [] for pk in self.sources}
        for row in rows if located is None else located:
            place = find_readers_place(row.locator) if row.source_id else ""
            if place and place not in self.places[row.source_id]:
                self.places[row.source_id].append(place)
        self.numbers = {pk: number for number, pk in enumerate(self.sources, start=1)}

    @property
    def numbered_sources(self) -> list[tuple[int, Source, list[str]]]:
        """Triples of a number, a source, and the places in it that readers can find."""
        return [(number, self.sources[pk], self.places[pk]) for pk, number in self.numbers.items()]


class CriteriaGroup(NamedTuple):
    """Good-practice criteria under one heading, each with its assessment or None."""

    label: str
    criteria: list[tuple[Criterion, CriterionAssessment | None]]

    @property
    def assessed(self) -> list[CriterionAssessment]:
        return [row for _criterion, row in self.criteria if row]

    @property
    def unassessed(self) -> list[Criterion]:
        return [criterion for criterion, row in self.criteria if row is None]


def name_inverse(row: Lineage) -> str:
    """Return the label of a lineage relation as seen from its other end."""
    return str(INVERSE[Lineage.Relation(row.relation)])


class Part(NamedTuple):
    """A part of an entry with its own citations, and what it rests on if it is our reading."""

    field: str
    label: str
    citations: list[Citation]
    reading: str


class Relation(NamedTuple):
    """A line of the lineage: a label such as “Adapted as”, the other end, and the database row."""

    label: str
    other: Any
    row: Lineage


def has_differing_figures(rows: Iterable[Reach]) -> bool:
    """Whether two figures for the same thing and time are not equal."""
    seen: dict[tuple, set] = defaultdict(set)
    for row in rows:
        same = (row.unit_detail, row.year_from, row.year_to, row.period_type)
        seen[same].add((row.qualifier, row.value, row.value_max))
    return any(len(values) > 1 for values in seen.values())
