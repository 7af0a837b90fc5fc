"""The signals on top of a record, by rule: for whom, does it work, what it takes.

Each has one line to read at a glance and at most two sentences below it. No rule gives praise, and
what nobody says is said to be not known.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import Citation, Field, Programme, Reach, TakingPart
from stemobs.entries.entry import Entry, list_all_sources
from stemobs.entries.findings import (
    LONGEST_SENTENCE,
    Sentence,
    count_words,
    lower_first,
    tell_at_a_glance,
)
from stemobs.entries.signals.for_whom import LEARNING, find_first_audience, tell_for_whom
from stemobs.entries.signals.told import LONGEST_LINE, MOST_SENTENCES, Told, end_sentence
from stemobs.entries.wording import format_figure, format_reach_time
from stemobs.selection.facets import Label

MOST_FIGURES = 3  # on reach, in the sentence on it

DURATIONS: dict[str, Label] = {
    Programme.Duration.ONE_OFF: gettext_lazy("A single occasion."),
    Programme.Duration.HOURS_DAYS: gettext_lazy("Hours or days."),
    Programme.Duration.WEEKS: gettext_lazy("Weeks."),
    Programme.Duration.LONG_TERM: gettext_lazy("Months or years."),
}
# To them no sentence on time and cost has to say for whom it is.
LEARN_AND_TEACH = (
    TakingPart.Audience.SCHOOLS, TakingPart.Audience.TEACHERS, TakingPart.Audience.FAMILIES,
)  # fmt: skip
# Whom the words “free for schools” fit; where a programme has none of them, pupils join themselves.
SCHOOL_STAFF = frozenset({"schools", "school-leaders", "teachers"})
FREE, NOTHING = "free", "none"  # first words of a cost that say it without a label
KNOWN = (Citation.Basis.STATED, Citation.Basis.INFERRED)


class Signal(NamedTuple):
    """One of the three signals: its question, the line to read at a glance, and what follows."""

    name: str
    line: Told
    more: list[Told]


def make_signals(entry: Entry) -> list[Signal]:
    """Return the three signals of a record, always all three and in the same order."""
    whom, works, takes = tell_for_whom(entry), tell_whether_it_works(entry), tell_needs(entry)
    return [
        Signal(_("For whom"), whom[0], whom[1 : MOST_SENTENCES + 1]),
        Signal(_("Does it work?"), works[0], works[1 : MOST_SENTENCES + 1]),
        Signal(_("What it takes"), takes[0], takes[1 : MOST_SENTENCES + 1]),
    ]


# --- Does it work? --------------------------------------------------------------------------------


def tell_whether_it_works(entry: Entry) -> list[Told]:
    """Return what evaluations found: a short line, and what the strongest two studies say."""
    first, *rest = tell_at_a_glance(entry.programme.evaluations.all(), LONGEST_LINE)
    if len(rest) > MOST_SENTENCES:
        rest = leave_out_cautions(rest)
    # Two sentences in a row on one study name its sources once.
    told = [first, *rest]
    befores = [None, *(one.row for one in told)]
    return [
        show_sentence(one._replace(row=None) if one.row is before else one)
        for one, before in zip(told, befores, strict=False)
    ]


def leave_out_cautions(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return sentences without those on no study that stand before one on a study.

    Below the line there is room for two, and a second study tells more than what the first one
    cannot tell. After the second study a caution would seem to be about that one.
    """
    last = max((place for place, one in enumerate(sentences) if one.row), default=-1)
    return [one for place, one in enumerate(sentences) if one.row or place > last]


def show_sentence(sentence: Sentence) -> Told:
    """Return a sentence on evaluations with the sources of the study it tells of."""
    return Told(sentence.text, list_all_sources(sentence.row) if sentence.row else [])


# --- What it takes --------------------------------------------------------------------------------


def tell_needs(entry: Entry) -> list[Told]:
    """Return how long it takes and what it costs, time first; the line has room for one of them."""
    rows = sort_by_audience(entry.programme.taking_part.all())
    time, cost = tell_time(entry, rows), tell_cost(entry, rows)
    if not time and not cost:
        return [Told(_("Time and cost are not known yet."))]
    if not time:
        unknown = Told(_("How long it takes is not known yet."))
        is_short = count_words(cost[0].text) <= LONGEST_LINE
        return [*cost, unknown] if is_short else [unknown, *cost]
    return [*time, *(cost or [Told(_("The cost is not known yet."))])]


def sort_by_audience(rows: Iterable[TakingPart]) -> list[TakingPart]:
    """Return ways in with those of people who learn and teach first."""
    order = [*LEARN_AND_TEACH, *TakingPart.Audience.values]
    return sorted(rows, key=lambda row: order.index(row.audience))


def tell_time(entry: Entry, rows: Iterable[TakingPart]) -> list[Told]:
    """Return a short line on time; the rest of a longer wording follows as a sentence.

    The words of a way in come before the general duration of the entry.
    """
    row = next((row for row in rows if row.time), None)
    sources = list_all_sources(row) if row else []
    ended = entry.programme.status == Programme.Status.COMPLETED
    told = name_audience(row, row.time, ended) if row else ""
    first, _semicolon, rest = told.partition("; ")
    if first and count_words(first) <= LONGEST_LINE:
        return [Told(end_sentence(first), sources), *word_rest(rest, sources)]
    duration = DURATIONS.get(entry.programme.duration)
    if duration and entry.bases[Field.DURATION] in KNOWN:
        return [Told(str(duration), field=Field.DURATION), *word_rest(first, sources)]
    return [Told(_("The time differs.")), *word_rest(first, sources)] if first else []


def name_audience(row: TakingPart, text: str, ended: bool) -> str:
    """Return a time with whom it is about, unless it is about those who learn and teach."""
    if row.audience in LEARN_AND_TEACH:
        return _("While it ran: {text}").format(text=text) if ended else text
    whom = row.get_audience_display().lower()
    return _("For {whom}: {text}").format(whom=whom, text=text)


def word_rest(text: str, sources: Sequence[object]) -> list[Told]:
    """Return the rest of a wording as a sentence, if there is one and it is not too long."""
    is_short = text and count_words(text) <= LONGEST_SENTENCE
    return [Told(end_sentence(text), sources)] if is_short else []


def tell_cost(entry: Entry, rows: Iterable[TakingPart]) -> list[Told]:
    """Return what it costs those who join, in as much of the wording as a sentence has room for."""
    row = next((row for row in rows if row.cost), None)
    if row is None:
        return []
    text = end_sentence(shorten_cost(word_cost(entry, row)))
    is_short = count_words(text) <= LONGEST_SENTENCE
    return [Told(text if is_short else _("It costs something: see below."), list_all_sources(row))]


def word_cost(entry: Entry, row: TakingPart) -> str:
    """Return the wording of a cost with what it is about: “Money: SEK 15,000 once”."""
    ended = entry.programme.status == Programme.Status.COMPLETED
    first, rest = split_first_word(row.cost)
    if not rest and first == FREE:
        pattern = _("It was free for {whom}") if ended else _("Free for {whom}")
        return pattern.format(whom=name_joiners(entry, row))
    if first == FREE:
        return _("It was {cost}").format(cost=lower_first(row.cost)) if ended else row.cost
    if first == NOTHING:
        return (_("It cost nothing") if ended else _("It costs nothing")) + rest
    if row.audience in LEARN_AND_TEACH:
        pattern = _("Money, while it ran: {cost}") if ended else _("Money: {cost}")
    else:
        pattern = _("Money, for {whom}: {cost}")
    return pattern.format(whom=row.get_audience_display().lower(), cost=row.cost)


def split_first_word(text: str) -> tuple[str, str]:
    """Return the first word of a text in small letters, and what follows it."""
    word = text.split()[0].rstrip(".,;")
    return word.lower(), text[len(word) :].rstrip(".")


def name_joiners(entry: Entry, row: TakingPart) -> str:
    """Return who joins by a row: pupils or girls where they join themselves, else its audience."""
    audiences = {one.slug: one.name for one in entry.programme.audiences.all()}
    by_school = row.audience != TakingPart.Audience.OTHERS and (
        row.audience != TakingPart.Audience.SCHOOLS
        or not audiences
        or not SCHOOL_STAFF.isdisjoint(audiences)
    )
    if by_school:
        return row.get_audience_display().lower()
    slugs, named = find_first_audience(audiences)
    return named[0] if slugs & LEARNING else _("those who take part")


def shorten_cost(text: str) -> str:
    """Return a wording without its last parts where a sentence has no room for them."""
    parts = text.split("; ")
    while len(parts) > 1 and count_words(" ".join(parts)) > LONGEST_SENTENCE:
        parts.pop()
    text = "; ".join(parts)
    return text if count_words(text) <= LONGEST_SENTENCE else text.partition(". ")[0]


# --- Reach, and what is not known -----------------------------------------------------------------


def tell_reach(entry: Entry) -> Told | None:
    """Return the newest figure on reach of the first units, each with its time; None without."""
    rows = [row for row, _differ in entry.headline_figures][:MOST_FIGURES]
    if not rows:
        return None
    told = [word_figure(row) for row in rows]
    text = ngettext("Newest figure: {figures}.", "Newest figures: {figures}.", len(rows))
    return Told(text.format(figures="; ".join(told)), rows)


def word_figure(row: Reach) -> str:
    """Return a figure with what it counts, and when: “about 60,000 students (a year, 2016)”."""
    figure = format_figure(row.qualifier, row.value, row.value_max)
    when = format_reach_time(row) or _("undated")
    return f"{figure} {row.unit.name} ({', '.join(filter(None, [row.unit_detail, when]))})"


def list_gaps(entry: Entry) -> list[str]:
    """Return what nobody says of a programme and readers ask for, as parts of a sentence."""
    one, rows = entry.programme, list(entry.programme.taking_part.all())
    has_payers = entry.funding or one.funding_text
    gaps = {
        _("how long it takes"): tell_time(entry, rows),
        _("what it costs those who join"): any(row.cost for row in rows),
        _("how many it reaches"): entry.reach_by_unit or one.reach_text,
        _("who pays for it"): has_payers,
        _("when it began"): one.year_start,
        _("who runs it"): one.partnerships.all(),
    }
    return [gap for gap, known in gaps.items() if not known]
