"""Facts that records should have and lack, unless a source says that they are not published."""

from collections.abc import Iterator

from django.db.models import BooleanField, ExpressionWrapper
from django.utils.translation import gettext as _

from programmes.models import Citation, Field
from stemobs.curation.expected import EXPECTED, EXPECTED_OF_ALL
from stemobs.curation.tasks.matters import Matter, Sight


def find_gaps(sight: Sight) -> Iterator[Matter]:
    """Yield the records that lack expected facts, one matter for all that a record lacks."""
    declared = read_declared(sight)
    for pk, lacking in read_lacking(sight):
        if fields := [field for field in lacking if (pk, field.value) not in declared]:
            names = ", ".join(str(EXPECTED[field][0]) for field in fields)
            yield Matter(
                key=str(pk),
                told=_("Still missing: %(facts)s.") % {"facts": names},
                evidence=(*(field.value for field in fields),),
                programme=pk,
                weight=sight.weigh(pk),
            )


def read_lacking(sight: Sight) -> Iterator[tuple[int, list[Field]]]:
    """Yield each record with the expected facts that it has no row or value of."""
    expected = EXPECTED_OF_ALL if sight.programme is None else EXPECTED
    lacks = {
        f"lacks_{field}": ExpressionWrapper(condition, BooleanField())
        for field, (_label, condition) in expected.items()
    }
    rows = sight.select_records().annotate(**lacks).values_list("pk", *lacks)
    for pk, *told in rows.iterator():
        yield pk, [field for field, lacking in zip(expected, told, strict=True) if lacking]


def read_declared(sight: Sight) -> set[tuple[int, str]]:
    """Return the facts of records that are not published anywhere, as a source says."""
    declared = Citation.Basis.DECLARED_NOT_AVAILABLE
    rows = sight.select_facts(Citation).filter(basis=declared, field__in=[*EXPECTED])
    return set(rows.values_list("programme_id", "field"))
