"""What a column of a partner's file may become, with its name for people."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from stemobs.curation.importing.shapes import TARGETS


def name_targets(targets: Iterable[str] = TARGETS) -> tuple[tuple[str, str], ...]:
    """Return what a column may become, as options: the target, and its name."""
    names = {
        "name": _("Name"),
        "other-name": _("Another name"),
        "country": _("Country"),
        "region": _("Region"),
        "website": _("Website"),
        "level": _("Level"),
        "kind": _("Kind"),
        "audience": _("Audience"),
        "summary": _("Summary, for curators to reword"),
        "description": _("Description, for curators to reword"),
        "coordinator": _("Organisation: coordinator"),
        "partner": _("Organisation: partner"),
        "funder": _("Organisation: funder"),
        "reach": _("Reach: number"),
        "reach-unit": _("Reach: of whom"),
        "reach-when": _("Reach: when"),
        "money": _("Money: sum"),
        "currency": _("Money: currency"),
        "money-when": _("Money: when"),
        "runs": _("Runs (start and end)"),
        "start": _("Start"),
        "end": _("End"),
        "status": _("Status"),
        "age": _("Ages"),
        "language": _("Language"),
        "source": _("Address of a source"),
        "checked": _("Day of checking (is not taken over)"),
        "ignore": _("Do not import"),
    }
    return tuple((target, names[target]) for target in targets)
