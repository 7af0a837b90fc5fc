"""What else follows when an organisation or a source is merged into another.

Some of it names rows without a foreign key: answers about files of partners, checks of facts,
tasks. None of it is in the history, but what readers are told of checks.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from partnerships.models import Organisation
from programmes.models import Import, Programme, ProposedMerger, RecordCheck, Task
from stemobs.curation.importing.organisations import KEY
from stemobs.entries.cited.facts import CitedFact
from stemobs.entries.cited.reading import read_cited

Became = Mapping[tuple[Any, int], int]  # rows that were united, by model and id, with those kept


def follow_in_imports(goes: Any, stays: Any) -> None:
    """Let answers about which organisation a name in a file is be the one that stays."""
    if not isinstance(goes, Organisation):
        return
    reading = Import.objects.filter(state=Import.State.READING)
    for sheet in reading.select_for_update().only("answers"):
        answers = {
            name: str(stays.pk) if name.startswith(KEY) and told == str(goes.pk) else told
            for name, told in sheet.answers.items()
        }
        if answers != sheet.answers:
            Import.objects.filter(pk=sheet.pk).update(answers=answers)


def close_what_waits(goes: Any) -> None:
    """Close the tasks about a row that goes, and drop other mergers of it that wait."""
    label = goes._meta.label_lower
    open_tasks = Task.objects.filter(state=Task.State.OPEN, about__startswith=f"{label} ")
    pks = [
        pk for pk, about in open_tasks.values_list("pk", "about") if str(goes.pk) in about.split()
    ]
    open_tasks.filter(pk__in=pks).update(
        state=Task.State.GONE, closed_at=timezone.now(), taken_by=None, taken_until=None
    )
    drop_proposals(goes)


def drop_proposals(goes: Any) -> None:
    """Drop mergers that wait and name a row which is merged now."""
    either = Q(goes=goes.pk) | Q(stays=goes.pk)
    waiting = ProposedMerger.objects.filter(either, model=goes._meta.label_lower)
    waiting.filter(state=ProposedMerger.State.WAITING).update(
        state=ProposedMerger.State.DROPPED, changed_at=timezone.now()
    )


class CheckedFacts:
    """Which facts of records were checked, so that a merger of what they name leaves that true.

    What the source says and what the record says is the same as before. Only what both are called
    is another.
    """

    def __init__(self, records: Iterable[int], goes: Any, stays: Any) -> None:
        begun = RecordCheck.objects.filter(finished_at=None, programme__in=records)
        checked = Q(pk__in=begun.values("programme")) | ~Q(checked_facts="")
        self.records = [*Programme.objects.filter(checked, pk__in=records).order_by("pk")]
        self.goes, self.stays = goes, stays
        self.before = {one.pk: self.read(one) for one in self.records}

    def read(self, record: Programme) -> list[CitedFact]:
        return read_cited(Programme.objects.get(pk=record.pk))  # without what was read before

    def name(self, fact: CitedFact, became: Became) -> str:
        """Return what a fact is called once both rows are one."""
        source = self.stays if fact.source == self.goes else fact.source
        row = fact.row.pk
        return f"{fact.part}-{became.get((type(fact.row), row), row)}-{source.pk}"

    def follow(self, became: Became) -> None:
        """Let what was checked before be what was checked now, with the rows that were united."""
        for record in self.records:
            after = {self.name(one, became): one for one in self.read(record)}
            facts = [
                (old, new)
                for old in self.before[record.pk]
                if (new := after.get(self.name(old, became)))
            ]
            digests = {old.digest: new.digest for old, new in facts}
            keys = {old.key: new for old, new in facts}
            self.note(record, digests)
            for begun in RecordCheck.objects.filter(programme=record, finished_at=None):
                begun.answers = dict(carry(begun.answers, keys, digests))
                RecordCheck.objects.filter(pk=begun.pk).update(answers=begun.answers)

    def note(self, record: Programme, digests: Mapping[str, str]) -> None:
        known = record.checked_facts.split()
        checked = " ".join(sorted({digests.get(one, one) for one in known}))
        if known and checked != record.checked_facts:
            # Not `save`: that a record was checked is no change of it.
            Programme.objects.filter(pk=record.pk).update(checked_facts=checked)


def carry(
    answers: Mapping[str, Any], keys: Mapping[str, CitedFact], digests: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    """Yield answers about facts, those about what was renamed under its new name."""
    for key, told in answers.items():
        new = keys.get(key)
        if new is None:
            yield key, told
        else:
            yield new.key, {**told, "digest": digests.get(told["digest"], told["digest"])}
