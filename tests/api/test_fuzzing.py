"""Schemathesis tests the API with valid and invalid requests generated from its description.

It reads the description as it is served, and all of its checks apply.
"""

from collections.abc import Iterable
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig

from stemobs.api.openapi.whole import get_description
from stemobs.wsgi import application
from tests import chance
from tests.wsgi import connection_kept, read

# What odd letters do to either database is asked by tests/http/test_hostile_input.py.
pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.slow]

CASES = 2  # random requests for each operation
# A trial also sends systematic ones, thousands in all.
SAME = (
    {}
    if chance.TIMES
    else {
        "generation": {"deterministic": True},
        "phases": {"coverage": {"enabled": False}},
        "seed": 1,
    }
)
# What a description cannot say: which slugs there are, and which parameters exclude each other.
# That the API accepts its own examples, all together, is tested with the description.
ANSWERS = {"positive_data_acceptance": {"expected-statuses": ["2xx", 400, 404, 410]}}


def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer as the site does, and close the answer, which Schemathesis leaves open."""
    return [read(application(environ, start_response))]


schema = schemathesis.openapi.from_dict(
    get_description(), config=SchemathesisConfig.from_dict({**SAME, "checks": ANSWERS})
)
schema.app = answer


@schema.parametrize()
@chance.steady(CASES)
def test_answers_to_generated_requests_fit_the_description(case: schemathesis.Case) -> None:
    with connection_kept():
        case.call_and_validate(headers={"Accept-Encoding": "identity"})
