"""How the history of a record is worded: who changed it, which fields, and which facts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import CriterionAssessment, Funding, Lineage, Partnership
from programmes.models import (
    Citation,
    Contact,
    Discrepancy,
    Document,
    Edit,
    Evaluation,
    Programme,
    ProgrammeName,
    Reach,
    TakingPart,
    Version,
)
from stemobs.catalogue.history import Row

Fate = tuple[str, str]  # the model of a row, and whether it was added, changed or removed
# Only the role, never the name, of who made an edit.
MAKERS: dict[str, Any] = {
    Edit.Kind.CURATOR: gettext_lazy("By a curator"),
    Edit.Kind.CHECK: gettext_lazy("Checked by a curator against its sources"),
    Edit.Kind.SEED: gettext_lazy("Loaded from our own files"),
    Edit.Kind.DUMP: gettext_lazy("Loaded from a copy of the catalogue"),
    Edit.Kind.TASK: gettext_lazy("By the site itself"),
    Edit.Kind.DIRECT: gettext_lazy("Changed directly in the database"),
}
# Columns that no page shows, or that change by themselves.
UNTOLD = {
    "id", "curators_note", "confidence", "created_at", "changed_at", "state", "withdrawn_reason",
    "merged_into_id", "icon", "is_highlighted",
}  # fmt: skip
FACTS: dict[str, Any] = {
    model._meta.label_lower: name
    for model, name in (
        (ProgrammeName, gettext_lazy("Other names")),
        (Reach, gettext_lazy("Reach figures")),
        (Evaluation, gettext_lazy("Evaluations")),
        (Funding, gettext_lazy("Funding")),
        (Partnership, gettext_lazy("Organisations")),
        (TakingPart, gettext_lazy("Ways to take part")),
        (Contact, gettext_lazy("Contacts")),
        (CriterionAssessment, gettext_lazy("Good-practice check")),
        (Citation, gettext_lazy("Sources of its parts")),
        (Discrepancy, gettext_lazy("Where sources differ")),
        (Document, gettext_lazy("Documents")),
        (Lineage, gettext_lazy("Relations to others")),
    )
}


def name_maker(kind: str) -> str:
    return str(MAKERS[kind])


def describe_fields(
    versions: Sequence[Version], before: Row | None, after: Row | None
) -> Iterator[str]:
    """Yield the names of the fields of a programme that an edit changed, those of lists last."""
    if before and after:
        for field in Programme._meta.concrete_fields:
            name = field.attname
            if name not in UNTOLD and before[name] != after[name]:
                yield name_field(field)
    written = {one.model for one in versions}
    for relation in Programme._meta.many_to_many:
        through: Any = relation.remote_field.through
        if through._meta.label_lower in written:
            yield name_field(relation)


def name_field(field: Any) -> str:
    return capfirst(str(field.verbose_name))


def describe_facts(fates: Iterable[Fate]) -> Iterator[str]:
    """Yield for each kind of fact how many an edit added, changed and removed."""
    numbers = Counter(fates)
    for model, name in FACTS.items():
        parts = [
            told % {"number": number}
            for change, told in name_changes().items()
            if (number := numbers[model, change])
        ]
        if parts:
            yield _("%(facts)s: %(changes)s") % {"facts": name, "changes": ", ".join(parts)}


def name_changes() -> dict[str, str]:
    return {
        "added": _("%(number)d added"),
        "changed": _("%(number)d changed"),
        "removed": _("%(number)d removed"),
    }


def classify_rows(versions: Sequence[Version]) -> Iterator[Fate]:
    """Yield the model of each row that an edit wrote, and what became of the row in all."""
    rows: dict[tuple[str, int], list[str]] = {}
    for one in versions:  # the last first
        rows.setdefault((one.model, one.object_id), []).append(one.operation)
    insert, delete = Version.Operation.INSERT, Version.Operation.DELETE
    for (model, _pk), operations in rows.items():
        was_there, is_there = operations[-1] != insert, operations[0] != delete
        if was_there and is_there:
            yield model, "changed"
        elif was_there or is_there:
            yield model, "added" if is_there else "removed"
