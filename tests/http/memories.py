"""A memory of answers or tags for one test: what a test saves is rolled back for the next."""

from uuid import uuid4

from django.conf import LazySettings


def remember(settings: LazySettings, *names: str) -> None:
    """Let the process keep answers or tags in memory, with nothing in it yet."""
    memory = "django.core.cache.backends.locmem.LocMemCache"
    fresh = {name: {"BACKEND": memory, "LOCATION": uuid4().hex} for name in names}
    settings.CACHES = {**settings.CACHES, **fresh}
