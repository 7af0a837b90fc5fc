"""Tests of the evaluations in the fixtures, against a reading of the files of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from programmes.models import Evaluation, Programme
from stemobs.entries.findings import LONGEST_SENTENCE, tell_findings

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parents[2] / "fixtures" / "4-programmes"


def read_evaluations() -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for row in yaml.safe_load(path.read_text("utf-8")):
            if row["model"] == "programmes.evaluation":
                yield row["fields"]


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
