"""Texts of the OpenAPI description for parts that have no docstring or help text."""

from typing import Any, NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from programmes.models import HIGHER_LEVELS
from stemobs.entries.basis import BASIS_MEANINGS
from stemobs.selection.parameters import MAX_QUERY
from stemobs.selection.selection import PAGE_SIZE

ABOUT = _(
    "Programmes, partnerships, platforms and strategies that bring schools and industry together "
    "for science, technology, engineering and mathematics in Europe. Each fact names its source. "
    "The API is read-only and needs no key. Within version 1 we add fields, but never remove one "
    "or change its meaning."
)


class ParameterWords(NamedTuple):
    """What a parameter means, with a value as an example."""

    text: Any
    example: str | int


PARAMETERS = {
    "q": ParameterWords(
        format_lazy(
            _(
                "What to search for: words, “a phrase” in quotes, or the beginning of a word at "
                "the end. It has 1 to {most} characters with at least one letter or digit; "
                "accents and case do not matter. All words must match. Outside quotes, other "
                "forms match too and come later: joined and split words, synonyms, countries and "
                "terms in the official languages of the EU."
            ),
            most=MAX_QUERY,
        ),
        "girls engineering",
    ),
    "country": ParameterWords(_("ISO 3166-1 alpha-2 code of a country."), "NL"),
    "level": ParameterWords(
        format_lazy(
            _(
                "Level of education by ISCED 2011, 0 to 8. `higher` means {first} to {last}, "
                "`vocational` means vocational education at any level."
            ),
            first=HIGHER_LEVELS[0],
            last=HIGHER_LEVELS[-1],
        ),
        "3",
    ),
    "kind": ParameterWords(_("Slug of a kind of initiative."), "company-visits"),
    "factor": ParameterWords(_("Slug of a factor of career choice."), "career-information"),
    "audience": ParameterWords(_("Slug of a target group."), "girls"),
    "organisation": ParameterWords(
        _("Slug of an organisation, or of one of its other names. An unknown slug is an error."),
        "ptvt",
    ),
    "role": ParameterWords(
        _(
            "What an organisation does in a programme. With `organisation`: what that organisation "
            "does."
        ),
        "coordinator",
    ),
    "status": ParameterWords(_("Whether it still runs, as far as sources show."), "active"),
    "duration": ParameterWords(_("How long one person takes part."), "long-term"),
    "evidence": ParameterWords(_("The strongest evaluation that we found."), "independent"),
    "finding": ParameterWords(
        _(
            "What an evaluation of the programme itself found. With `design`: what an evaluation "
            "of that design found. `none` means that we found no evaluation."
        ),
        "no-effect",
    ),
    "design": ParameterWords(
        _("How it was evaluated. With `finding`: only evaluations that found this."),
        "randomised-trial",
    ),
    "funding": ParameterWords(_("Who pays."), "public"),
    "record": ParameterWords(
        _("What the record is about: a programme, a network, a competition …"), "network"
    ),
    "scope": ParameterWords(_("How far it reaches."), "national"),
    "open_to": ParameterWords(
        _("Who can join now. A source says how, and the programme runs."), "companies"
    ),
    "language": ParameterWords(
        _("ISO 639 code of a language in which it is offered. An unknown code is an error."), "en"
    ),
    "running_in": ParameterWords(
        _(
            "A year in which we know that it ran: from its start to its end, or to the last year "
            "for which a source shows it active."
        ),
        2019,
    ),
    "started_from": ParameterWords(_("The earliest start year, at most `started_to`."), 2010),
    "started_to": ParameterWords(_("The latest start year, at least `started_from`."), 2020),
    "updated_since": ParameterWords(
        _("Only what changed since this date or time in ISO 8601. Without a zone it is UTC."),
        "2026-01-01",
    ),
    "sort": ParameterWords(
        _(
            "The order. By default the best match comes first with `q`, otherwise the strongest "
            "evidence. `relevance` means best match and has no effect without `q`. `country` goes "
            "by the first of the countries, A to Z. Unknown years come last; equal rows are in "
            "the order of names."
        ),
        "name",
    ),
    "type": ParameterWords(_("What sort of organisation it is."), "company"),
    "page": ParameterWords(_("The page of the list, from 1. Past the end the answer is 404."), 1),
    "page_size": ParameterWords(
        format_lazy(_("How many rows a page has; {usual} by default."), usual=PAGE_SIZE), 5
    ),
    "facets": ParameterWords(
        _(
            "The facets for which to add the remaining choices and their counts; `all` for every "
            "facet. The counts of a facet take every parameter into account but its own."
        ),
        "country",
    ),
    "cursor": ParameterWords(
        _(
            "Use this instead of `page`. Begin with `*`, then follow `next` of each answer to "
            "the end. You get each unchanged row exactly once, even if others are added or "
            "removed on the way. A cursor works for its own selection only."
        ),
        "*",
    ),
    "group_by": ParameterWords(
        _(
            "One facet, or two separated by a comma. Each count is the size of the selection "
            "with the values of its row added."
        ),
        "kind",
    ),
    "since": ParameterWords(_("The revision after which to begin; 0 for every change."), 0),
    "bom": ParameterWords(
        _("`1` puts a byte order mark before the text, so that Excel reads it as UTF-8."), "1"
    ),
    "fields": ParameterWords(_("The fields of a row to send; all by default."), "name"),
    "format": ParameterWords(
        _("The form of the answer. It overrides the `Accept` header; the default is JSON."),
        "json",
    ),
}
# What operations answer besides what their schemas say.
ALSO_FILES = _(
    "You can get the same in other forms: here by `format` or the `Accept` header, or at "
    "addresses that end in `.csv` and the like. Those are operations of their own."
)
SPARSE_FIELDS = "x-sparse-fields"  # the key of an operation that describes its `fields`
SPARSE = _(
    "With `fields=` and names of fields separated by commas, rows have only these fields. "
    "`x-sparse-fields` lists the names."
)
STATES = _(
    "`as_of=2026-11-21` leads to the record as it was at the end of that day, at an address that "
    "ends in `@` and the revision of the catalogue. It answers in the same forms, and the citation "
    "of the record names it."
)
ALTERNATIVES = _(
    "Give several values by repeating the parameter or with commas; any of them may match."
)
MISSING = _("`none` finds rows without one.")

KEYS = {
    "slug": _("Slug of the row, as in the list. It is the last part of its page's address."),
    "code": _("Code of the row, as in the list."),
}
# The slug or code of an example row of each resource. All of these are in the fixtures.
ROWS: dict[str, str | int] = {
    "programmes": "jet-net-nl",
    "organisations": "shell",
    "countries": "NL",
    "platforms": "luma-centre-finland",
    "strategies": "techniekpact-nl",
    "education-levels": 3,
    "initiative-kinds": "company-visits",
    "career-factors": "social",
    "audiences": "girls",
    "obstacles": "resources",
    "criteria": "g1-clear-outcomes",
    "guides": "obstacles",
    "sources": "stem-coalition-entries",
}
# The query parameters of the example request for some operations.
QUESTIONS: dict[str, dict[str, str | int]] = {
    "programmes_counts": {"country": "NL", "group_by": "kind"},
    "programmes_figures": {"country": "NL"},
    "evaluations_list": {"finding": "no-effect"},
    "programmes_list": {"country": "NL", "level": "3", "page_size": 5},
    "organisations_list": {"type": "company", "page_size": 5},
}

# Descriptions of fields whose meaning in answers differs from that of the model's field.
ANSWERS = {
    "Assessment.evidence": _("What shows it."),
    "native_names": _("Its names in other languages."),
    "objectives": _("What it is for, one by one."),
    "activities": _("What it does, one by one."),
    "languages": _("ISO 639 codes of the languages that it is offered in."),
    "countries": _("ISO 3166-1 alpha-2 codes of where it is carried out."),
    "also_reaches": _(
        "ISO 3166-1 alpha-2 codes of further countries with participants, without being carried"
        " out there."
    ),
    "source": _("The source of the fact; null if it rests on the sources of the whole record."),
    "verified_sources": _(
        "Against how many of its sources a curator has checked the record, as it stands now: every "
        "fact that rests on them was looked at. Null if it never was checked fact by fact."
    ),
    "logo": _("Its logo or a photo, with text alternative, credit and licence; null without one."),
}
# Descriptions of fields that have no help text in a model, or only a label that says too little.
FIELDS = {
    "page": _("Address of its page for readers."),
    "text": _("The fact in words."),
    "levels": _("ISCED 2011 levels, 0 to 8."),
    "kinds": _("Slugs of kinds of initiative."),
    "factors": _("Slugs of factors of career choice."),
    "audiences": _("Slugs of target groups."),
    "evidence": _("The strongest evaluation that we found."),
    "reach": _("Whom and how many it reaches, with one figure for each statement of a source."),
    "year_start": _("The year in which it began; null where no source says."),
    "year_end": _("The year in which it ended; null where it goes on or no source says."),
    "programme_count": _("How many published programmes it has."),
    "changed_at": _("When the record last changed."),
    "created_at": _("When the record was made."),
    "language": _("ISO 639 code of the language; empty where it is not known."),
    "names": _("Its other names: abbreviations, former names, names in other languages."),
    "open_to": _("Who can join now. A source says how, and the programme runs."),
    "best_page": _("The page to open first; null where no page is known."),
    "source": _("Slug of the source whose page it is; empty if it is the programme's website."),
    "taking_part": _("How schools, companies and others take part."),
    "contacts": _("Offices to ask, never a person."),
    "bases": _(
        "For each part of the record: `stated` if a source is cited for it, else `inferred`, "
        "`declared-not-available` or `not-stated`."
    ),
    **BASIS_MEANINGS,
    "evaluations": _("Its evaluations: what was found, how and by whom."),
    "further_sources": _("Slugs of further sources that tell of it."),
    "funding": _("Who pays how much: one figure for each statement of a source."),
    "partnerships": _("Who takes part in which role."),
    "assessments": _("How it meets the criteria of good practice, where sources show that."),
    "discrepancies": _("Where sources differ, with what each of them says."),
    "documents": _("Documents and pages for further reading."),
    "citations": _("Which part of the record rests on which source, and where in it."),
    "lineage": _("What it grew out of, what grew out of it, and what it belongs to."),
    "sources": _("The sources that the record rests on."),
    "statements": _("What sources say of it."),
    "items": _("What the guide explains, one by one."),
    "claims": _("What each source says."),
    "figure": _("`anchor` of the figure or the sum that it speaks of; empty if none is named."),
    "anchor": _("Where it stands on the programme’s page: follows `#` in the address."),
    "earlier": _("The figures that it replaced, the latest first."),
    "url": _("Its web address; empty if it is not online."),
    "locator": _("Where in the source."),
    "value": _("The number; the lower end of a range."),
    "value_max": _("The upper end of a range; else null."),
    "amount_max": _("The upper end of a range; else null."),
    "qualifier": _("How exact the number is."),
    "slug": _("Its name in addresses, never given to another row."),
    "name": _("Its name."),
    "note": _("A remark; may be empty."),
    "unit": _("What is counted."),
    "organisation": _("Slug of an organisation."),
    "programme": _("Slug of a programme."),
    "programmes": _("Slugs of programmes."),
    "organisations": _("Slugs of organisations."),
    "platforms": _("Slugs of platforms."),
    "strategies": _("Slugs of strategies."),
    "owners": _("Slugs of organisations."),
    "mandated_by": _("Slugs of the organisations that gave the mandate."),
    "criterion": _("Slug of a criterion of good practice."),
    "subject": _("What the relation begins with."),
    "target": _("What the relation leads to."),
    "confidence": _("How firm the evidence is; not a score."),
    "status_as_of": _("The last year for which sources show this status."),
    "focuses": _("Slugs of what it concentrates on."),
    "sectors": _("Slugs of economic sectors."),
    "type": _("What sort of thing it is."),
    "checked": _("How many of its sources were gone through, fact by fact."),
    "of": _("How many sources it has."),
    "alt": _("A text that stands for the picture."),
    "credit": _("Who made the picture or owns it, as its licence asks for; may be empty."),
    "licence": _("Under which licence it may be used."),
    "width": _("In pixels; null where it is not known."),
    "height": _("In pixels; null where it is not known."),
    "since": _("The year since which; null where no source says."),
    "until": _("The year until which; null where no source says."),
}

# Descriptions of schemas that belong to no serializer: parts of answers, and problem details.
PARTS = {
    "Reference": _("Where a fact stands: a source, and the place in it."),
    "Problem": _("What is wrong with a request: problem details as in RFC 9457."),
    "WrongParameter": _("One wrong part of a request."),
    "Choice": _("A value of a facet, and how many rows it would leave."),
}

API = "api"  # the tag of operations that belong to no resource
