"""How far tests of chance go: `./dev test` tries a few cases, the same ones each time.

`./dev trial` tries many times as many, and others each time; what it finds is told with all that
is needed to repeat it.
"""

import os

from hypothesis import HealthCheck, settings

# How many times as many cases; nothing outside a trial.
TIMES = int(os.environ.get("TRIAL_TIMES", "0"))


def steady(examples: int) -> settings:
    """Return the settings of a test that tries so many examples."""
    return settings(
        derandomize=not TIMES,
        print_blob=bool(TIMES),
        database=None,
        deadline=None,
        max_examples=many(examples),
        suppress_health_check=list(HealthCheck),
    )


def many(number: int) -> int:
    """Return how often something is done that is done so often in a short run."""
    return number * max(TIMES, 1)


def seeds(number: int) -> range:
    """Return the seeds of a test that draws by itself: in a trial the same ones and more."""
    return range(many(number))
