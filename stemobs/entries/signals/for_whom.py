"""For whom a programme is, in a line by rule: audiences with ages or levels, and the place."""

from collections.abc import Mapping, Set

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import Field, Programme
from stemobs.catalogue.programmes import HIGHER
from stemobs.entries.entry import Entry
from stemobs.entries.findings import count_words, lower_first
from stemobs.entries.signals.levels import STAGES
from stemobs.entries.signals.told import LONGEST_LINE, Told, end_sentence
from stemobs.entries.ways_in import list_openings
from stemobs.entries.wording import name_place, word_ages
from stemobs.selection.facets import Label

MOST_NAMED = 2  # countries that a line names

# Whom a programme is for, the narrowest first: audiences, their name, and whether school levels
# tell more of them.
LEARNERS: tuple[tuple[frozenset[str], Label], ...] = (
    (frozenset({"students"}), gettext_lazy("pupils")),
    (frozenset({"children"}), gettext_lazy("children")),
    (frozenset({"disadvantaged-students"}), gettext_lazy("disadvantaged pupils")),
    (frozenset({"girls"}), gettext_lazy("girls")),
    (frozenset({"vet-students"}), gettext_lazy("students in vocational education")),
    (frozenset({"university-students"}), gettext_lazy("university students")),
    (frozenset({"graduates-upper-secondary"}), gettext_lazy("school leavers")),
)
SECONDARY = ["2", "3"]
# Where pupils of a stage are, in a range of more than two.
SCHOOLS: dict[str, Label] = {
    "0": gettext_lazy("kindergarten"),
    "1": gettext_lazy("primary school"),
    "2": gettext_lazy("lower secondary school"),
    "3": gettext_lazy("upper secondary school"),
    "4": gettext_lazy("post-secondary education"),
    HIGHER: gettext_lazy("university"),
}
# Audiences that “pupils” names already.
AMONG_PUPILS = ("students", "children", "girls")
PUPILS = frozenset({"students", "children", "disadvantaged-students", "girls"})
LEARNING = frozenset().union(*(slugs for slugs, _name in LEARNERS))
# Who acts, as headings name them: the first of these audiences that a programme has.
ACTORS: tuple[tuple[frozenset[str], Label], ...] = (
    (PUPILS, gettext_lazy("What pupils do")),
    (
        frozenset({"vet-students", "university-students", "graduates-upper-secondary"}),
        gettext_lazy("What students do"),
    ),
    (
        frozenset({"teachers", "teacher-trainees", "early-childhood-educators"}),
        gettext_lazy("What teachers do"),
    ),
    (frozenset({"schools", "school-leaders"}), gettext_lazy("What schools do")),
    (frozenset({"companies", "engineers"}), gettext_lazy("What companies do")),
    (frozenset({"parents"}), gettext_lazy("What families do")),
)


def tell_for_whom(entry: Entry) -> list[Told]:
    """Return who a programme is for, with ages or levels and place, then who else."""
    one = entry.programme
    audiences = {row.slug: lower_first(row.name) for row in one.audiences.all()}
    slugs, named = find_first_audience(audiences)
    if not named:
        return [tell_for_unknown(one)]
    line = word_whom(one, named, has_learners=bool(slugs & LEARNING))
    told = {*slugs, *(AMONG_PUPILS if slugs & set(AMONG_PUPILS) else ())}
    others = [name for slug, name in audiences.items() if slug not in told]
    more = [Told(word_others(others), field=Field.AUDIENCES)] if others else []
    return [Told(line, field=find_whom_field(one)), *more]


def find_first_audience(audiences: Mapping[str, str]) -> tuple[Set[str], list[str]]:
    """Return the slugs and names of whom a line is about: the learners, else the first two."""
    for slugs, name in LEARNERS:
        if slugs & set(audiences):
            return slugs, [str(name)]
    first = list(audiences.items())[:MOST_NAMED]
    return {slug for slug, _name in first}, [name for _slug, name in first]


def word_whom(one: Programme, named: list[str], has_learners: bool) -> str:
    """Return “Pupils aged 3 to 19 in the United Kingdom.”, without the place if too long."""
    whom = str(get_text_list(named, _("and")))
    ages = word_ages(one)
    if has_learners and ages:
        whom = _("{whom} aged {ages}").format(whom=whom, ages=ages)
    elif has_learners:
        whom = add_levels(one, whom)
    full = f"{whom} {word_place(one)}".strip()
    return end_sentence(full if count_words(full) <= LONGEST_LINE else whom)


def find_whom_field(one: Programme) -> str:
    """Return the part of the entry on which the line for whom rests most."""
    if word_ages(one):
        return Field.AGES
    return Field.LEVELS if list_stages(one) else Field.AUDIENCES


def list_stages(one: Programme) -> list[str]:
    """Return the stages of education of a programme, the earliest first."""
    codes = {level.code for level in one.levels.all()}
    return [stage.value for stage in STAGES if codes & stage.codes]


def add_levels(one: Programme, whom: str) -> str:
    """Return “upper secondary pupils” or “pupils from primary school to university”."""
    stages = list_stages(one)
    if not stages:
        return whom
    if stages == SECONDARY:
        return _("secondary {whom}").format(whom=whom)
    if len(stages) > MOST_NAMED or HIGHER in stages:
        first, last = (SCHOOLS[stage] for stage in (stages[0], stages[-1]))
        pattern = _("{whom} from {first} to {last}") if len(stages) > 1 else _("{whom} at {last}")
        return pattern.format(whom=whom, first=first, last=last)
    names = [str(stage.name).lower() for stage in STAGES if stage.value in stages]
    return _("{levels} {whom}").format(levels=get_text_list(names, _("and")), whom=whom)


def word_place(one: Programme) -> str:
    """Return “in Latvia”, “in Spain and Portugal”, “in 12 countries”, “across Europe”, or ""."""
    countries = list(one.countries.all())
    if 1 <= len(countries) <= MOST_NAMED:
        names = [name_place(country.name) for country in countries]
        return _("in {places}").format(places=get_text_list(names, _("and")))
    if countries:
        return _("in {number} countries").format(number=len(countries))
    return _("across Europe") if one.scope == Programme.Scope.EU_WIDE else ""


def word_others(others: list[str]) -> str:
    """Return “Also for teachers, schools and companies.”, the first three by name."""
    more = len(others) - 3
    named = others[:3] + ([_("others")] if more > 0 else [])
    return _("Also for {others}.").format(others=get_text_list(named, _("and")))


def tell_for_unknown(one: Programme) -> Told:
    """Return what to say where no audience is known: its levels, or to whom it is open."""
    if list_stages(one) or word_ages(one):
        line = word_whom(one, [str(LEARNERS[0][1])], has_learners=True)
        return Told(line, field=find_whom_field(one))
    if openings := list_openings(one):
        labels = [str(audience.label).lower() for audience in openings]
        pattern = _("Open to {audiences}. The age is not known yet.")
        return Told(pattern.format(audiences=get_text_list(labels, _("and"))))
    return Told(_("For whom is not known yet."))


def name_actors(programme: Programme) -> str:
    """Return the heading of what people do in a programme: “What pupils do”."""
    audiences = {one.slug for one in programme.audiences.all()}
    return next((str(label) for slugs, label in ACTORS if slugs & audiences), _("What happens"))
