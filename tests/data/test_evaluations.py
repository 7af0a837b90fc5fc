"""Tests of the evaluations in the fixtures, against a reading of the files of its own."""

from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.http import QueryDict

from programmes.models import Evaluation, Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.entries.findings import LONGEST_SENTENCE, tell_findings
from stemobs.selection.programmes import ProgrammeFilter

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parents[2] / "fixtures" / "4-programmes"


@cache
def read_evaluations() -> list[dict[str, Any]]:
    """Return the fields of all evaluations, read from the files with the fast safe loader."""
    texts = [path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
    rows = chain.from_iterable(yaml.load(text, Loader=yaml.CSafeLoader) for text in texts)
    return [row["fields"] for row in rows if row["model"] == "programmes.evaluation"]


def test_every_evaluation_with_a_known_result_has_a_headline() -> None:
    for row in read_evaluations():
        assert bool(row.get("headline")) == (row["result"] != "not-on-record"), row


def test_every_headline_stands_in_a_sentence_of_at_most_25_words() -> None:
    for programme in Programme.objects.prefetch_related("evaluations"):
        for sentence in map(str, tell_findings(programme.evaluations.all())):
            assert len(sentence.split()) <= LONGEST_SENTENCE, sentence


def test_crest_tells_the_trial_first_and_who_paid_for_the_study_before_it() -> None:
    told = tell_findings(Evaluation.objects.filter(programme__slug="crest-awards"))
    assert [str(sentence) for sentence in told][:2] == [
        "An independent randomised trial in 180 schools (2019) found no effect on progress in "
        "science.",
        "A matched comparison paid for by the programme (2016) had found half a grade more in the "
        "best science GCSE.",
    ]


def list_slugs(query: str) -> set[str]:
    selection = ProgrammeFilter(QueryDict(query), get_current_catalogue())
    return {selection.index.entries[pk].slug for pk in selection.matches[:]}


def list_evaluated(**asked: str) -> set[str]:
    """Return the slugs of the programmes that an evaluation of the files with these values is of.

    Only studies of the programme itself are taken.
    """
    asked = {"object": "programme", **asked}
    return {
        row["programme"][0]
        for row in read_evaluations()
        if all(row[name] == value for name, value in asked.items())
    }


def test_independently_evaluated_are_those_with_an_independent_study_of_themselves() -> None:
    assert list_slugs("evidence=independent") == list_evaluated(independence="independent")


def test_no_effect_found_lists_crest_and_all_others_of_the_files() -> None:
    assert "crest-awards" in list_slugs("finding=no-effect") == list_evaluated(result="no-effect")


@pytest.mark.parametrize("result", Evaluation.Result.values)
def test_a_design_and_a_finding_list_the_programmes_of_the_files(result: str) -> None:
    for design in Evaluation.Design.values:
        found = list_slugs(f"design={design}&finding={result}")
        assert found == list_evaluated(design=design, result=result)


def test_no_evaluation_found_lists_all_others() -> None:
    everything = set(Programme.objects.published().values_list("slug", flat=True))
    assert list_slugs("finding=none") == everything - list_evaluated()
