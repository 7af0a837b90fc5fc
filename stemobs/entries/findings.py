"""What is known of whether a programme works, in sentences made from its evaluations by rule.

The strongest two studies of the programme itself are told, those with a known result before those
without. A study's own words are its headline, which follows “found”; without one the result is
told in general words. No rule gives praise or a score.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import Evaluation
from stemobs.selection.facets import Label

Design, Result, Independence = Evaluation.Design, Evaluation.Result, Evaluation.Independence

LONGEST_SENTENCE = 25  # words
LONGEST_SAMPLE = 6  # words of a sample that a sentence has room for
# A sample is told in the sentence on a study that compares groups, for there its size tells most.
WITH_SAMPLE = (Design.RANDOMISED_TRIAL, Design.MATCHED_COMPARISON)
# Samples that end with these words are places where a study was made: “in 180 schools”.
PLACES = ("schools", "classes", "kindergartens")
TOLD = 2  # studies

# What a study is called, plainly and where it is independent.
STUDIES: dict[str, tuple[Label, Label]] = {
    Design.RANDOMISED_TRIAL: (
        gettext_lazy("a randomised trial"), gettext_lazy("an independent randomised trial")
    ),
    Design.MATCHED_COMPARISON: (
        gettext_lazy("a matched comparison"), gettext_lazy("an independent matched comparison")
    ),
    Design.BEFORE_AFTER: (
        gettext_lazy("a before-and-after study"),
        gettext_lazy("an independent before-and-after study"),
    ),
    Design.OUTCOME_SURVEY: (
        gettext_lazy("a survey of outcomes"), gettext_lazy("an independent survey of outcomes")
    ),
    Design.INDICATORS: (
        gettext_lazy("a look at indicators"), gettext_lazy("an independent look at indicators")
    ),
    Design.AUDIT: (gettext_lazy("an audit"), gettext_lazy("an independent audit")),
    Design.SATISFACTION: (
        gettext_lazy("a survey of satisfaction"),
        gettext_lazy("an independent survey of satisfaction"),
    ),
    Design.QUALITATIVE: (
        gettext_lazy("a study by interviews"), gettext_lazy("an independent study by interviews")
    ),
    Design.JURY: (gettext_lazy("a jury"), gettext_lazy("an independent jury")),
    Design.PARTICIPATION: (
        gettext_lazy("a count of participants"),
        gettext_lazy("an independent count of participants"),
    ),
    Design.NOT_KNOWN: (gettext_lazy("a study"), gettext_lazy("an independent study")),
}  # fmt: skip

# What was found, where a study has no headline.
IN_GENERAL: dict[str, Label] = {
    Result.POSITIVE: gettext_lazy("a positive result"),
    Result.MIXED: gettext_lazy("mixed results"),
    Result.NO_EFFECT: gettext_lazy("no effect"),
    Result.NEGATIVE: gettext_lazy("a negative result"),
}

# What a study of a design cannot tell.
CAUTIONS: dict[str, Label] = {
    Design.BEFORE_AFTER: gettext_lazy("There was no comparison group."),
    Design.OUTCOME_SURVEY: gettext_lazy("There was no comparison group."),
    Design.INDICATORS: gettext_lazy("Nothing shows whether the programme made the difference."),
    Design.SATISFACTION: gettext_lazy("It asked what people thought, and measured no effect."),
    Design.QUALITATIVE: gettext_lazy("Nobody compared with others."),
    Design.JURY: gettext_lazy("A prize is not a study of effects."),
    Design.PARTICIPATION: gettext_lazy("It counted who came, and measured no effect."),
    Design.NOT_KNOWN: gettext_lazy("We don’t know how it was made."),
}

# Who stood behind a study, as a sentence after it and as words within its sentence.
BEHIND: dict[str, tuple[Label, Label]] = {
    Independence.OWN: (
        gettext_lazy("The programme looked at itself."), gettext_lazy(" by the programme itself")
    ),
    Independence.COMMISSIONED: (
        gettext_lazy("Paid for by the programme."), gettext_lazy(" paid for by the programme")
    ),
}  # fmt: skip


class Sentence(NamedTuple):
    """A sentence on a page, with the evaluation that it tells of; None if it tells of no one."""

    text: str
    row: Evaluation | None = None

    def __str__(self) -> str:
        return self.text


def list_studies(rows: Iterable[Evaluation]) -> list[Evaluation]:
    """Return the studies of the programme itself, the strongest design first, then the newest."""
    order: list[str] = Design.values
    own = [row for row in rows if row.counts]
    return sorted(own, key=lambda row: (order.index(row.design), -(row.year or 0), row.position))


def list_other_studies(rows: Iterable[Evaluation]) -> list[Evaluation]:
    """Return the studies of something else, such as an event, which count for no programme."""
    return [row for row in rows if not row.counts]


def list_all_studies(rows: Iterable[Evaluation]) -> list[Evaluation]:
    """Return the studies of the programme itself, strongest first, then those of something else."""
    rows = list(rows)
    return [*list_studies(rows), *list_other_studies(rows)]


def tell_findings(rows: Iterable[Evaluation]) -> list[Sentence]:
    """Return the sentences that say whether a programme works, as far as its evaluations know."""
    rows = list(rows)
    studies = rank_studies(rows)
    if not studies:
        return tell_nothing(rows)
    told = studies[:TOLD] if len(studies) > 1 and has_result(studies[1]) else studies[:1]
    sentences = tell_pair(*told) if len(told) == TOLD else tell_one(told[0])
    if more := len(studies) - len(told):
        words = ngettext("There is {number} more study.", "There are {number} more studies.", more)
        sentences.append(Sentence(words.format(number=more)))
    return sentences


def tell_in_short(rows: Iterable[Evaluation]) -> str:
    """Return the strongest study and its result in a few words, for cards."""
    first = find_strongest(rows)
    if first is None:
        return _("No evaluation found")
    year = f" ({first.year})" if first.year else ""
    if not has_result(first):
        return _("Evaluated, result not known") + year
    return f"{first.get_design_display()}: {lower_first(str(first.get_result_display()))}{year}"


def rank_studies(rows: Iterable[Evaluation]) -> list[Evaluation]:
    """Return the studies of the programme itself, those with a known result first."""
    return sorted(list_studies(rows), key=lambda row: not has_result(row))


def find_strongest(rows: Iterable[Evaluation]) -> Evaluation | None:
    """Return the strongest study with a known result, else the strongest; None if there is none."""
    return next(iter(rank_studies(rows)), None)


def has_result(row: Evaluation) -> bool:
    return row.result != Result.NOT_ON_RECORD


def tell_nothing(rows: Sequence[Evaluation]) -> list[Sentence]:
    """Return what to say where nobody evaluated the programme itself, as far as we know."""
    of_others = _("We found no evaluation of the programme itself.")
    first = of_others if rows else _("We found no evaluation.")
    return [Sentence(first), Sentence(_("That does not mean it doesn’t work."))]


def tell_one(row: Evaluation) -> list[Sentence]:
    """Return the sentence on the only study, what it cannot tell, and who stood behind it."""
    if is_prize(row):
        return [Sentence(tell_prize(row), row), Sentence(str(CAUTIONS[Design.JURY]))]
    if not has_result(row):
        return [Sentence(tell_unknown_result(row), row)]
    behind = BEHIND.get(row.independence)
    cautions = [CAUTIONS.get(row.design), behind and behind[0]]
    return [Sentence(tell_study(row), row), *(Sentence(str(one)) for one in cautions if one)]


def tell_pair(first: Evaluation, second: Evaluation) -> list[Sentence]:
    """Return the sentences on the strongest two studies, and whether they disagree."""
    is_earlier = bool(first.year and second.year and second.year < first.year)
    caution = CAUTIONS.get(first.design)
    return [
        *([Sentence(_("Two independent studies disagree."))] if disagree(first, second) else []),
        Sentence(tell_study(first, names_payer=True), first),
        *([Sentence(str(caution))] if caution else []),
        Sentence(tell_study(second, names_payer=True, is_earlier=is_earlier), second),
    ]


def disagree(first: Evaluation, second: Evaluation) -> bool:
    """Whether of two independent studies one found a gain and the other none."""
    results = {first.result, second.result}
    others = {first.independence, second.independence}
    has_both = Result.POSITIVE in results and results & {Result.NO_EFFECT, Result.NEGATIVE}
    return bool(has_both) and others == {Independence.INDEPENDENT}


def tell_at_a_glance(rows: Iterable[Evaluation], most: int) -> list[Sentence]:
    """Return the same sentences, the first of at most `most` words.

    A sentence that is too long is told without the sample, else its study and its own words apart.
    """
    first, *rest = tell_findings(rows)
    row = first.row
    if row is None or count_words(first.text) <= most:
        return [first, *rest]
    if not has_result(row):
        facts = word_facts(row)
        line = _("It was evaluated ({facts}).").format(facts=facts)
        return [Sentence(line, row), Sentence(_("We know of no result about its effects."))]
    names_payer = any(one.row for one in rest)
    short = tell_study(row, names_payer, most=most)
    if count_words(short) <= most:
        return [Sentence(short, row), *rest]
    general = word_study(row, str(IN_GENERAL[row.result]), names_payer)
    own_words = _("It found {finding}.").format(finding=row.headline.rstrip("."))
    return [Sentence(general, row), Sentence(own_words), *rest]


def count_words(text: str) -> int:
    return len(text.split())


def tell_study(
    row: Evaluation,
    names_payer: bool = False,
    is_earlier: bool = False,
    most: int = LONGEST_SENTENCE,
) -> str:
    """Return “A randomised trial in 180 schools (2019) found no effect on progress in science.”

    The sample is left out where the sentence would have more than `most` words.
    """
    if is_prize(row):
        return tell_prize(row)
    finding = row.headline.rstrip(".") or str(IN_GENERAL[row.result])
    full = word_study(row, finding, names_payer, is_earlier, tell_sample(row))
    is_short = count_words(full) <= most
    return full if is_short else word_study(row, finding, names_payer, is_earlier)


def word_study(
    row: Evaluation,
    finding: str,
    names_payer: bool = False,
    is_earlier: bool = False,
    sample: str = "",
) -> str:
    """Return the sentence that a study found something; who paid stands in place of the sample."""
    names, behind = STUDIES[row.design], BEHIND.get(row.independence)
    pattern = (
        _("{study}{sample}{behind}{year} had found {finding}.")
        if is_earlier
        else _("{study}{sample}{behind}{year} found {finding}.")
    )
    payer = str(behind[1]) if behind and names_payer else ""
    return pattern.format(
        study=capfirst(str(names[row.independence == Independence.INDEPENDENT])),
        # “of 160 teachers paid for by the programme” would say that the teachers were.
        sample="" if payer else sample,
        behind=payer,
        year=f" ({row.year})" if row.year else "",
        finding=finding,
    )


def tell_sample(row: Evaluation) -> str:
    """Return the opening of a sample where it is short and says how many: “ in 180 schools”."""
    opening = row.sample.partition(";")[0].partition(", ")[0]
    words = opening.split()
    if row.design not in WITH_SAMPLE or not 1 < len(words) <= LONGEST_SAMPLE:
        return ""
    if not any(word[0].isdigit() for word in words[:2]):
        return ""
    pattern = _(" in {sample}") if words[-1] in PLACES else _(" of {sample}")
    return pattern.format(sample=lower_first(opening))


def tell_unknown_result(row: Evaluation) -> str:
    """Return “It was evaluated (audit, 2024), but we know of no result about its effects.”"""
    facts = word_facts(row)
    how = f" ({facts})" if facts else ""
    return _("It was evaluated{how}, but we know of no result about its effects.").format(how=how)


def word_facts(row: Evaluation) -> str:
    """Return how and when a study was made, as far as known: “audit, 2024”."""
    design = "" if row.design == Design.NOT_KNOWN else lower_first(str(row.get_design_display()))
    return ", ".join(filter(None, [design, str(row.year or "")]))


def is_prize(row: Evaluation) -> bool:
    """Whether a jury gave a prize or a seal, which is no finding."""
    return row.design == Design.JURY and row.result in (Result.POSITIVE, Result.NOT_ON_RECORD)


def tell_prize(row: Evaluation) -> str:
    year = f" ({row.year})" if row.year else ""
    return _("It won a prize or a seal{year}.").format(year=year)


def lower_first(text: str) -> str:
    """Return a text that begins with a small letter, to stand within a sentence."""
    return text[:1].lower() + text[1:]
