"""How far tests of chance go: `./dev test` tries a few cases, the same ones each time.

`./dev test --quick` tries a quarter of them. `./dev trial` tries many times as many, and others
each time; what it finds is told with all that is needed to repeat it.
"""

import os

from hypothesis import HealthCheck, settings

IS_QUICK = "TESTS_QUICK" in os.environ
# How many times as many cases; nothing outside a trial.
TIMES = int(os.environ.get("TRIAL_TIMES", "0"))


def steady(examples: int, least: int = 1) -> settings:
    """Return the settings of a test that tries so many examples, and never fewer than the least."""
    return settings(
        derandomize=not TIMES,
        print_blob=bool(TIMES),
        database=None,
        deadline=None,
        max_examples=max(many(examples), least),
        suppress_health_check=list(HealthCheck),
    )


def many(number: int) -> int:
    """Return how often something is done that `./dev test` does so often."""
    return max(number // 4, 1) if IS_QUICK else number * max(TIMES, 1)


def seeds(number: int) -> range:
    """Return the seeds of a test that draws by itself: in a trial the same ones and more."""
    return range(many(number))
