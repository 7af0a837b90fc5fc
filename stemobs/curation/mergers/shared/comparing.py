"""What is compared of two organisations, or of two sources, which records share.

All that names the one that goes names the one that stays afterwards, so only what is said of them
is compared. An organisation has a role in a programme only once. So where both have the same, what
is said of it is compared too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import Organisation, Partnership
from programmes.models import Source
from stemobs.curation.mergers.comparing import MergerLine, TwoCompared
from stemobs.curation.mergers.matching import FactPair, FactRule, match_rows
from stemobs.text import fold

GROUPS: Mapping[Any, Sequence[tuple[str, ...]]] = {
    Organisation: (
        ("type", "is_type_inferred"), ("country", "is_country_inferred"), ("website",),
        ("parent",), ("successor",), ("note",),
    ),
    Source: (
        ("title",), ("publisher",), ("kind",), ("url",), ("language",), ("published",),
        ("recorded_on",), ("archived_url",), ("link_state",), ("note",),
    ),
}  # fmt: skip
# What stays as the one has it that stays. The name of the other organisation becomes another name.
OF_THE_ONE_THAT_STAYS: Mapping[Any, Collection[str]] = {
    Organisation: {"id", "slug", "name", "changed_at", "is_public"},
    Source: {"id", "slug", "is_public"},
}
TO_OTHERS_OF_ITS_KIND = ("parent", "successor")
RULES: Mapping[str, FactRule] = {
    "names": FactRule(lambda row: fold(row.name), can_both_stand=False),
    "citations": FactRule(lambda row: (row.source_id, row.locator)),
    "partnerships": FactRule(lambda row: (row.programme_id, row.role), can_both_stand=False),
}
KINDS: Mapping[str, Any] = {
    "names": gettext_lazy("Other name"),
    "citations": gettext_lazy("Source"),
}


class TwoShared(TwoCompared):
    """Two organisations or two sources beside each other."""

    in_our_words = ("note",)

    def __init__(self, left: Any, right: Any, sent: Mapping[str, str]) -> None:
        self.groups = GROUPS[type(left)]
        for one, other in ((left, right), (right, left)):
            forget(one, other)
        super().__init__(left, right, sent)

    def compare(self) -> Iterator[MergerLine]:
        yield from self.compare_fields()
        if isinstance(self.left, Organisation):
            yield from self.compare_parts()

    def compare_parts(self) -> Iterator[MergerLine]:
        both: dict[str, tuple[list[Any], list[Any]]] = {
            "names": ([*self.left.names.all()], [*self.right.names.all()]),
            "citations": ([*self.left.citations.all()], [*self.right.citations.all()]),
            "partnerships": read_doubled_roles(self.left, self.right),
        }
        for kind, (left, right) in both.items():
            for pair in match_rows(left, right, RULES[kind].about):
                yield self.compare_rows(kind, RULES[kind], pair)

    def name_kind(self, kind: str, pair: FactPair) -> str:
        if kind == "partnerships":
            return _("Role in “%(programme)s”") % {"programme": pair.left.programme}
        return str(KINDS[kind])

    def name_question(self, label: str, pair: FactPair) -> str:
        is_role = isinstance(pair.left, Partnership)
        return label if is_role else super().name_question(label, pair)

    def tell_row(self, row: Any, pair: FactPair) -> str:
        if not isinstance(row, Partnership):
            return super().tell_row(row, pair)
        years = [f"{word} {year}" for word, year in tell_years(row) if year]
        return " · ".join(filter(None, [row.get_role_display(), *years, row.note]))


def tell_years(row: Partnership) -> Iterator[tuple[str, int | None]]:
    yield _("since"), row.since
    yield _("until"), row.until


def forget(one: Any, other: Any) -> None:
    """Let one row that is only compared not lead to the other, which it will be."""
    for name in TO_OTHERS_OF_ITS_KIND:
        if getattr(one, f"{name}_id", None) == other.pk:
            setattr(one, name, None)


def read_doubled_roles(left: Any, right: Any) -> tuple[list[Any], list[Any]]:
    """Return the roles that both have in the same programmes, those of each."""
    rows = [
        Partnership.objects.filter(
            organisation=one, programme__in=other.partnerships.order_by().values("programme")
        ).select_related("programme", "source")
        for one, other in ((left, right), (right, left))
    ]
    about = RULES["partnerships"].about
    found = [{about(row): row for row in some.order_by("programme__name", "role")} for some in rows]
    both = [key for key in found[0] if key in found[1]]
    return [found[0][key] for key in both], [found[1][key] for key in both]


def read_shared(model: Any, pks: Collection[int]) -> dict[int, Any]:
    """Return organisations or sources with what is compared of them, by id."""
    rows = model._base_manager.filter(pk__in=pks)
    if model is Organisation:
        rows = rows.select_related("country", "parent", "successor")
        rows = rows.prefetch_related("names", "citations__source")
    return {row.pk: row for row in rows.order_by("pk")}
