"""Tests that index, timelines and countries agree on the last known year of a programme."""

import pytest

from programmes.models import Programme, find_last_year
from stemobs.catalogue.programmes import list_years_run
from stemobs.insights.timelines import make_span, span_of_initiative
from tests import builders

Status = Programme.Status
# Each case: year of the end, status, last year for which a source shows the status, expected year.
CASES = (
    (2015, Status.COMPLETED, 2020, 2015),
    (2015, Status.ACTIVE, 2020, 2015),
    (None, Status.ACTIVE, 2020, 2020),
    (None, Status.ACTIVE, None, None),
    (None, Status.COMPLETED, 2020, None),
    (None, Status.UNKNOWN, 2020, None),
)


@pytest.mark.django_db
@pytest.mark.parametrize(("end", "status", "as_of", "known"), CASES)
def test_the_last_known_year_is_the_same_in_index_timelines_and_countries(
    end: int | None, status: str, as_of: int | None, known: int | None
) -> None:
    assert find_last_year(end, status, as_of) == known
    fields = {"year_start": 2010, "year_end": end, "status": status, "status_as_of": as_of}
    programme = builders.make_programme(**fields)
    initiatives = [builders.make_strategy(**fields), builders.make_platform(**fields)]
    spans = [make_span(programme), *(span_of_initiative(one, "") for one in initiatives)]
    assert [one.known_until for one in (programme, *initiatives)] == [known] * 3
    assert [(span.known_until, span.has_ended) for span in spans if span] == [
        (known, end is not None)
    ] * 3
    assert max(list_years_run(2010, end, status, as_of), default=None) == known
