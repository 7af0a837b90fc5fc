"""Schemathesis tests the API with valid and invalid requests generated from its description.

It reads the description as it is served, and all of its checks apply.
"""

from collections.abc import Iterable
from typing import Any

import pytest
import schemathesis
from django.utils import timezone
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import (
    CaseMetadata,
    ComponentInfo,
    GenerationInfo,
    PhaseInfo,
    TestPhase,
    build_phase_data,
)

from stemobs.api.openapi.errors import ERRORS
from stemobs.api.openapi.redirects import REDIRECTS
from stemobs.api.openapi.whole import get_description
from stemobs.wsgi import application
from tests import chance
from tests.wsgi import ask, connection_kept, read

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
REFUSALS = sorted({status for status, _words, _detail in ERRORS.values()})
# A mistyped address leads to its plain form, whatever else it asks for: `UK`, capitals in a slug,
# or a parameter by chance called `_ke`, as a mailing service calls its own. What is still wrong is
# refused there, so 301 fits right and wrong requests alike. 200 is never fit for a wrong one.
MOVED = REDIRECTS["Moved"][0]
ANSWERS = {
    # What a description cannot say: which slugs there are, and which parameters exclude each other.
    # That the API accepts its own examples, all together, is tested with the description.
    "positive_data_acceptance": {"expected-statuses": ["2xx", MOVED, 400, 404, 410]},
    "negative_data_rejection": {"expected-statuses": [MOVED, *REFUSALS]},
}


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


# --- Redirects, which chance finds seldom ---------------------------------------------------------

LEVEL, COUNTRY, PROGRAMME = (
    schema[f"/api/v1/{row}/"]["GET"]
    for row in ("education-levels/{code}", "countries/{code}", "programmes/{slug}")
)


def make_wrong(operation: Any, key: Any, query: dict[str, Any]) -> schemathesis.Case:
    """Return a request that Schemathesis takes for one that it made wrong itself."""
    wrong = GenerationMode.NEGATIVE
    places = (ParameterLocation.PATH, ParameterLocation.QUERY)
    meta = CaseMetadata(
        GenerationInfo(0, wrong),
        {place: ComponentInfo(wrong) for place in places},
        PhaseInfo(TestPhase.FUZZING, build_phase_data(TestPhase.FUZZING, None)),
    )
    name = "slug" if operation is PROGRAMME else "code"
    return operation.Case(path_parameters={name: key}, query=query, _meta=meta)


def call(case: schemathesis.Case) -> Any:
    with connection_kept():
        return case.call(headers={"Accept-Encoding": "identity"})


@pytest.mark.parametrize(
    ("case", "status"),
    [
        (make_wrong(LEVEL, -729, {"": "true", "_ke": ["null", "T"], "q": ["false", "null"]}), 404),
        (make_wrong(COUNTRY, "UK", {"fields": "names"}), 400),
        (make_wrong(COUNTRY, "el", {"fbclid": "1", "format": "turtle"}), 400),
        (make_wrong(PROGRAMME, "Jet-Net-NL", {}), 200),
    ],
    ids=["tracking", "country", "chain", "plain"],
)
def test_a_mistyped_request_is_led_to_another_address_which_refuses_what_is_still_wrong(
    case: schemathesis.Case, status: int
) -> None:
    answer = call(case)
    assert answer.status_code == MOVED
    case.validate_response(answer)
    path, _, query = answer.headers["location"][0].partition("?")
    assert ask(path, query).status == status


def test_the_state_of_a_day_is_described() -> None:
    day = timezone.localdate().isoformat()
    case = PROGRAMME.Case(path_parameters={"slug": "jet-net-nl"}, query={"as_of": day})
    answer = call(case)
    assert answer.status_code == REDIRECTS["StateOfADay"][0]
    case.validate_response(answer)


def test_a_wrong_request_that_is_answered_is_found() -> None:
    answer = call(LEVEL.Case(path_parameters={"code": 3}))
    assert answer.status_code == 200
    with pytest.raises(FailureGroup) as found:
        make_wrong(LEVEL, -729, {}).validate_response(answer)
    assert [type(one) for one in found.value.exceptions] == [AcceptedNegativeData]
