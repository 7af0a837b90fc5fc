"""Random edits of the catalogue, by curators and by SQL, for tests of the in-memory catalogue."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import Model, QuerySet
from hypothesis import strategies as st

from partnerships.models import Funding, Organisation, OrganisationName, Partnership
from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    Evaluation,
    InitiativeKind,
    Programme,
    ProgrammeName,
)
from tests import builders

Edit = Callable[[st.DataObject], None]
EDITS: list[Edit] = []

NAMES = st.sampled_from(
    ["Quokka robots", "Überquokka", "quokka guest lessons", "Robots", "Jet-Net", "Ørsted teachers"]
)
YEARS = st.sampled_from([None, 1999, 2010, 2011, 2020])
ROLES = st.sampled_from(["founder", "funder", "partner"])


def edit(make: Edit) -> Edit:
    """Register a function in EDITS as an edit; used as a decorator."""
    EDITS.append(make)
    return make


def one_of(data: st.DataObject, rows: QuerySet[Any], last: int = 8) -> Any:
    """Draw one of the newest rows; without rows raise IntegrityError, as a refused edit does."""
    some = list(rows.order_by("-pk")[:last])
    if not some:
        raise IntegrityError
    return data.draw(st.sampled_from(some))


def some_of(data: st.DataObject, rows: QuerySet[Any], last: int = 8) -> list[Any]:
    found = list(rows.order_by("-pk")[:last])
    return data.draw(st.lists(st.sampled_from(found), max_size=4, unique=True)) if found else []


def programme_of(data: st.DataObject) -> Programme:
    return one_of(data, Programme.objects.all())


def organisation_of(data: st.DataObject) -> Organisation:
    return one_of(data, Organisation.objects.all())


@edit
def create_a_programme(data: st.DataObject) -> None:
    programme = builders.make_programme(
        name=data.draw(NAMES),
        summary=data.draw(NAMES),
        year_start=data.draw(YEARS),
        state=data.draw(st.sampled_from(["published", "published", "draft"])),
        countries=some_of(data, Country.objects.all()),
        kinds=some_of(data, InitiativeKind.objects.all()),
    )
    builders.make_partnership(programme, organisation_of(data), data.draw(ROLES))


@edit
def create_many_programmes_at_once(data: st.DataObject) -> None:
    number = Programme.objects.count()
    Programme.objects.bulk_create(
        Programme(slug=f"bulk-{n}", name=data.draw(NAMES), scope="local", state="published")
        for n in range(number, number + 3)
    )


@edit
def change_the_state_of_a_programme(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.state = data.draw(st.sampled_from(Programme.State.values))
    programme.withdrawn_reason = "Made twice." if programme.state == "withdrawn" else ""
    programme.save()


@edit
def merge_two_programmes(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.merged_into, programme.state = programme_of(data), "withdrawn"
    programme.save()


@edit
def rename_a_programme(data: st.DataObject) -> None:
    programme = programme_of(data)
    setattr(programme, data.draw(st.sampled_from(["name", "short_name"])), data.draw(NAMES))
    programme.save()


@edit
def rename_a_programme_without_a_signal(data: st.DataObject) -> None:
    Programme.objects.filter(pk=programme_of(data).pk).update(name=data.draw(NAMES))


@edit
def move_a_programme_to_another_address(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.slug = f"{programme.slug[:60]}-moved"
    programme.save()


@edit
def change_a_text(data: st.DataObject) -> None:
    column = data.draw(st.sampled_from(["summary", "objectives", "region", "key_statement"]))
    Programme.objects.filter(pk=programme_of(data).pk).update(**{column: data.draw(NAMES)})


@edit
def change_years(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.year_start, programme.year_end = data.draw(YEARS), data.draw(YEARS)
    programme.status_as_of = data.draw(YEARS)
    programme.save()


@edit
def change_closed_lists(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.duration = data.draw(st.sampled_from(["", *Programme.Duration.values]))
    programme.scope = data.draw(st.sampled_from(Programme.Scope.values))
    programme.record_type = data.draw(st.sampled_from(Programme.RecordType.values))
    programme.is_vocational = data.draw(st.booleans())
    programme.save()


@edit
def change_the_status_of_many(data: st.DataObject) -> None:
    years = data.draw(st.lists(YEARS.filter(bool), min_size=1))
    status = data.draw(st.sampled_from(Programme.Status.values))
    Programme.objects.filter(year_start__in=years).update(status=status)


@edit
def change_two_in_one_statement(data: st.DataObject) -> None:
    pair = [programme_of(data), programme_of(data)]
    for programme in pair:
        programme.name = data.draw(NAMES)
    Programme.objects.bulk_update(pair, ["name"])


@edit
def delete_programmes(data: st.DataObject) -> None:
    Programme.objects.filter(pk__in=[row.pk for row in some_of(data, Programme.objects)]).delete()


@edit
def change_a_relation(data: st.DataObject) -> None:
    relations: dict[str, type[Model]] = {
        "countries": Country, "also_reaches": Country, "levels": EducationLevel,
        "kinds": InitiativeKind, "factors": CareerFactor, "audiences": Audience,
    }  # fmt: skip
    name = data.draw(st.sampled_from(sorted(relations)))
    related = getattr(programme_of(data), name)
    rows = some_of(data, relations[name]._default_manager.all())
    match data.draw(st.sampled_from(["add", "remove", "set", "clear"])):
        case "add":
            related.add(*rows)
        case "remove":
            related.remove(*related.all()[:2])
        case "set":
            related.set(rows)
        case "clear":
            related.clear()


@edit
def give_a_country_other_programmes(data: st.DataObject) -> None:
    one_of(data, Country.objects.all()).programmes.set(some_of(data, Programme.objects.all()))


@edit
def add_a_name(data: st.DataObject) -> None:
    ProgrammeName.objects.create(programme=programme_of(data), name=data.draw(NAMES))


@edit
def change_a_name(data: st.DataObject) -> None:
    name = one_of(data, ProgrammeName.objects.all())
    name.programme, name.name = programme_of(data), data.draw(NAMES)
    name.save()


@edit
def remove_a_name(data: st.DataObject) -> None:
    one_of(data, ProgrammeName.objects.all()).delete()


@edit
def add_a_partnership(data: st.DataObject) -> None:
    builders.make_partnership(programme_of(data), organisation_of(data), data.draw(ROLES))


@edit
def change_a_partnership(data: st.DataObject) -> None:
    partnership = one_of(data, Partnership.objects.all())
    match data.draw(st.sampled_from(["role", "organisation", "programme"])):
        case "role":
            partnership.role = data.draw(ROLES)
        case "organisation":
            partnership.organisation = organisation_of(data)
        case "programme":
            partnership.programme = programme_of(data)
            partnership.position = builders.position()
    partnership.save()


@edit
def end_partnerships(data: st.DataObject) -> None:
    organisation_of(data).partnerships.all().delete()


@edit
def create_an_organisation(data: st.DataObject) -> None:
    partner = builders.make_organisation(name=data.draw(NAMES))
    builders.make_partnership(programme_of(data), partner, data.draw(ROLES))


@edit
def rename_an_organisation(data: st.DataObject) -> None:
    Organisation.objects.filter(pk=organisation_of(data).pk).update(name=data.draw(NAMES))


@edit
def move_an_organisation_to_another_address(data: st.DataObject) -> None:
    organisation = organisation_of(data)
    organisation.slug = f"{organisation.slug[:60]}-moved"
    organisation.save()


@edit
def delete_an_organisation(data: st.DataObject) -> None:
    organisation = organisation_of(data)
    organisation.partnerships.all().delete()
    organisation.delete()


@edit
def add_a_name_of_an_organisation(data: st.DataObject) -> None:
    builders.make_organisation_name(organisation_of(data), name=data.draw(NAMES))


@edit
def change_a_name_of_an_organisation(data: st.DataObject) -> None:
    name = one_of(data, OrganisationName.objects.all())
    name.organisation, name.name = organisation_of(data), data.draw(NAMES)
    name.save()


@edit
def remove_a_name_of_an_organisation(data: st.DataObject) -> None:
    one_of(data, OrganisationName.objects.all()).delete()


@edit
def add_an_evaluation(data: st.DataObject) -> None:
    builders.make_evaluation(programme_of(data))


@edit
def change_an_evaluation(data: st.DataObject) -> None:
    evaluation = one_of(data, Evaluation.objects.all())
    evaluation.object = data.draw(st.sampled_from(Evaluation.Object.values))
    evaluation.design = data.draw(st.sampled_from(Evaluation.Design.values))
    evaluation.independence = data.draw(st.sampled_from(Evaluation.Independence.values))
    evaluation.programme, evaluation.position = programme_of(data), builders.position()
    evaluation.save()


@edit
def remove_evaluations(data: st.DataObject) -> None:
    programme_of(data).evaluations.all().delete()


@edit
def add_funding(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(Funding.SourceType.values))
    builders.make_funding(programme_of(data), source_type=source)


@edit
def change_funding(data: st.DataObject) -> None:
    rows = Funding.objects.filter(pk=one_of(data, Funding.objects.all()).pk)
    rows.update(programme=programme_of(data), position=builders.position())


@edit
def remove_funding(data: st.DataObject) -> None:
    programme_of(data).funding.all()._raw_delete(using="default")


@edit
def rename_a_country(data: st.DataObject) -> None:
    Country.objects.filter(code=data.draw(st.sampled_from(["NL", "FI"]))).update(
        name=data.draw(NAMES)
    )


@edit
def rename_a_kind(data: st.DataObject) -> None:
    kind = one_of(data, InitiativeKind.objects.all())
    kind.name, kind.slug = data.draw(NAMES), f"{kind.slug[:50]}-new"
    kind.save()


@edit
def delete_an_audience(data: st.DataObject) -> None:
    one_of(data, Audience.objects.all()).delete()


@edit
def write_past_django(data: st.DataObject) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE programmes_programme SET name = %s WHERE id = %s",
            [data.draw(NAMES), programme_of(data).pk],
        )
