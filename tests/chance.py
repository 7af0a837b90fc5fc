"""Settings of randomised tests: how many cases they try, and whether the cases are the same.

`./dev test` tries a few cases, the same ones in every run: half of the number that a test gives;
`./dev test --quick` tries an eighth. `./dev trial` tries a multiple, other ones in every run, and
prints how to repeat a failing case.
"""

import os
from collections.abc import Iterable
from typing import TypeVar

from hypothesis import HealthCheck, settings

IS_QUICK = "TESTS_QUICK" in os.environ
# By how much a trial multiplies the number of cases; 0 outside trials.
TIMES = int(os.environ.get("TRIAL_TIMES", "0"))

Thing = TypeVar("Thing")


def steady(examples: int, least: int = 1) -> settings:
    """Return hypothesis settings for this many examples, as `many` counts them."""
    return settings(
        derandomize=not TIMES,
        print_blob=bool(TIMES),
        database=None,
        deadline=None,
        max_examples=max(many(examples), least),
        suppress_health_check=list(HealthCheck),
    )


def many(number: int) -> int:
    """Return how often to repeat something, of which a trial tries a multiple of this number."""
    if TIMES:
        return number * TIMES
    return max(number // (8 if IS_QUICK else 2), 1)


def thin(things: Iterable[Thing], step: int) -> list[Thing]:
    """Return one in so many of a long list; a trial takes all of them."""
    return list(things)[:: 1 if TIMES else step]


def seeds(number: int) -> range:
    """Return random seeds for a test without hypothesis; a trial uses more seeds."""
    return range(many(number))
