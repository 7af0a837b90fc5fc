"""The observatory: it stands on the records of `programmes` and `partnerships` and has none."""

from importlib import import_module

from django.apps import AppConfig

from stemobs.publisher import NAME


class ObservatoryConfig(AppConfig):
    """Gives Django the commands, the template tags and the admin; it has no models."""

    name = "stemobs"
    verbose_name = NAME

    def ready(self) -> None:
        # It keeps its triggers whenever somebody migrates, whatever else is loaded.
        import_module("stemobs.catalogue.triggers")
