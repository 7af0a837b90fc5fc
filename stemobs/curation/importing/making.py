"""Makes the draft of a new record of what a row of a partner's file says, with all its facts."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from partnerships.models import (
    FormerOrganisationSlug,
    Funding,
    Organisation,
    OrganisationName,
    Partnership,
)
from programmes.models import (
    Audience,
    Citation,
    Country,
    EducationLevel,
    Field,
    FormerSlug,
    FormerSourceSlug,
    Import,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    Source,
    Unit,
)
from programmes.models.programme import RESERVED_SLUGS
from stemobs.curation.importing.drafting import Fact, RowFacts
from stemobs.curation.importing.organisations import PartnerFound
from stemobs.curation.reading.places import find_host, guess_title, reduce_address
from stemobs.curation.slugs import find_free_slug

TERMS: Mapping[str, tuple[Any, str]] = {
    "countries": (Country, "code"),
    "levels": (EducationLevel, "code"),
    "kinds": (InitiativeKind, "slug"),
    "audiences": (Audience, "slug"),
}
# A draft may lack these; nobody can publish it without them.
MAY_LACK = ["summary"]
NUMBERS = {"year_start", "year_end", "age_min", "age_max", "year_from", "year_to"}


class RowRefused(Exception):
    """A row that cannot become a draft after all, with its line and the reason."""

    def __init__(self, line: int, told: str) -> None:
        super().__init__(told)
        self.line, self.told = line, told


class RecordMaker:
    """Makes records, sources and organisations for a file; each of these once."""

    def __init__(self, sheet: Import) -> None:
        self.sheet = sheet
        self.source = find_source_of(sheet)
        self.units = {unit.slug: unit for unit in Unit.objects.all()}
        self.organisations: dict[str, Organisation] = {}
        self.sources: dict[str, Source] = {}

    def make_record(self, line: int, name: str, facts: RowFacts) -> Programme:
        """Return the draft of a new record; raise RowRefused if something cannot stand in it."""
        try:
            return self.build(line, name, facts)
        except ValidationError as error:
            raise RowRefused(line, " ".join(error.messages)) from error

    def build(self, line: int, name: str, facts: RowFacts) -> Programme:
        slug = find_free_slug(name, Programme, FormerSlug, reserved=RESERVED_SLUGS)
        values = {column: read_column(column, told) for column, told in facts.fields.items()}
        record = Programme(name=name, slug=slug, curators_note=facts.note, **values)
        record.full_clean(exclude=MAY_LACK)
        record.save()
        for relation, keys in facts.terms.items():
            model, key = TERMS[relation]
            getattr(record, relation).set(model.objects.filter(**{f"{key}__in": keys}))
        self.add_sources(record, line, facts.addresses)
        for other in facts.names:
            add(ProgrammeName(programme=record, name=other, kind=ProgrammeName.Kind.ALIAS))
        places: dict[Any, Any] = {}
        for row in self.build_rows(facts):
            number = places.setdefault(type(row), count(1))
            row.programme, row.position = record, next(number)
            row.source, row.locator = self.source, write_place(line)
            add(row)
        return record

    def build_rows(self, facts: RowFacts) -> Iterable[Any]:
        """Yield the rows below a record, not saved yet."""
        for told in facts.reach:
            yield Reach(**self.read_reach(told))
        for partner, role in facts.partners:
            yield Partnership(organisation=self.find_organisation(partner), role=role)
        for told in facts.funding:
            yield Funding(**self.read_sum(told))

    def read_reach(self, told: Fact) -> dict[str, Any]:
        return {**read_columns(Reach, told), "unit": self.find_unit(told)}

    def find_unit(self, told: Fact) -> Unit:
        """Return the unit of a figure; raise ValidationError if the vocabulary has it no more."""
        slug = told.get("unit", "")
        if slug not in self.units:
            raise ValidationError(_("There is no unit “%(unit)s” any more.") % {"unit": slug})
        return self.units[slug]

    def read_sum(self, told: Fact) -> dict[str, Any]:
        values = read_columns(Funding, told)
        if payer := told.get("payer"):
            values["organisation"] = self.find_organisation(payer)
        return values

    def find_organisation(self, partner: PartnerFound) -> Organisation:
        """Return the organisation of a name; a new one is stored, once for the whole file."""
        key = f"{partner.pk or partner.name}"
        if key not in self.organisations:
            if partner.pk:
                self.organisations[key] = Organisation.objects.get(pk=partner.pk)
            else:
                self.organisations[key] = self.make_organisation(partner)
        return self.organisations[key]

    def make_organisation(self, partner: PartnerFound) -> Organisation:
        slug = find_free_slug(partner.name, Organisation, OrganisationName, FormerOrganisationSlug)
        made = Organisation(
            name=partner.name,
            slug=slug,
            type=partner.type,
            is_type_inferred=partner.is_inferred,
        )
        add(made)
        return made

    def add_sources(self, record: Programme, line: int, addresses: Iterable[str]) -> None:
        """Name the file as a source of the record, and the pages that the row names."""
        sources = [self.source, *map(self.find_source, addresses)]
        for position, source in enumerate(dict.fromkeys(sources), 1):
            place = write_place(line) if source == self.source else ""
            add(
                Citation(
                    programme=record,
                    position=position,
                    field=Field.ENTRY,
                    basis=Citation.Basis.STATED,
                    source=source,
                    locator=place,
                )
            )

    def find_source(self, address: str) -> Source:
        """Return the source of an address: a stored one, or a new one with a guessed title."""
        key = reduce_address(address)
        if key not in self.sources:
            host = find_host(address)
            near = Source.objects.filter(url__icontains=host)
            known = next((one for one in near if reduce_address(one.url) == key), None)
            self.sources[key] = known or make_source(address)
        return self.sources[key]


def find_source_of(sheet: Import) -> Source:
    """Return the source that stands for a file: it is made when the first draft is."""
    if sheet.source is None:
        title = _("Spreadsheet “%(name)s”") % {"name": sheet.file_name}
        sheet.source = Source(
            title=title[:300],
            publisher=sheet.sender,
            kind=Source.Kind.DOCUMENT,
            published=sheet.dated,
            recorded_on=timezone.localdate(),
            link_state=Source.LinkState.ABSENT,
            slug=find_free_slug(f"{sheet.sender} {sheet.file_name}", Source, FormerSourceSlug),
        )
        add(sheet.source)
    return sheet.source


def make_source(address: str) -> Source:
    host = find_host(address)
    made = Source(
        title=guess_title(address) or host,
        publisher=host,
        url=address,
        kind=Source.Kind.PAGE,
        slug=find_free_slug(f"{host} {guess_title(address)}", Source, FormerSourceSlug),
        recorded_on=timezone.localdate(),
    )
    add(made)
    return made


def add(row: models.Model) -> None:
    """Check a row as a form does, and store it."""
    row.full_clean()
    row.save()


def write_place(line: int) -> str:
    return _("line %(number)d") % {"number": line}


def read_column(name: str, told: str) -> Any:
    """Return what a column of a programme holds that a row tells as text."""
    if name in NUMBERS:
        return int(told)
    return told == "True" if name == "is_vocational" else told


def read_columns(model: type[models.Model], told: Fact) -> dict[str, Any]:
    """Return the columns of a figure that a row tells as texts."""
    known = {column.name for column in model._meta.concrete_fields if not column.is_relation}
    return {
        name: int(value) if name in NUMBERS else value
        for name, value in told.items()
        if name in known
    }
