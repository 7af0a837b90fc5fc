"""The Django app `programmes`: models of vocabularies, sources, programmes and their facts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    """Holds models and migrations only; pages, API and admin are packages of `stemobs`."""

    name = "programmes"
    verbose_name = _("Programmes")
