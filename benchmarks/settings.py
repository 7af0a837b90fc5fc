"""The site's settings for benchmarks: with the reference views, and no time limit for SQL."""

from stemobs.databases import limits
from stemobs.settings import *  # noqa: F403  # all settings of the site, except for those below
from stemobs.settings import CACHES, DATABASES, env

ROOT_URLCONF = "benchmarks.urls"

# With CARD_CACHE=off the rows of lists are not cached, but made for each answer.
if env.str("CARD_CACHE", default="on") == "off":
    CARDS_KEPT = 0

# What is measured is how long an answer takes to make.
CACHES["answers"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}

# Reference views may take longer than the site's time limit; their time is to be measured, too.
OPTIONS = DATABASES["default"]["OPTIONS"]
if "options" in OPTIONS:
    OPTIONS["options"] += " -c statement_timeout=600000"
limits.SECONDS_OF_SILENCE = 600.0  # the server is silent as long as a statement takes
