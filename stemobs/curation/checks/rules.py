"""The checks of a record itself, of its sources and of its years.

Each takes a record and yields faults. What is wrong in any record, also in a draft, is refused by
the models; `find_errors_of_models` asks them.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.columns.hosts import NOT_PUBLIC, is_public
from programmes.models import YEAR_VALIDATORS, Field, Programme
from stemobs.curation.checks.faults import Fault, warn
from stemobs.curation.checks.record import Checked, CheckedRecord

LONG_SUMMARY, LONGEST_SUMMARY = 25, 60  # words: what is odd, and what is refused
YEARS_AHEAD = 5
LEAST_CLAIMS = 2
FEW_CLAIMS = gettext_lazy("A point on which sources differ needs two of them. Add what each says.")
Faults = Iterator[Fault]


# --- The record itself ----------------------------------------------------------------------------


def check_summary(record: CheckedRecord) -> Faults:
    words = len(record.programme.summary.split())
    if words > LONGEST_SUMMARY:
        told = ngettext(
            "The summary has %(words)d words. Please leave out %(over)d.",
            "The summary has %(words)d words. Please leave out %(over)d.",
            words,
        )
        over = {"words": words, "over": words - LONGEST_SUMMARY}
        yield Fault(told % over, record.programme, "summary")
    elif words > LONG_SUMMARY:
        odd = _("The summary has %(words)d words. %(most)d are the most that we want.")
        numbers = {"words": words, "most": LONG_SUMMARY}
        yield warn(odd % numbers, record.programme, "summary")


def check_place(record: CheckedRecord) -> Faults:
    """Several countries that nobody lists may be named in the note, such as “ESA member states”."""
    programme = record.programme
    is_wide = programme.scope == Programme.Scope.EU_WIDE
    is_multiple = programme.scope == Programme.Scope.MULTI_COUNTRY
    is_noted = is_multiple and programme.countries_note
    if not (is_wide or is_noted or programme.countries.all()):
        told = _("It has no country. Choose one, or the scope “Europe-wide”.")
        yield Fault(told, programme, "countries")
    elif is_multiple and not is_noted and len(programme.countries.all()) == 1:
        odd = _("It is in several countries, and names one. Add the others, or change the scope.")
        yield warn(odd, programme, "scope")


def check_picture(record: CheckedRecord) -> Faults:
    programme = record.programme
    if programme.logo and not programme.logo_licence:
        told = _("The picture has no licence. Say under which we may show it, or clear it.")
        yield Fault(told, programme, "logo_licence")


def check_kind(record: CheckedRecord) -> Faults:
    """Some records, such as awards and networks, are no intervention of any kind: that is said."""
    if not record.programme.kinds.all():
        yield warn(
            _("It has no kind. Choose one, or say why none fits."), record.programme, "kinds"
        )


def check_end(record: Checked) -> Faults:
    """Strategies and platforms end as programmes do."""
    row = record.row
    year = getattr(row, "year_end", None)
    if year and year < timezone.localdate().year and row.status == Programme.Status.ACTIVE:
        told = _("It ended in %(year)d, and its status is “%(status)s”. Correct one of the two.")
        yield Fault(told % {"year": year, "status": row.get_status_display()}, row, "status")


def check_years(record: Checked) -> Faults:
    """No year may be far ahead; that none is before 1800, the models see to."""
    latest = timezone.localdate().year + YEARS_AHEAD
    for row in record.rows:
        for field in row._meta.concrete_fields:
            year = getattr(row, field.attname)
            if YEAR_VALIDATORS[0] in field.validators and year is not None and year > latest:
                told = _("%(field)s: %(year)d is far ahead. Give a year up to %(latest)d.")
                words = {"field": name_field(field), "year": year, "latest": latest}
                yield Fault(told % words, row, field.name)


# --- Sources --------------------------------------------------------------------------------------


def check_source_of_record(record: CheckedRecord) -> Faults:
    if not any(c.field == Field.ENTRY and c.source_id for c in record.list_facts("citations")):
        told = _("The record has no source. Add a citation of the record as a whole.")
        yield Fault(told, record.programme, "citations")


def check_sources_of_facts(record: Checked) -> Faults:
    for row in [*record.list_facts("reach"), *record.list_facts("statements")]:
        if row.source_id is None and row.value is not None:
            told = _("Every figure needs a source. Choose the one that says “%(fact)s”.")
            yield Fault(told % {"fact": row}, row, "source")
    for row in record.list_facts("funding"):
        if row.source_id is None and row.amount is not None:
            told = _("Every sum needs a source. Choose the one that says “%(fact)s”.")
            yield Fault(told % {"fact": row}, row, "source")


def check_addresses_of_sources(record: Checked) -> Faults:
    """The record's own addresses are looked at with its other fields."""
    for row in record.sourced:
        source = record.sources.get(getattr(row, "source_id", None) or 0)
        if source and not all(map(is_public, filter(None, (source.url, source.archived_url)))):
            yield Fault(f"{source}: {NOT_PUBLIC}", row, "source")


def check_discrepancies(record: CheckedRecord) -> Faults:
    for row in record.list_facts("discrepancies"):
        if len(row.claims.all()) < LEAST_CLAIMS:
            yield Fault(f"{row}: {FEW_CLAIMS}", row)


# --- Mergers --------------------------------------------------------------------------------------


def check_mergers(record: CheckedRecord) -> Faults:
    """Whoever asks for a record that was merged has to reach one that they may see."""
    programme = record.programme
    if programme.merged_into and not Programme.objects.find_successors([programme]):
        told = _("Readers cannot see “%(name)s”, or where it leads. Choose a published record.")
        yield Fault(told % {"name": programme.merged_into}, programme, "merged_into")
    elif not programme.merged_into and (merged := programme.merged_from.first()):
        told = _("“%(name)s” was merged into this one. Choose where its readers go now.")
        yield warn(told % {"name": merged}, programme, "merged_into")


# --- What the models refuse -----------------------------------------------------------------------


def find_errors_of_models(record: Checked) -> Faults:
    for row in record.rows:
        for name, texts in list_errors(row).items():
            is_field = name in {field.name for field in row._meta.concrete_fields}
            label = f"{name_field(row._meta.get_field(name))}: " if is_field else ""
            for text in texts:
                yield Fault(f"{label}{text}", row, name if is_field else "")


def list_errors(row: Any) -> dict[str, list[str]]:
    """Return by field what is wrong with a row by its own model.

    The database sees to relations, uniqueness and constraints.
    """
    relations = {field.name for field in row._meta.concrete_fields if field.is_relation}
    errors: dict[str, list[str]] = {}
    try:
        row.clean_fields(exclude=relations)
    except ValidationError as error:
        errors |= {name: [*map(word_error, some)] for name, some in error.error_dict.items()}
    try:
        row.clean()
    except ValidationError as error:
        errors |= error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return errors


def word_error(error: ValidationError) -> str:
    """Return what is wrong with a field, in words of our own where nothing stands in it."""
    if error.code in ("blank", "null"):
        return _("This is still empty. Fill it in.")
    return " ".join(map(str, error.messages))


def name_field(field: Any) -> str:
    return capfirst(str(field.verbose_name))
