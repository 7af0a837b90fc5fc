"""The programmes app: what the catalogue holds."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    """Models of programmes only: pages, API and admin are rooms of `stemobs`."""

    name = "programmes"
    verbose_name = _("Programmes")
