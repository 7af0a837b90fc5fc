"""The Django app `partnerships`: models of organisations, roles, funding, strategies and guides."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnershipsConfig(AppConfig):
    """Holds models and migrations only; pages, API and admin are packages of `stemobs`."""

    name = "partnerships"
    verbose_name = _("Partnerships")
