"""The site's own settings, with the addresses of what it is compared with."""

# All of the settings: those of the site, but for what stands below.
from stemobs.settings import *  # noqa: F403
from stemobs.settings import DATABASES, env

ROOT_URLCONF = "benchmarks.urls"

# CARD_CACHE=off: rows of lists are made anew for each answer.
if env.str("CARD_CACHE", default="on") == "off":
    CARDS_KEPT = 0

# What the site is compared with may take longer than the site allows itself: it is measured too.
OPTIONS = DATABASES["default"]["OPTIONS"]
if "options" in OPTIONS:
    OPTIONS["options"] += " -c statement_timeout=600000"
