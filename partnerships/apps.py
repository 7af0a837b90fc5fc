"""The partnerships app: who takes part, who pays, and what research says about partnering."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnershipsConfig(AppConfig):
    """Models of partners only: pages, API and admin are rooms of `stemobs`."""

    name = "partnerships"
    verbose_name = _("Partnerships")
