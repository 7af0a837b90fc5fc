"""Tests of what is loaded for the cards of programmes in lists."""

from collections.abc import Callable
from typing import Any

import pytest

from programmes.models import Programme
from stemobs.entries.entry import Entry
from stemobs.entries.findings import tell_in_short
from stemobs.entries.ways_in import describe_openings

pytestmark = pytest.mark.django_db


def test_for_cards_loads_everything_on_a_card_in_twelve_queries(
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    for number in (1, 143):
        with django_assert_max_num_queries(12):
            for row in Programme.objects.published().for_cards()[:number]:
                assert row.evidence
                assert tell_in_short(row.evaluations.all())
                shown = [*row.countries.all(), *row.levels.all(), *row.kinds.all()]
                shown += [describe_openings(row), Entry(row).headline_figures]
                shown += [figure.unit for figure in row.reach.all()]
                shown += [partnership.organisation for partnership in row.partnerships.all()]
                assert shown
