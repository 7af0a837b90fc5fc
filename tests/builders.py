"""Functions that make database rows for tests, with plausible defaults for columns not given."""

import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from partnerships.models import (
    Criterion,
    CriterionAssessment,
    Funding,
    Guide,
    GuideItem,
    Lineage,
    NationalPlatform,
    Organisation,
    OrganisationName,
    Partnership,
    Statement,
    Strategy,
)
from programmes.models import (
    Citation,
    Claim,
    Contact,
    Country,
    Discrepancy,
    Document,
    EducationLevel,
    Evaluation,
    Field,
    FormerSlug,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    Source,
    Story,
    Suggestion,
    TakingPart,
    Task,
    Unit,
)
from stemobs.curation.subjects import cut_told, tell_fact

numbers = count(1)
RELATIONS = ("countries", "also_reaches", "levels", "audiences", "kinds", "factors", "platforms")
ENDS = ("state", "withdrawn_reason", "merged_into")


def position() -> int:
    """Return a value for the column `position` that no other row of this test run has."""
    return 1000 + next(numbers)


def country(code: str) -> Country:
    return Country.objects.get(code=code)


def level(code: int) -> EducationLevel:
    return EducationLevel.objects.get(code=code)


def kind(slug: str) -> InitiativeKind:
    return InitiativeKind.objects.get(slug=slug)


def store_as_it_is(row: Model, **texts: str) -> None:
    """Store texts in a row past the cleaning of the models, as a program with SQL can."""
    columns = ", ".join(f'"{name}" = %s' for name in texts)
    statement = f'UPDATE "{row._meta.db_table}" SET {columns} WHERE id = %s'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*texts.values(), row.pk])


def make_programme(**fields: Any) -> Programme:
    """Make a published programme; many-to-many relations such as `countries` are given as lists.

    A withdrawn one was published before, so that readers know of it.
    """
    number = next(numbers)
    related = {name: fields.pop(name) for name in RELATIONS if name in fields}
    defaults = {
        "slug": f"made-{number}",
        "name": f"Made {number}",
        "summary": "Made for a test.",
        "scope": Programme.Scope.NATIONAL,
        "state": Programme.State.PUBLISHED,
    }
    is_withdrawn = fields.get("state") == Programme.State.WITHDRAWN
    end = {name: fields.pop(name) for name in ENDS if is_withdrawn and name in fields}
    programme = Programme.objects.create(**{**defaults, **fields})
    for name, value in end.items():
        setattr(programme, name, value)
    if end:
        programme.save()
    for name, rows in related.items():
        getattr(programme, name).set(rows)
    return programme


def make_source(**fields: Any) -> Source:
    number = next(numbers)
    return Source.objects.create(
        **{
            "slug": f"made-source-{number}",
            "title": f"Made source {number}",
            "is_public": True,
            **fields,
        }
    )


def make_ready(**fields: Any) -> Programme:
    """Make a draft that nothing keeps from being published."""
    programme = make_programme(**{"state": Programme.State.DRAFT, **fields})
    make_publishable(programme)
    return programme


def make_publishable(programme: Programme) -> None:
    """Give a programme what every published one needs."""
    programme.countries.add(country("NL"))
    programme.kinds.add(kind("company-visits"))
    make_citation(programme, source=make_source())


def make_name(programme: Programme, name: str, **fields: Any) -> ProgrammeName:
    return ProgrammeName.objects.create(programme=programme, name=name, **fields)


def make_former_slug(programme: Programme, slug: str) -> FormerSlug:
    return FormerSlug.objects.create(programme=programme, slug=slug)


def make_citation(programme: Programme, **fields: Any) -> Citation:
    defaults = {"position": position(), "basis": Citation.Basis.STATED}
    return Citation.objects.create(programme=programme, **{**defaults, **fields})


def make_reach(programme: Programme, value: Any = 100, **fields: Any) -> Reach:
    defaults = {"position": position(), "unit": Unit.objects.get(slug="students")}
    return Reach.objects.create(
        programme=programme, value=Decimal(str(value)), **{**defaults, **fields}
    )


def make_evaluation(programme: Programme, **fields: Any) -> Evaluation:
    return Evaluation.objects.create(programme=programme, **{"position": position(), **fields})


def make_way_in(programme: Programme, **fields: Any) -> TakingPart:
    """Make a way in that a source gives, so that the programme is open if it runs."""
    defaults = {"position": position(), "audience": "schools", "how": "Write to the office."}
    defaults["source"] = fields.get("source") or make_source()
    return TakingPart.objects.create(programme=programme, **{**defaults, **fields})


def make_contact(programme: Programme, **fields: Any) -> Contact:
    defaults = {"position": position(), "office": "Programme office"}
    return Contact.objects.create(programme=programme, **{**defaults, **fields})


def make_document(programme: Programme, **fields: Any) -> Document:
    defaults = {"position": position(), "title": "Made document"}
    return Document.objects.create(programme=programme, **{**defaults, **fields})


def make_story(programme: Programme, **fields: Any) -> Story:
    """Make a story that readers may see, chosen later than those of the fixtures."""
    number = next(numbers)
    defaults = {"slug": f"made-story-{number}", "title": f"Made story {number}", "text": "Once."}
    shown = {"chosen_on": datetime.date(2100, 1, 1), "is_published": True}
    return Story.objects.create(programme=programme, **{**defaults, **shown, **fields})


def make_suggestion(programme: Programme | None = None, **fields: Any) -> Suggestion:
    told = {"kind": "newer", "said": "It is 65,000 now.", "source": "Report, page 7"}
    if programme:
        told["fact_told"] = cut_told(tell_fact(programme, fields.get("fact", "")) or "")
    unique = {"programme": programme, "digest": f"made-{next(numbers)}"}
    return Suggestion.objects.create(**{**told, **unique, **fields})


def make_task(kind: str = Task.Kind.GAP, **fields: Any) -> Task:
    now = timezone.now()
    told = {"key": f"made-{next(numbers)}", "told": "Still missing: reach.", "fingerprint": "a"}
    closed_at = None if fields.get("state", Task.State.OPEN) == Task.State.OPEN else now
    times = {"opened_at": now, "seen_at": now, "closed_at": closed_at}
    return Task.objects.create(kind=kind, **{**told, **times, **fields})


def make_discrepancy(programme: Programme, **fields: Any) -> Discrepancy:
    defaults = {"position": position(), "field": "reach", "about": "Number of schools"}
    return Discrepancy.objects.create(programme=programme, **{**defaults, **fields})


def make_claim(discrepancy: Discrepancy, **fields: Any) -> Claim:
    defaults = {"position": position(), "statement": "over 100"}
    return Claim.objects.create(discrepancy=discrepancy, **{**defaults, **fields})


def make_organisation(**fields: Any) -> Organisation:
    number = next(numbers)
    defaults = {
        "slug": f"made-organisation-{number}",
        "name": f"Made organisation {number}",
        "type": Organisation.Type.COMPANY,
        "is_public": True,
    }
    return Organisation.objects.create(**{**defaults, **fields})


def make_organisation_name(organisation: Organisation, **fields: Any) -> OrganisationName:
    number = next(numbers)
    defaults = {"name": f"Alias {number}", "slug": f"alias-{number}"}
    return OrganisationName.objects.create(organisation=organisation, **{**defaults, **fields})


def make_partnership(
    programme: Programme, organisation: Organisation, role: str = "partner", **fields: Any
) -> Partnership:
    return Partnership.objects.create(
        programme=programme,
        organisation=organisation,
        role=role,
        **{"position": position(), **fields},
    )


def make_funding(programme: Programme, **fields: Any) -> Funding:
    defaults = {"position": position(), "source_type": Funding.SourceType.PUBLIC}
    return Funding.objects.create(programme=programme, **{**defaults, **fields})


def make_strategy(**fields: Any) -> Strategy:
    number = next(numbers)
    defaults = {"slug": f"made-strategy-{number}", "name": f"Strategy {number}"}
    return Strategy.objects.create(**{**defaults, "level": Strategy.Level.NATIONAL, **fields})


def make_platform(**fields: Any) -> NationalPlatform:
    number = next(numbers)
    defaults = {"slug": f"made-platform-{number}", "name": f"Platform {number}"}
    kind = {"level": NationalPlatform.Level.NATIONAL, "standing": "platform"}
    return NationalPlatform.objects.create(**{**defaults, **kind, **fields})


def make_statement(**fields: Any) -> Statement:
    defaults = {"position": position(), "kind": Statement.Kind.FACT, "text": "A fact."}
    return Statement.objects.create(**{**defaults, **fields})


def make_lineage(**fields: Any) -> Lineage:
    defaults = {
        "slug": f"made-lineage-{next(numbers)}",
        "relation": Lineage.Relation.INSPIRED,
    }
    return Lineage.objects.create(**{**defaults, **fields})


def make_assessment(programme: Programme, **fields: Any) -> CriterionAssessment:
    defaults = {
        "position": position(),
        "criterion": Criterion.objects.first(),
        "verdict": CriterionAssessment.Verdict.NOT_ENOUGH_INFORMATION,
    }
    return CriterionAssessment.objects.create(programme=programme, **{**defaults, **fields})


def make_guide(**fields: Any) -> Guide:
    number = next(numbers)
    defaults = {
        "slug": f"made-guide-{number}",
        "title": f"Guide {number}",
        "group": Guide.Group.PRACTICE,
        "summary": "Made for a test.",
    }
    return Guide.objects.create(**{**defaults, **fields})


def make_guide_item(guide: Guide, programmes: Any = (), **fields: Any) -> GuideItem:
    number = next(numbers)
    defaults = {"slug": f"item-{number}", "position": position(), "heading": "Do", "text": "This."}
    item = GuideItem.objects.create(guide=guide, **{**defaults, **fields})
    item.programmes.set(programmes)
    return item


def crowded(number: int) -> Programme:
    """Make a programme with `number` rows of each kind of fact, in at most twelve countries."""
    countries = list(Country.objects.all()[: min(number, 12)])
    programme = make_programme(
        countries=countries,
        also_reaches=countries,
        levels=[level(code) for code in range(9)],
    )
    units = list(Unit.objects.all())
    for index in range(number):
        source = make_source(url=f"https://example.org/{programme.slug}/{index}")
        facts = {"source": source, "locator": f"p. {index}"}
        make_citation(programme, field=Field.values[index % len(Field.values)], **facts)
        make_reach(
            programme, index + 1, unit=units[index % len(units)], year_to=2000 + index, **facts
        )
        make_funding(programme, amount=1000 + index, currency="EUR", **facts)
        make_evaluation(programme, finding="It works.", **facts)
        make_document(programme, url="https://example.org/", **facts)
        make_partnership(programme, make_organisation(), **facts)
        make_name(programme, f"Other name {index}", language="fi")
        point = make_discrepancy(programme, **facts)
        make_claim(point, **facts)
        make_lineage(from_programme=programme, to_programme=make_programme(), **facts)
    return programme
