"""Tests of the sentences that say whether a programme works: one for each kind of study."""

import re
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from programmes.models import Evaluation
from programmes.models.evaluations import LONGEST_HEADLINE
from stemobs.entries.findings import (
    LONGEST_SENTENCE,
    Sentence,
    list_other_studies,
    list_studies,
    tell_findings,
    tell_in_short,
)

LONGEST = "that word word word word word word word word word word word"
SAMPLES = (
    "",
    "180 schools, 2,810 pupils in Year 9",
    "Over 123,000 pupils in Year 6",
    "Numbers not stated",
)


def make_row(**fields: Any) -> Evaluation:
    return Evaluation(**{"position": 1, "design": "outcome-survey", "result": "positive", **fields})


def tell(*rows: Evaluation) -> str:
    return " ".join(map(str, tell_findings(rows)))


def list_tellings() -> list[list[Sentence]]:
    """Return what is told of every design, result, independence, headline, sample and year."""
    kinds = product(
        Evaluation.Design.values, Evaluation.Result.values, Evaluation.Independence.values
    )
    return [
        tell_findings([
            make_row(
                design=design, result=result, independence=independence, sample=sample, year=year,
                headline="" if result == "not-on-record" else headline,
            )
        ])
        for design, result, independence in kinds
        for headline, sample, year in product(("", LONGEST), SAMPLES, (None, 2019))
    ]  # fmt: skip


class TestEveryKindOfStudy:
    """Every design, result and independence, with and without what may be missing."""

    def test_is_told_in_exactly_one_sentence_of_its_own(self) -> None:
        for sentences in list_tellings():
            assert [sentence.row is not None for sentence in sentences].count(True) == 1
            assert sentences[0].row is not None

    def test_leaves_no_slot_unfilled(self) -> None:
        for sentence in (str(one) for sentences in list_tellings() for one in sentences):
            assert re.fullmatch(r"[A-Z].*[^. ]\.", sentence), sentence
            assert not re.search(r"[{}]|  | [.,)]|\(\)|None", sentence), sentence

    def test_is_told_in_at_most_25_words_a_sentence(self) -> None:
        for sentence in (str(one) for sentences in list_tellings() for one in sentences):
            assert len(sentence.split()) <= LONGEST_SENTENCE, sentence

    def test_is_told_in_at_most_25_words_beside_another(self) -> None:
        for design, independence in product(
            Evaluation.Design.values, Evaluation.Independence.values
        ):
            one = make_row(
                design=design, independence=independence, year=2019, headline=LONGEST,
                sample=SAMPLES[1],
            )  # fmt: skip
            other = make_row(design=design, independence=independence, year=2016, headline=LONGEST)
            for sentence in tell_findings([one, other]):
                assert len(str(sentence).split()) <= LONGEST_SENTENCE, sentence

    def test_is_told_with_its_year_and_its_headline(self) -> None:
        for design, result in product(Evaluation.Design.values, ("mixed", "no-effect", "negative")):
            told = tell(make_row(design=design, result=result, year=2019, headline="no gain"))
            assert "(2019) found no gain." in told


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {
                "design": "randomised-trial", "result": "no-effect", "year": 2019,
                "sample": "180 schools, 2,810 pupils", "headline": "no effect on science marks",
            },
            "A randomised trial in 180 schools (2019) found no effect on science marks.",
        ),
        (
            {"design": "randomised-trial", "result": "no-effect", "independence": "independent"},
            "An independent randomised trial found no effect.",
        ),
        (
            {
                "design": "matched-comparison", "year": 2020, "headline": "higher marks",
                "sample": "Over 123,000 pupils in Year 6",
            },
            "A matched comparison of over 123,000 pupils in Year 6 (2020) found higher marks.",
        ),
        (
            {
                "design": "before-after", "independence": "own", "year": 2014,
                "headline": "that more teachers asked questions",
            },
            "A before-and-after study (2014) found that more teachers asked questions. "
            "There was no comparison group. The programme looked at itself.",
        ),
        (
            {"independence": "commissioned", "year": 2011, "headline": "that most were satisfied"},
            "A survey of outcomes (2011) found that most were satisfied. "
            "There was no comparison group. Paid for by the programme.",
        ),
        (
            {"design": "indicators", "result": "no-effect", "year": 2007},
            "A look at indicators (2007) found no effect. "
            "Nothing shows whether the programme made the difference.",
        ),
        (
            {"design": "audit", "result": "negative", "headline": "that it was badly prepared"},
            "An audit found that it was badly prepared.",
        ),
        (
            {"design": "qualitative", "result": "mixed"},
            "A study by interviews found mixed results. Nobody compared with others.",
        ),
        (
            {"design": "jury", "result": "not-on-record", "year": 2020},
            "It won a prize or a seal (2020). A prize is not a study of effects.",
        ),
        (
            {"design": "jury", "result": "negative"},
            "A jury found a negative result. A prize is not a study of effects.",
        ),
        (
            {"result": "not-on-record", "year": 2011},
            "It was evaluated (survey of outcomes, 2011), "
            "but we know of no result about its effects.",
        ),
        (
            {"design": "not-known", "result": "not-on-record"},
            "It was evaluated, but we know of no result about its effects.",
        ),
        (
            {"design": "not-known", "year": 2017},
            "A study (2017) found a positive result. We don’t know how it was made.",
        ),
    ],
)  # fmt: skip
def test_one_study_is_told_with_what_it_cannot_tell_and_who_paid(
    fields: dict[str, Any], told: str
) -> None:
    assert tell(make_row(**fields)) == told


def test_no_evaluation_is_said_to_be_no_verdict() -> None:
    assert tell() == "We found no evaluation. That does not mean it doesn’t work."


def test_a_study_of_something_else_counts_for_no_programme() -> None:
    event = make_row(object="event", design="randomised-trial")
    assert tell(event).startswith("We found no evaluation of the programme itself.")
    assert tell_in_short([event]) == "No evaluation found"
    assert (list_studies([event]), list_other_studies([event])) == ([], [event])


class TestSeveralStudies:
    """Several studies of one programme."""

    TRIAL = make_row(
        design="randomised-trial", result="no-effect", independence="independent", year=2019,
        sample="180 schools, 2,810 pupils", headline="no effect on progress in science",
    )  # fmt: skip
    MATCH = make_row(
        design="matched-comparison", independence="commissioned", year=2016,
        headline="half a grade more",
    )  # fmt: skip

    def test_the_strongest_comes_first_and_who_paid_for_the_other_is_told(self) -> None:
        assert tell(self.MATCH, self.TRIAL) == (
            "An independent randomised trial in 180 schools (2019) found no effect on progress in "
            "science. A matched comparison paid for by the programme (2016) had found half a grade "
            "more."
        )

    def test_two_that_are_not_both_independent_do_not_disagree(self) -> None:
        assert "disagree" not in tell(self.MATCH, self.TRIAL)

    def test_two_independent_ones_with_a_gain_and_without_disagree(self) -> None:
        other = make_row(design="matched-comparison", independence="independent", year=2016)
        assert tell(other, self.TRIAL).startswith("Two independent studies disagree. An indep")

    def test_two_independent_ones_of_which_one_is_mixed_do_not_disagree(self) -> None:
        other = make_row(independence="independent", result="mixed")
        assert "disagree" not in tell(other, self.TRIAL)

    def test_a_third_is_counted(self) -> None:
        third = make_row(result="not-on-record")
        assert tell(self.MATCH, self.TRIAL, third).endswith(" There is 1 more study.")
        assert tell(self.MATCH, self.TRIAL, third, third).endswith(" There are 2 more studies.")

    def test_one_without_a_known_result_comes_after_those_with_one(self) -> None:
        unknown = make_row(design="randomised-trial", result="not-on-record")
        told = tell(unknown, make_row(design="satisfaction"))
        assert told.startswith("A survey of satisfaction found a positive result.")
        assert told.endswith("There is 1 more study.")

    def test_what_the_stronger_one_cannot_tell_follows_it(self) -> None:
        weak = make_row(design="satisfaction", independence="own", headline="joy")
        assert tell(make_row(headline="a gain"), weak) == (
            "A survey of outcomes found a gain. There was no comparison group. "
            "A survey of satisfaction by the programme itself found joy."
        )

    def test_equal_designs_stand_with_the_newest_first(self) -> None:
        old, new, undated = make_row(year=2001), make_row(year=2020), make_row()
        assert list_studies([undated, old, new]) == [new, old, undated]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"design": "randomised-trial", "result": "no-effect", "year": 2019},
            "Randomised trial: no effect found (2019)",
        ),
        ({"design": "audit", "result": "negative"}, "Audit: negative"),
        ({"result": "not-on-record", "year": 2011}, "Evaluated, result not known (2011)"),
    ],
)
def test_a_card_tells_the_strongest_study_and_its_result(fields: dict[str, Any], told: str) -> None:
    assert tell_in_short([make_row(**fields)]) == told


def test_a_headline_has_no_more_words_than_its_sentence_has_room_for() -> None:
    row = make_row(headline=LONGEST)
    assert len(LONGEST.split()) == LONGEST_HEADLINE
    row.clean_fields(exclude=["programme"])
    row.headline += " word"
    with pytest.raises(ValidationError, match="Say it in at most 12 words"):
        row.clean_fields(exclude=["programme"])
