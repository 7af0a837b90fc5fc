"""Finds records in the same country whose names are nearly equal: they may be the same."""

from collections.abc import Iterator

from django.db.models import F, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from programmes.models import Programme, ProgrammeName
from stemobs.curation.checks.faults import Fault, warn
from stemobs.curation.checks.record import CheckedRecord
from stemobs.text import fold

NEARLY = 90  # of 100: how alike two names have to be


def check_names(record: CheckedRecord) -> Iterator[Fault]:
    """Warn of other records in the same country with nearly the same name, the most alike first."""
    programme = record.programme
    known = find_names_like(programme)
    folded = {key: fold(name) for key, name in known.items()}
    alike = process.extract(
        fold(programme.name), folded, scorer=fuzz.ratio, score_cutoff=NEARLY, limit=None
    )
    told = _("“%(name)s” is almost the same name, in the same country. Is it the same?")
    for pk in dict.fromkeys(key[0] for _name, _score, key in alike):
        name = next(known[key] for _name, _score, key in alike if key[0] == pk)
        yield warn(told % {"name": name}, programme, "name")


def find_names_like(programme: Programme) -> dict[tuple[int, str], str]:
    """Return the names that are about as long, of other records in the same countries."""
    length = len(programme.name)
    # Names of other lengths cannot be so alike. Folding makes a few letters two.
    about = (length * NEARLY // 100 - 2, length * 100 // NEARLY + 2)
    in_country = Programme.countries.through.objects.filter(country__in=programme.countries.all())
    others: dict[str, QuerySet] = {
        "pk": Programme.objects.exclude(pk=programme.pk),
        "programme_id": ProgrammeName.objects.exclude(programme=programme.pk),
    }
    return {
        (pk, name): name
        for column, rows in others.items()
        for pk, name in rows.order_by()
        .annotate(length=Length("name"), record=F(column))
        .filter(length__range=about, **{f"{column}__in": in_country.values("programme_id")})
        .values_list("record", "name")
    }
