"""Names sources and organisations that a form takes for new, and that are stored by now.

A form that is sent twice adds them once: the second time they are known, as are the rows with them.
"""

from typing import Any

from django.http import QueryDict

from programmes.columns.texts import clean_line
from stemobs.admin.record.organisations import find_by_name
from stemobs.admin.record.reading import FormRead
from stemobs.curation.reading.places import is_address

# By what a row names something new: the column for what is stored, and all that tells of the new.
NEW = {
    "address": ("source", ("address", "title", "publisher")),
    "new_name": ("organisation", ("new_name", "new_type")),
}


def name_stored(reading: FormRead, sent: QueryDict) -> QueryDict:
    """Return what was sent, with what is stored by now in place of what is told of it as new."""
    data = sent.copy()
    for key in sent:
        row, _dash, name = key.rpartition("-")
        column, beside = NEW.get(name, ("", ()))
        told = clean_line(str(sent[key])) if column and not sent.get(f"{row}-{column}") else ""
        stored = find_stored(reading, column, told) if told else None
        if stored:
            data[f"{row}-{column}"] = str(stored.pk)
            for one in {f"{row}-{name}" for name in beside} & data.keys():
                data[one] = ""
    return data


def find_stored(reading: FormRead, column: str, told: str) -> Any:
    if column == "organisation":
        return find_by_name(told)
    return reading.find_source(told) if is_address(told) else None
