"""Whatever names two rows that are merged: afterwards nothing is lost, and nothing told twice.

The model of what rows say knows nothing of mergers. A row is what its columns hold, and what the
rows say that it leads to.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.db.models import Max, UniqueConstraint
from hypothesis import given
from hypothesis import strategies as st

from partnerships.models import (
    Funding,
    Lineage,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Statement,
)
from programmes.models import (
    Citation,
    Claim,
    Contact,
    Discrepancy,
    Document,
    Edit,
    Evaluation,
    Import,
    Programme,
    Reach,
    Source,
    TakingPart,
)
from stemobs.catalogue.editing import edit
from stemobs.curation.mergers.comparing import Keeping
from stemobs.curation.mergers.making import Merger
from stemobs.curation.mergers.programmes import TwoRecords
from stemobs.curation.mergers.reading import read_records
from stemobs.curation.mergers.relations import FATES
from stemobs.curation.mergers.shared.comparing import TwoShared
from stemobs.curation.mergers.shared.doubled import SAID_ONCE
from stemobs.curation.mergers.shared.uniting import SharedMerger
from stemobs.curation.mergers.undoing import list_changes_of_merger
from stemobs.entries.history.undoing import undo_edit, undo_everywhere
from tests import builders
from tests.catalogue.marks import begin_another_transaction
from tests.chance import steady

pytestmark = pytest.mark.django_db
FIGURES = (Reach, Funding, Statement)
LINKS = (Evaluation.further_sources.through, TakingPart.further_sources.through)
MODELS: tuple[Any, ...] = (*SAID_ONCE, *LINKS, Discrepancy, Claim)
PARTS = (*FIGURES, Evaluation, TakingPart, Discrepancy)  # of which other rows speak
ASIDE = {"id", "position", "slug", "is_shown"}
KINDS = {
    Reach: lambda at, said: builders.make_reach(at.record, 120, note=said.text, **at.of(said)),
    Funding: lambda at, said: builders.make_funding(
        at.record, amount=9, currency="EUR", note=said.text,
        organisation=at.organisations[said.who], **at.of(said),
    ),
    Statement: lambda at, said: builders.make_statement(
        strategy=at.strategy, text=said.text, **at.of(said)
    ),
    Citation: lambda at, said: builders.make_citation(at.record, field="reach", **at.of(said)),
    Document: lambda at, said: builders.make_document(at.record, note=said.text, **at.of(said)),
    Evaluation: lambda at, said: at.tell_further(
        builders.make_evaluation(at.record, finding=said.text, **at.of(said)), said
    ),
    TakingPart: lambda at, said: at.tell_further(
        builders.make_way_in(at.record, how=said.text or "Write.", **at.of(said)), said
    ),
    Contact: lambda at, said: builders.make_contact(
        at.record, office=f"Office {said.text}", **at.of(said)
    ),
    OrganisationSource: lambda at, said: OrganisationSource.objects.create(
        organisation=at.organisations[2], position=builders.position(), **at.of(said)
    ),
    Lineage: lambda at, said: builders.make_lineage(
        from_programme=at.record, to_text="Abroad", note=said.text, **at.of(said)
    ),
    Discrepancy: lambda at, said: at.differ(said),
}  # fmt: skip


class Telling(NamedTuple):
    """A row that is made: of which kind, which source it cites, and a little of what it says."""

    kind: Any
    source: int  # the one that goes, the one that stays, another one
    who: int
    text: str
    locator: str
    more: list[int]  # sources, of further ones and of claims
    link: int  # the row that replaces it, or of which a claim speaks, counted from the last


TELLINGS = st.builds(
    Telling,
    st.sampled_from([*KINDS, Discrepancy, Reach, Funding]),
    st.integers(0, 2), st.integers(0, 1), st.sampled_from(["", "a"]), st.sampled_from(["", "p. 4"]),
    st.lists(st.integers(0, 2), min_size=2, max_size=3),
    st.integers(0, 3),
)  # fmt: skip


class Record:
    """A record with rows of all kinds that name some sources and organisations."""

    def __init__(self, tellings: list[Telling], beside: "Record | None" = None) -> None:
        three = range(3)
        self.sources = beside.sources if beside else [builders.make_source() for _one in three]
        self.organisations = (
            beside.organisations if beside else [builders.make_organisation() for _one in three]
        )
        self.record = builders.make_programme()
        self.strategy = builders.make_strategy()
        self.figures: dict[Any, list[Any]] = {one: [] for one in FIGURES}
        for said in tellings:
            row = KINDS[said.kind](self, said)
            if said.kind in FIGURES:
                self.figures[said.kind].append(row)

    def of(self, said: Telling) -> dict[str, Any]:
        told = {"source": self.sources[said.source], "locator": said.locator}
        if said.kind in FIGURES and (newer := self.find_figure(said.kind, said)):
            told["superseded_by"] = newer
        return told

    def find_figure(self, kind: Any, said: Telling) -> Any:
        """Return a figure that was made before, one of a few of its kind; None for most."""
        made = self.figures[kind]
        return made[-said.link] if 0 < said.link <= len(made) else None

    def tell_further(self, row: Any, said: Telling) -> None:
        row.further_sources.set([self.sources[one] for one in said.more])

    def differ(self, said: Telling) -> None:
        point = builders.make_discrepancy(self.record, note=said.text)
        kind = (Reach, Funding)[said.who]
        figure = {kind.__name__.lower(): self.find_figure(kind, said)}
        made = [(one, text) for one in said.more for text in ("over 100", said.text or "over 100")]
        for place, (one, text) in enumerate(dict.fromkeys(made)):
            more = figure if place == 0 else {}
            builders.make_claim(point, source=self.sources[one], statement=text,
                                is_shown=place == 0, **more)  # fmt: skip


class Said:
    """What all rows say, if one source or organisation is called like another one."""

    def __init__(self, model: Any, calls: dict[int, int]) -> None:
        self.model, self.calls = model, calls
        # Two organisations that pay the same are one payer, by whatever sources.
        self.aside = {Funding: {"source_id", "locator"}} if model is Organisation else {}
        self.rows = {one: {row.pk: row for row in select_made(one)} for one in MODELS}
        self.claims: dict[int, list[Any]] = {}
        for claim in self.rows[Claim].values():
            self.claims.setdefault(claim.discrepancy_id, []).append(claim)

    def tell(self, row: Any, aside: frozenset[str] = frozenset()) -> Any:
        told = [type(row).__name__]
        for column in row._meta.concrete_fields:
            if column.attname not in ASIDE | aside | self.aside.get(type(row), set()):
                told.append(self.tell_column(column, getattr(row, column.attname)))
        if isinstance(row, Discrepancy):
            told.append(frozenset(self.tell_claims(row)))
        return (*told,)

    def tell_column(self, column: Any, value: Any) -> Any:
        if value is not None and column.related_model in PARTS:
            return self.tell(self.rows[column.related_model][value])
        return self.calls.get(value, value) if column.related_model is self.model else value

    def tell_claims(self, point: Any) -> Iterator[Any]:
        own = frozenset({"discrepancy_id"})
        return (self.tell(one, own) for one in self.claims.get(point.pk, ()))

    def tell_all(self) -> dict[tuple[Any, int], Any]:
        """Return what each row says; a further source that is the first one too says nothing."""
        return {
            (one, pk): self.tell(row)
            for one in MODELS
            for pk, row in self.rows[one].items()
            if one not in LINKS or not self.is_first(row)
        }

    def is_first(self, link: Any) -> bool:
        columns = {LINKS[0]: (Evaluation, "evaluation_id"), LINKS[1]: (TakingPart, "takingpart_id")}
        owner, name = columns[type(link)]
        sources = (self.rows[owner][getattr(link, name)].source_id, link.source_id)
        calls = self.calls if self.model is Source else {}
        return len({calls.get(one, one) for one in sources}) == 1

    def differs(self, model: Any, pk: int) -> bool:
        """Whether a row is of a difference of which the claims say different things."""
        owner = {Discrepancy: "pk", Claim: "discrepancy_id"}.get(model)
        row = self.rows[model][pk]
        point = owner and self.rows[Discrepancy][getattr(row, owner)]
        return bool(point) and len(set(self.tell_claims(point))) > 1


WHOLE = (*MODELS, Source, Organisation, OrganisationName, Programme)
LAST: dict[Any, int] = {}  # the ids of the last fixtures


def note_last() -> None:
    for model in WHOLE:
        LAST[model] = model._base_manager.aggregate(last=Max("pk"))["last"] or 0


def select_made(model: Any) -> Any:
    """Return the rows that are no fixtures."""
    return model._base_manager.filter(pk__gt=LAST[model]).order_by("pk")


def read_made() -> dict[Any, Any]:
    """Return all columns of the rows of all kinds, but the times at which they changed."""
    return {
        model: [
            {name: value for name, value in row.items() if name != "changed_at"}
            for row in select_made(model).values()
        ]
        for model in WHOLE
    }


def merge_two(goes: Any, stays: Any) -> Edit:
    with edit(Edit.Kind.CURATOR, None, "The same."):
        comparison = TwoShared(stays, goes, {})
        SharedMerger(comparison, stays.pk).make("The same.")
    return Edit.objects.latest("pk")


@given(st.lists(TELLINGS, min_size=4, max_size=9), st.booleans())
@steady(16)
def test_nothing_is_lost_or_told_twice_and_undoing_brings_back_the_very_same_rows(
    tellings: list[Telling], are_sources: bool
) -> None:
    with transaction.atomic():
        note_last()
        made = Record(tellings)
        goes, stays = (made.sources if are_sources else made.organisations)[:2]
        begin_another_transaction()
        snapshot = read_made()
        now, then = Said(type(goes), {}), Said(type(goes), {goes.pk: stays.pk})
        before, expected, cited = now.tell_all(), then.tell_all(), list_cited()
        merged = merge_two(goes, stays)
        after = Counter(Said(type(goes), {}).tell_all().values())

        over = {key for key in before if now.differs(*key) and not then.differs(*key)}
        assert {said for key, said in expected.items() if key not in over} <= after.keys()
        assert not over & Said(type(goes), {}).tell_all().keys()
        refuse_doubles(after, before, expected)
        assert are_sources or cited <= list_cited()

        undo_everywhere(merged, None, lambda: list_changes_of_merger(merged))
        begin_another_transaction()
        assert read_made() == snapshot
        transaction.set_rollback(True)


@given(st.lists(TELLINGS, min_size=2, max_size=6), st.lists(TELLINGS, min_size=2, max_size=6))
@steady(8)
def test_two_records_become_one_without_doubles_and_are_two_again(
    tellings: list[Telling], others: list[Telling]
) -> None:
    with transaction.atomic():
        note_last()
        one = Record(tellings)
        stays, goes = one.record, Record(others, one).record
        begin_another_transaction()
        snapshot = read_made()
        before = Said(Programme, {}).tell_all()
        expected = Said(Programme, {goes.pk: stays.pk}).tell_all()
        both = read_records([stays.pk, goes.pk])
        comparison = TwoRecords(both[stays.pk], both[goes.pk], {})
        for question in comparison.questions:
            offered = {answer.value for answer in question.answers}
            question.given = Keeping.BOTH if Keeping.BOTH in offered else str(stays.pk)
        with edit(Edit.Kind.CURATOR, None, "The same."):
            Merger(comparison, stays.pk).make("The same.")
        merged = Edit.objects.latest("pk")
        refuse_doubles(Counter(Said(Programme, {}).tell_all().values()), before, expected)
        undo_edit(stays, merged, None, lambda: list_changes_of_merger(merged))
        begin_another_transaction()
        assert read_made() == snapshot
        transaction.set_rollback(True)


def refuse_doubles(after: Counter[Any], before: dict[Any, Any], expected: dict[Any, Any]) -> None:
    """Refuse rows that say the same, unless they did so before."""
    for said, number in after.items():
        were = Counter(before[key] for key in expected if said in (expected[key], before[key]))
        assert number <= max([1, *were.values()]), said


def list_cited() -> set[tuple[Any, ...]]:
    """Return which places of which sources the record names, for what is paid or as a whole."""
    rows = (select_made(one).values_list("source", "locator") for one in (Funding, Citation))
    return {place for some in rows for place in some}


def test_of_all_that_cites_a_source_it_is_known_whether_it_can_stand_there_twice() -> None:
    """What has a name in addresses, or may be there once only, cannot come twice."""
    for model, _name in FATES[Source]:
        columns = {one.name for one in model._meta.concrete_fields}
        is_once = any(not {"position", "slug"} & {*one.fields} for one in list_unique(model))
        once = is_once or ("slug" in columns and model is not Lineage) or model._meta.auto_created
        assert once or model in MODELS or model is Import, model


def list_unique(model: Any) -> list[Any]:
    return [one for one in model._meta.constraints if isinstance(one, UniqueConstraint)]
