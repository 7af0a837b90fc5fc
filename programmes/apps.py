"""The programmes app: what the catalogue holds."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ProgrammesConfig(AppConfig):
    name = "programmes"
    verbose_name = _("Programmes")

    def ready(self) -> None:
        # It keeps its triggers whenever somebody migrates, whatever else is loaded.
        autodiscover_modules("changes")
