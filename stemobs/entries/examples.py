"""Example programmes for the terms of a guide: their number, and those with the best evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from pyroaring import BitMap

from partnerships.models import Criterion, CriterionAssessment
from programmes.models import CareerFactor, EvidenceStep, InitiativeKind, Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.counting import put_ended_last
from stemobs.catalogue.index import Index

MOST_SHOWN = 3
Term = InitiativeKind | CareerFactor | Criterion
# The query parameter that selects the programmes of a term; criteria have none.
PARAMETERS = {InitiativeKind: "kind", CareerFactor: "factor"}
MET = CriterionAssessment.Verdict.MET


@dataclass(frozen=True)
class Example:
    """A programme that is an example of a term; for a criterion with the assessment's evidence."""

    programme: Programme
    evidence: str = ""


@dataclass(frozen=True)
class Examples:
    """The programmes of a term: their number, the query that selects them, and some examples.

    `assessed` is the number of records of `total` that were assessed against a criterion.
    """

    term: Term
    number: int
    query: str
    shown: list[Example]
    assessed: int
    total: int


def find_examples(terms: Iterable[Term], catalogue: Catalogue) -> list[Examples]:
    """Return the examples of each term, with three database queries at most."""
    index = catalogue.programmes
    found = [(term, find_showing_term(term, index)) for term in terms]
    chosen = choose_once(index, found)
    ids = [chosen[term] for term, _numbers in found]
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
            assessed=count_assessed(term, index),
            total=len(index),
        )
        for (term, numbers), some in zip(found, ids, strict=True)
    ]


def find_showing_term(term: Term, index: Index) -> BitMap:
    """Return the ids of the programmes that have a kind or factor, or meet a criterion."""
    if isinstance(term, Criterion):
        return index.find_with_value("met", [term.pk])
    return index.find_with_value(PARAMETERS[type(term)], [term.slug])


def choose_once(index: Index, found: Iterable[tuple[Term, BitMap]]) -> dict[Term, list[int]]:
    """Return the ids of each term's examples; no programme is an example of two kinds or factors.

    Terms with few programmes choose first. Few programmes were assessed against criteria, each with
    evidence of its own, so there a programme may stand for several.
    """
    chosen: dict[Term, list[int]] = {}
    taken = BitMap()
    for term, numbers in sorted(found, key=lambda pair: len(pair[1])):
        chosen[term] = find_strongest(index, numbers - taken)
        if not isinstance(term, Criterion):
            taken |= BitMap(chosen[term])
    return chosen


def count_assessed(term: Term, index: Index) -> int:
    """Return how many records were assessed against a criterion, whatever the verdict."""
    is_criterion = isinstance(term, Criterion)
    return len(index.find_with_value("assessed", [term.pk])) if is_criterion else 0


def find_strongest(index: Index, found: BitMap, most: int = MOST_SHOWN) -> list[int]:
    """Return the ids of the found programmes with the strongest evidence, at most `most`.

    What ended comes last. Programmes with equal evidence are sorted by name, as in the list.
    """
    steps = index.split(found, "evidence", EvidenceStep.values)
    return index.list_by_name(put_ended_last(index, steps), 0, most)


def with_evidence_and_countries() -> QuerySet[Programme]:
    """Return a query of published programmes with their evidence and countries loaded."""
    return Programme.objects.published().with_evidence().prefetch_related("countries")


def read_evidence(
    criteria: list[Criterion], programmes: Iterable[int]
) -> Mapping[tuple[int, int], str]:
    """Return the evidence of the assessments “met”, by (criterion id, programme id)."""
    if not criteria:
        return {}
    rows = CriterionAssessment.objects.filter(
        criterion__in=criteria, programme__in=programmes, verdict=MET
    )
    return {(row.criterion_id, row.programme_id): row.evidence for row in rows}
