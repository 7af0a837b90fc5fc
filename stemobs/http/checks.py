"""Checks of the installation that `manage.py check --deploy` and the readiness check run."""

from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.core.exceptions import ValidationError
from django.core.files.storage import Storage
from django.core.validators import validate_email
from django.http.request import validate_host


@register(Tags.staticfiles, deploy=True)
def check_static_files(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Report static files that `collectstatic` did not collect since the last release."""
    if not (names := find_stale_static_files()):
        return []
    found = f"{len(names)} static files are missing or of another release, such as {names[0]}."
    return [checks.Error(found, hint="Run manage.py collectstatic --noinput.", id="stemobs.E001")]


@register(Tags.security, deploy=True)
def check_hosts(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Report a public address whose host the site itself would refuse."""
    if validate_host(urlsplit(settings.SITE_URL).hostname or "", settings.ALLOWED_HOSTS):
        return []
    found = "The host of SITE_URL is not in ALLOWED_HOSTS, so every link of the site would fail."
    hint = f"Add {urlsplit(settings.SITE_URL).hostname} to ALLOWED_HOSTS."
    return [checks.Error(found, hint=hint, id="stemobs.E002")]


@register(Tags.security, deploy=True)
def check_trusted_header(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Report a site that would lead every request to https, also one that came by https."""
    is_trusted = bool(getattr(settings, "SECURE_PROXY_SSL_HEADER", None))
    if is_trusted or not settings.HTTPS:
        return []
    found = "SITE_URL is https, but no header is trusted that says so: pages redirect for ever."
    hint = "Set TRUSTED_PROXY_PROTO_HEADER=HTTP_X_FORWARDED_PROTO, as deploy/nginx needs it."
    return [checks.Error(found, hint=hint, id="stemobs.E009")]


@register(Tags.security, deploy=True)
def check_chosen_database(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Report that the data would stand among the files of the release."""
    if settings.IS_DATABASE_CHOSEN:
        return []
    found = "DATABASE_URL is not set: the catalogue would be a file beside manage.py."
    hint = "Set it to sqlite:////srv/data/db.sqlite3 or to postgres://user:password@host/name."
    return [checks.Error(found, hint=hint, id="stemobs.E010")]


@register(Tags.security, deploy=True)
def check_contact(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Report a contact that security.txt cannot name."""
    if settings.SECURITY_CONTACT.startswith(("mailto:", "https:")):
        return []
    found = "SECURITY_CONTACT is not set to a mailto: or https: address: no security.txt is sent."
    return [checks.Warning(found, id="stemobs.W003")]


@register(Tags.security, deploy=True)
def check_address_of_editors(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    """Report that readers cannot write to anybody."""
    try:
        validate_email(settings.CONTACT_EMAIL)
    except ValidationError:
        found = "CONTACT_EMAIL is no email address: readers cannot tell what is missing or wrong."
        hint = "Set CONTACT_EMAIL to an address that somebody reads."
        return [checks.Error(found, hint=hint, id="stemobs.E004")]
    return []


@cache
def find_stale_static_files() -> list[str]:
    """Return the names of static files that were not collected as they are in this release.

    Cached, because a running process serves the files that it found when it started.
    """
    storage: Any = staticfiles_storage
    # With DEBUG on, files are served from where they lie.
    if not isinstance(storage, ManifestFilesMixin):
        return []
    return [name for name, file in list_static_files() if not is_collected(storage, name, file)]


def list_static_files() -> Iterator[tuple[str, Storage]]:
    """Yield the name of every static file of this release, and the storage that holds it."""
    for finder in get_finders():
        yield from finder.list([])


def is_collected(collected: Any, name: str, source: Storage) -> bool:
    """Whether the collected copy of a static file is the same, and can be linked to."""
    if name not in collected.hashed_files or not collected.exists(name):
        return False
    with collected.open(name) as copy, source.open(name) as original:
        return copy.read() == original.read()
