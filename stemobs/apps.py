"""Django's configuration of the app `stemobs`, which has no models of its own.

Its records are the models of the apps `programmes` and `partnerships`.
"""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as django_admin
from django.db.models.signals import post_migrate

from stemobs.publisher import NAME
from stemobs.translations import remember_translations


class CurationAdmin(django_admin.AdminConfig):
    """Django's admin, with our way to sign in."""

    default = False  # of the apps in this module
    default_site = "stemobs.curation.second_factor.CurationSite"


class ObservatoryConfig(AppConfig):
    """Registers the commands, template tags and admin of `stemobs`; the app has no models."""

    name = "stemobs"
    verbose_name = NAME

    def ready(self) -> None:
        # Importing this module connects its signal handlers, which reinstall the database triggers
        # after every migration; importing the others registers their checks.
        import_module("stemobs.catalogue.triggers.installing")
        import_module("stemobs.http.checks")
        import_module("stemobs.databases.checks")
        import_module("stemobs.curation.accounts")
        # Only now, after Django's own handler, which makes the permissions of new models.
        post_migrate.connect(import_module("stemobs.curation.roles").keep_roles)
        remember_translations()
