"""Reads a line that says when a programme ran, or whether it runs: “since 2014”, “ended 2024”."""

import re

from django.utils.translation import gettext as _

from programmes.columns.texts import clean_line
from programmes.models import Programme
from stemobs.curation.reading.lines import LineRead
from stemobs.curation.reading.periods import find_fault, list_years
from stemobs.curation.reading.places import take_source

Status = Programme.Status
ENDED = re.compile(r"(it )?(has )?(ended|ends|completed|closed|stopped)\b", re.IGNORECASE)
RUNS = re.compile(
    r"(it )?(still |is )?(runs|running|active|goes on|ongoing)( now| still)?", re.IGNORECASE
)
SINCE = re.compile(r"(runs |running |active )?(since|from|began|started)\b", re.IGNORECASE)


def read_run(written: str) -> LineRead:
    """Return what a line says of the years and the status of a programme."""
    line = LineRead(written)
    text, named = take_source(clean_line(written))
    text = text.strip(" .")
    line.values["locator"] = named.place
    fault = find_fault(text) if any(letter.isdigit() for letter in text) else ""
    if fault:
        line.ask("status", fault)
        return line
    years = list_years(text)
    if ENDED.match(text) and len(years) <= 1:
        line.values |= {"status": str(Status.COMPLETED)}
        line.values |= {"year_end": str(years[0])} if years else {}
    elif SINCE.match(text) and len(years) == 1:
        line.values["year_start"] = str(years[0])
    elif len(years) > 1:
        line.values |= {"year_start": str(years[0]), "year_end": str(years[-1])}
    elif RUNS.fullmatch(text):
        line.values |= {"status": str(Status.ACTIVE), "year_end": ""}
    else:
        told = _("Write “since 2014”, “2013–2015”, “ended 2024” or “running”.")
        line.ask("status", told)
    return line
