"""Programmes that show what a guide explains: how many there are, and those with most evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from pyroaring import BitMap

from partnerships.models import Criterion, CriterionAssessment
from programmes.models import CareerFactor, EvidenceStep, InitiativeKind, Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.index import Index

MOST_SHOWN = 3
Term = InitiativeKind | CareerFactor | Criterion
# The parameter that asks for the programmes of a term; there is none for criteria.
PARAMETERS = {InitiativeKind: "kind", CareerFactor: "factor"}
MET = CriterionAssessment.Verdict.MET


@dataclass(frozen=True)
class Example:
    """A programme that shows a term, and for a criterion what the assessment rests on."""

    programme: Programme
    evidence: str = ""


@dataclass(frozen=True)
class Examples:
    """The programmes of a term: how many, the query that finds them, and some of them."""

    term: Term
    number: int
    query: str
    shown: list[Example]


def find_examples(terms: Iterable[Term], catalogue: Catalogue) -> list[Examples]:
    """Return each term with its examples, in three queries at most."""
    index = catalogue.programmes
    found = [(term, find_showing_term(term, index)) for term in terms]
    ids = [find_strongest(index, numbers) for _term, numbers in found]
    programmes = with_evidence_and_countries().in_bulk({pk for some in ids for pk in some})
    told = read_evidence([term for term, _n in found if isinstance(term, Criterion)], programmes)
    return [
        Examples(
            term,
            number=len(numbers),
            query=f"{PARAMETERS[type(term)]}={term.slug}" if type(term) in PARAMETERS else "",
            shown=[
                Example(programmes[pk], told.get((term.pk, pk), ""))
                for pk in some
                if pk in programmes
            ],
        )
        for (term, numbers), some in zip(found, ids, strict=True)
    ]


def find_showing_term(term: Term, index: Index) -> BitMap:
    """Return the numbers of the programmes that show a term."""
    if isinstance(term, Criterion):
        return index.find_with_value("met", [term.pk])
    return index.find_with_value(PARAMETERS[type(term)], [term.slug])


def find_strongest(index: Index, found: BitMap, most: int = MOST_SHOWN) -> list[int]:
    """Return the ids of those with the strongest evidence, ordered as the list of programmes is."""
    return index.list_by_name(index.split(found, "evidence", EvidenceStep.values), 0, most)


def with_evidence_and_countries() -> QuerySet[Programme]:
    """Return published programmes with what a line about each shows."""
    return Programme.objects.published().with_evidence().prefetch_related("countries")


def read_evidence(
    criteria: list[Criterion], programmes: Iterable[int]
) -> Mapping[tuple[int, int], str]:
    """Return what the assessments rest on, by criterion and programme."""
    if not criteria:
        return {}
    rows = CriterionAssessment.objects.filter(
        criterion__in=criteria, programme__in=programmes, verdict=MET
    )
    return {(row.criterion_id, row.programme_id): row.evidence for row in rows}
