"""What leads to a record: other records, guides, stories, former addresses, suggestions.

And what names an organisation or a source: rows of many kinds, most of them in records.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import CharField, Count, F, Value
from django.db.models.functions import Cast
from django.utils.text import Truncator, capfirst
from django.utils.translation import ngettext_lazy

from partnerships.models import GuideItem, Lineage, NationalPlatform, Strategy
from programmes.models import Change, FormerSlug, Programme, Story, Suggestion
from stemobs.catalogue.triggers.tables import describe_recorded_table
from stemobs.curation.mergers.relations import FATES

MOST_NAMED = 4  # of a kind
LONGEST_LABEL = 60  # letters of each
# How many there are of each kind, in the order in which they are told.
WORDS: Mapping[str, Any] = {
    "lineage": ngettext_lazy("%(number)d record", "%(number)d records", "number"),
    "from_strategy": ngettext_lazy("%(number)d strategy", "%(number)d strategies", "number"),
    "strategy": ngettext_lazy(
        "%(number)d strategy, of which it is the record",
        "%(number)d strategies, of which it is the record",
        "number",
    ),
    "platforms": ngettext_lazy("%(number)d platform", "%(number)d platforms", "number"),
    "guides": ngettext_lazy("%(number)d guide", "%(number)d guides", "number"),
    "stories": ngettext_lazy("%(number)d story", "%(number)d stories", "number"),
    "former": ngettext_lazy("%(number)d former address", "%(number)d former addresses", "number"),
    "merged": ngettext_lazy(
        "%(number)d record that was merged into it",
        "%(number)d records that were merged into it",
        "number",
    ),
    "suggestions": ngettext_lazy("%(number)d suggestion", "%(number)d suggestions", "number"),
}
Inward = dict[str, list[str]]  # names by kind


def read_inward(pks: Iterable[int]) -> dict[int, Inward]:
    """Return what leads to each of some records, in one query."""
    pks = [*pks]
    rows = [
        select(Lineage.objects.exclude(from_programme=None), "lineage", "to_programme",
               "from_programme__name", pks),
        select(Lineage.objects.exclude(from_strategy=None), "from_strategy", "to_programme",
               "from_strategy__name", pks),
        select(Strategy.objects, "strategy", "programme", "name", pks),
        select(NationalPlatform.objects, "platforms", "programmes", "name", pks),
        select(GuideItem.objects, "guides", "programmes", "guide__title", pks),
        select(Story.objects, "stories", "programme", "title", pks),
        select(FormerSlug.objects, "former", "programme", "slug", pks),
        select(Programme.objects, "merged", "merged_into", "name", pks),
        select(Suggestion.objects, "suggestions", "programme", Cast("pk", CharField()), pks),
    ]  # fmt: skip
    found: dict[int, Inward] = {pk: {} for pk in pks}
    for kind, pk, label in rows[0].union(*rows[1:], all=True):
        found[pk].setdefault(kind, []).append(label)
    return found


def select(rows: Any, kind: str, path: str, name: Any, pks: list[int]) -> Any:
    """Return the rows that name records by a path: their kind, the record, and what they say."""
    label = Cast(F(name) if isinstance(name, str) else name, CharField())
    named = rows.filter(**{f"{path}__in": pks}).order_by()
    return named.annotate(way=Value(kind), told_as=label).values_list("way", path, "told_as")


def tell_inward(inward: Inward) -> list[str]:
    """Return what leads to a record in words: “2 guides: …”."""
    return [tell_kind(kind, inward[kind]) for kind in WORDS if inward.get(kind)]


def tell_kind(kind: str, names: list[str]) -> str:
    told = str(WORDS[kind] % {"number": len(names)})
    if kind == "suggestions":
        names = [f"S-{name}" for name in names]
    named = [Truncator(one).chars(LONGEST_LABEL) for one in dict.fromkeys(names)]
    more = ["…"] if len(named) > MOST_NAMED else []
    return f"{told}: {', '.join(named[:MOST_NAMED] + more)}"


# --- What names a row that records share ----------------------------------------------------------


def count_namings(model: Any, pks: Iterable[int]) -> dict[int, dict[str, int]]:
    """Return how many rows of each kind name organisations or sources, by id, in one query."""
    found: dict[int, dict[str, int]] = {pk: {} for pk in pks}
    rows = [
        namer._base_manager.filter(**{f"{name}__in": found})
        .order_by()
        .values(name)
        .annotate(place=Value(place), number=Count("pk"))
        .values_list("place", name, "number")
        for place, (namer, name) in enumerate(FATES[model])
    ]
    labels = [name_namings(*column) for column in FATES[model]]
    for place, pk, number in rows[0].union(*rows[1:], all=True).order_by("place"):
        found[pk][labels[place]] = number
    return found


def name_namings(model: Any, name: str) -> str:
    """Return what rows are called that name another one by a column."""
    field = model._meta.get_field(name)
    if model is field.related_model:
        return f"{capfirst(str(model._meta.verbose_name_plural))} ({field.verbose_name})"
    owner: Any = model._meta.auto_created
    if not owner:
        return capfirst(str(model._meta.verbose_name_plural))
    relation = next(one for one in owner._meta.many_to_many if one.remote_field.through is model)
    return f"{capfirst(str(owner._meta.verbose_name_plural))} ({relation.verbose_name})"


def find_records(model: Any, pks: Iterable[int]) -> dict[int, set[int]]:
    """Return the ids of the records in which something names each organisation or source."""
    found: dict[int, set[int]] = {pk: set() for pk in pks}
    rows = [
        namer._base_manager.filter(**{f"{name}__in": found}).order_by().values_list(name, mark.path)
        for namer, name in FATES[model]
        for mark in describe_recorded_table(namer).marks
        if mark.subject == Change.Subject.PROGRAMME
    ]
    for pk, record in rows[0].union(*rows[1:]):
        if record is not None:
            found[pk].add(record)
    return found
