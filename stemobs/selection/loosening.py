"""What leaving out a choice is called, as a way out of an empty list and as what is lacking."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from stemobs.selection.facets import Label
from stemobs.selection.panels import join_alternatives

LONGEST = 40  # letters of a search that are repeated

# By parameter: the way out, and what a record matches all but.
WORDS: dict[str, tuple[Label, Label]] = {
    "q": (gettext_lazy("Leave out the words “{texts}”"), gettext_lazy("the words “{texts}”")),
    "country": (gettext_lazy("Search all countries"), gettext_lazy("the country")),
    "level": (gettext_lazy("Search all school levels"), gettext_lazy("the school level")),
    "kind": (gettext_lazy("Search all kinds of activity"), gettext_lazy("the kind of activity")),
    "factor": (gettext_lazy("Search all career factors"), gettext_lazy("the career factor")),
    "audience": (gettext_lazy("Search all audiences"), gettext_lazy("the audience")),
    "organisation": (gettext_lazy("Search all organisations"), gettext_lazy("the organisation")),
    "role": (gettext_lazy("Search all roles"), gettext_lazy("the role")),
    "status": (
        gettext_lazy("Search all, whether they run or not"), gettext_lazy("whether it still runs")
    ),
    "duration": (
        gettext_lazy("Search all, however long they take"), gettext_lazy("the time it takes")
    ),
    "evidence": (
        gettext_lazy("Include programmes with other evidence, or none"),
        gettext_lazy("the evidence"),
    ),
    "finding": (
        gettext_lazy("Include programmes with other findings, or none"),
        gettext_lazy("the finding"),
    ),
    "design": (
        gettext_lazy("Include programmes with other evaluations, or none"),
        gettext_lazy("the kind of evaluation"),
    ),
    "funding": (gettext_lazy("Search all, whoever pays"), gettext_lazy("who pays")),
    "record": (gettext_lazy("Search all types of record"), gettext_lazy("the type of record")),
    "scope": (gettext_lazy("Search all scopes"), gettext_lazy("the scope")),
    "open_to": (
        gettext_lazy("Include programmes that are not open to them, as far as we know"),
        gettext_lazy("the way in"),
    ),
    "language": (gettext_lazy("Search all languages"), gettext_lazy("the language")),
    "running_in": (gettext_lazy("Search all years"), gettext_lazy("the year")),
    "started_from": (gettext_lazy("Search earlier starts, too"), gettext_lazy("the year of start")),
    "started_to": (gettext_lazy("Search later starts, too"), gettext_lazy("the year of start")),
    "updated_since": (
        gettext_lazy("Include older changes"), gettext_lazy("the date of the last change")
    ),
    "type": (
        gettext_lazy("Search all types"), pgettext_lazy("of an organisation", "the type")
    ),
}  # fmt: skip
# Of one value the words can say more.
OF_ONE: dict[tuple[str, str], tuple[Label, Label]] = {
    ("evidence", "independent"): (
        gettext_lazy("Include programmes without an independent evaluation"),
        gettext_lazy("the independent evaluation"),
    ),
    ("open_to", "schools"): (
        gettext_lazy("Include programmes not open to schools, as far as we know"),
        gettext_lazy("the way in for schools"),
    ),
    ("open_to", "companies"): (
        gettext_lazy("Include programmes not open to companies, as far as we know"),
        gettext_lazy("the way in for companies"),
    ),
}


def word_way_out(name: str, values: Sequence[str], texts: Sequence[str]) -> str:
    """Return what leaving out a parameter is called: “Search all countries”."""
    return find_words(name, values, texts)[0]


def word_lack(name: str, values: Sequence[str], texts: Sequence[str]) -> str:
    """Return what a record lacks that fails one parameter: “the independent evaluation”."""
    return find_words(name, values, texts)[1]


def word_alone(values: Sequence[str], texts: Sequence[str]) -> str:
    """Return what a selection with one parameter alone is called: “Only: Spain or Portugal”."""
    told = join_alternatives(texts)[:LONGEST]
    return _("Only: {choice}").format(choice=f"“{told}”" if [*texts] == [*values] else told)


def find_words(name: str, values: Sequence[str], texts: Sequence[str]) -> tuple[str, str]:
    single = OF_ONE.get((name, values[0])) if len(values) == 1 else None
    label = _("Leave out {name}").format(name=name)
    way, lack = single or WORDS.get(name, (label, name))
    told = join_alternatives(texts)[:LONGEST]
    return str(way).format(texts=told), str(lack).format(texts=told)
