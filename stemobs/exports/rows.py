"""Programmes as rows of the API's list, made from the index in memory and from three SQL queries.

Making the same rows from model instances and a serializer takes five times as long; a test checks
that both ways give equal rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from operator import getitem
from typing import Any

from django.db.models import F
from django.urls import reverse

from programmes.models import (
    Audience,
    CareerFactor,
    Citation,
    Country,
    EducationLevel,
    InitiativeKind,
    Programme,
    Reach,
    TakingPart,
    pair_with_earlier,
)
from stemobs.addresses import build_absolute_url
from stemobs.catalogue.catalogue import Catalogue
from stemobs.entries import wording
from stemobs.entries.basis import BASIS_COLUMNS, BESIDE, VALUES, find_basis, is_filled

COLUMNS = (
    "pk", "slug", "name", "record_type", "summary", "scope", "is_vocational", "duration", "status",
    "status_as_of", "year_start", "year_end", "website", "verified_on", "changed_at",
    "countries_note",
)  # fmt: skip
LIFE = ("id", "position", "superseded_by_id", "retracted_on")  # by which figures are sorted out
REACH = (
    "value", "value_max", "qualifier", "unit_detail", "period", "period_type", "year_from",
    "year_to", "note", "locator", *LIFE,
)  # fmt: skip
RELATED = {
    "unit_slug": F("unit__slug"),
    "unit_name": F("unit__name"),
    "source_slug": F("source__slug"),
    "source_title": F("source__title"),
    "source_url": F("source__url"),
}


def read_rows(catalogue: Catalogue, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return rows of the API's list by programme id; programmes not published are left out."""
    reach, cited = read_reach(ids), read_cited_bases(ids)
    programmes = Programme.objects.published().filter(pk__in=ids).order_by()
    return {
        row["pk"]: add_bases(make_row(row, reach[row["pk"]], catalogue), row, cited[row["pk"]])
        for row in programmes.values(*COLUMNS)
        if row["pk"] in catalogue.programmes.entries
    }


def make_row(row: Mapping[str, Any], reach: list[Any], catalogue: Catalogue) -> dict[str, Any]:
    index, pk = catalogue.programmes, row["pk"]

    def slugs(model: Any, facet: str, key: str = "slug") -> list[str]:
        """Return the slugs or codes of a programme's terms, in the order of the vocabulary."""
        own = index.list_document_values(pk, facet)
        return [term for term in catalogue.list_terms(model, key) if term in own]

    return {
        "slug": row["slug"],
        "name": row["name"],
        "record_type": row["record_type"],
        "summary": row["summary"],
        "page": build_absolute_url(reverse("programme", args=[row["slug"]])),
        "scope": row["scope"],
        "countries": slugs(Country, "country", "code"),
        "levels": [int(code) for code in slugs(EducationLevel, "level", "code")],
        "is_vocational": row["is_vocational"],
        "kinds": slugs(InitiativeKind, "kind"),
        "factors": slugs(CareerFactor, "factor"),
        "audiences": slugs(Audience, "audience"),
        "duration": row["duration"],
        "status": row["status"],
        "status_as_of": row["status_as_of"],
        "year_start": row["year_start"],
        "year_end": row["year_end"],
        "evidence": index.list_document_values(pk, "evidence")[0],
        "open_to": list_audiences(index.list_document_values(pk, "open_to")),
        "website": row["website"],
        "reach": reach,
        "verified_on": row["verified_on"],
        "changed_at": row["changed_at"],
    }


def list_audiences(values: Collection[str]) -> list[str]:
    """Return for whom a programme is open, in the order of the vocabulary."""
    return [audience for audience in TakingPart.Audience.values if audience in values]


def add_bases(
    told: dict[str, Any], row: Mapping[str, Any], cited: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Return a row with the basis of its values."""
    known = {**row, **told}
    bases = {
        name: find_basis(
            field, any(is_filled(known[column]) for column in VALUES[field]), cited.get(field, ())
        )
        for name, field in BASIS_COLUMNS.items()
    }
    return {**told, **bases}


def read_cited_bases(ids: Iterable[int]) -> Mapping[int, Mapping[str, list[str]]]:
    """Return the bases of the citations of programmes by the programme's id and the field."""
    found: defaultdict[int, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = Citation.objects.filter(programme__in=ids, field__in=BESIDE).order_by("position")
    for pk, field, basis in rows.values_list("programme_id", "field", "basis"):
        found[pk][field].append(basis)
    return found


def read_reach(ids: Iterable[int]) -> Mapping[int, list[Any]]:
    """Return the reach figures of programmes as lists in their order, by the programme's id."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row, earlier in pair_with_earlier(select_reach(ids), getitem):
        figure = {**make_reach(row), "earlier": [make_reach(one) for one in earlier]}
        found[row["programme_id"]].append(figure)
    return found


def select_reach(ids: Iterable[int]) -> Iterable[Mapping[str, Any]]:
    """Return the reach figures of programmes as the database has them, in their order."""
    rows = Reach.objects.filter(programme__in=ids).order_by("position")
    return rows.values("programme_id", *REACH, **RELATED)


def make_reach(row: Mapping[str, Any]) -> dict[str, Any]:
    figure = wording.format_figure(row["qualifier"], row["value"], row["value_max"])
    return {
        "text": f"{figure} {row['unit_name']}",
        "value": drop_empty_decimals(row["value"]),
        "value_max": drop_empty_decimals(row["value_max"]),
        "qualifier": row["qualifier"],
        "unit": row["unit_slug"],
        "unit_detail": row["unit_detail"],
        "period": row["period"],
        "period_type": row["period_type"],
        "year_from": row["year_from"],
        "year_to": row["year_to"],
        "note": row["note"],
        "source": make_source(row),
        "anchor": wording.build_anchor("reach", row["position"]),
    }


def make_source(row: Mapping[str, Any]) -> dict[str, str] | None:
    if row["source_slug"] is None:
        return None
    return {
        "slug": row["source_slug"],
        "title": row["source_title"],
        "url": row["source_url"],
        "locator": row["locator"],
    }


def drop_empty_decimals(value: Decimal | None) -> int | float | None:
    """Return a number without decimals that are zero: 60000, not 60000.00."""
    if value is None:
        return None
    return int(value) if value % 1 == 0 else float(value)
