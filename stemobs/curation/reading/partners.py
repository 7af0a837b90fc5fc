"""Reads a line that says who is behind a programme: “Philips, founder, since 2002 [1]”."""

from difflib import get_close_matches

from django.utils.translation import gettext as _

from partnerships.models import Funding, Organisation, Partnership
from programmes.columns.texts import clean_line
from stemobs.curation.reading.lines import LineRead, find_phrase, split_parts
from stemobs.curation.reading.periods import Period, find_fault, put_years
from stemobs.curation.reading.places import take_source

Role = Partnership.Role
Type, Kind = Organisation.Type, Funding.SourceType
# What kind of money an organisation of some type gives; other types may give any.
GIVES = {
    Type.COMPANY: Kind.PRIVATE, Type.EMPLOYERS_ASSOCIATION: Kind.PRIVATE,
    Type.GOVERNMENT: Kind.PUBLIC, Type.PUBLIC_AGENCY: Kind.PUBLIC,
    Type.EU_BODY: Kind.EU, Type.FOUNDATION: Kind.FOUNDATION,
}  # fmt: skip
ROLES = {
    **{str(label).lower(): str(value) for value, label in Role.choices},
    "coordination": "coordinator", "co-ordinator": "coordinator", "runs it": "coordinator",
    "co-organizer": "co-organiser", "organiser": "coordinator", "organizer": "coordinator",
    "founding partner": "founder", "co-founder": "founder", "financed by": "funder",
    "implementer": "implementing-body", "evaluation": "evaluator",
}  # fmt: skip


def read_partner(written: str) -> LineRead:
    """Return what a line says of an organisation: its name, its role, and since when."""
    line = LineRead(written)
    text, named = take_source(clean_line(written))
    line.source, line.values["locator"] = named.name, named.place
    parts, time = cut_role(line, split_parts(text))
    put_years_of_role(line, time)
    line.values["organisation"] = ", ".join(parts).strip(' “”"')
    if not line.values["organisation"]:
        line.ask("organisation", _("Which organisation? Begin with its name."))
    return line


def cut_role(line: LineRead, parts: list[str]) -> tuple[list[str], str]:
    """Take the role out of a line; return the parts of the name before it, and the time after."""
    for place in range(len(parts) - 1, 0, -1):
        if role := find_phrase(parts[place], ROLES):
            line.values["role"] = role
            return parts[:place], ", ".join(parts[place + 1 :])
    time = parts.pop() if len(parts) > 1 and parts[-1][-4:].isdigit() else ""
    ask_for_role(line, parts)
    return parts, time


def ask_for_role(line: LineRead, parts: list[str]) -> None:
    """Ask in which role an organisation takes part, offering those with similar names."""
    told = _("In which role? Choose it in the box.")
    near = get_close_matches(parts[-1].lower(), ROLES, 3) if len(parts) > 1 else []
    if near:
        parts.pop()
    keys = dict.fromkeys(ROLES[name] for name in near)
    line.ask("role", told, [(key, str(Role(key).label)) for key in keys])


def put_years_of_role(line: LineRead, text: str) -> None:
    fault = find_fault(text)
    if fault:
        line.ask("since", fault)
        return
    period = Period(words=text)
    put_years(period, text)
    single = period.first == period.last
    line.values["since"] = str(period.first or "")
    line.values["until"] = "" if single else str(period.last or "")
