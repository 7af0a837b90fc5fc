"""Settings of randomised tests: how many cases they try, and whether the cases are the same.

`./dev test` tries a few cases, the same ones in every run. `./dev trial` tries many more, which
differ between runs, and prints how to repeat a failing case.
"""

import os

from hypothesis import HealthCheck, settings

# By how much a trial multiplies the number of cases; 0 outside trials.
TIMES = int(os.environ.get("TRIAL_TIMES", "0"))


def steady(examples: int) -> settings:
    """Return hypothesis settings for a test with this many examples in a short run."""
    return settings(
        derandomize=not TIMES,
        print_blob=bool(TIMES),
        database=None,
        deadline=None,
        max_examples=many(examples),
        suppress_health_check=list(HealthCheck),
    )


def many(number: int) -> int:
    """Return how often to repeat something that a short run repeats `number` times."""
    return number * max(TIMES, 1)


def seeds(number: int) -> range:
    """Return random seeds for a test without hypothesis; a trial uses more seeds."""
    return range(many(number))
