"""Names a programme after numbers, so that lists show of which state of the catalogue they are."""

import json
import sys

from programmes.models import Citation, Country, Edit, InitiativeKind, Programme, Source
from stemobs.catalogue.editing import edit

SLUG = "state-of-the-catalogue"


def main(lists: str = "") -> None:
    """Print the addresses of so many lists that show the programme; without a number, name it.

    A line read is a number, and a line written says that it is committed.
    """
    if lists:
        sys.stdout.write(json.dumps(list_addresses(int(lists))))
        return
    for line in sys.stdin:
        with edit(Edit.Kind.TASK):
            Programme.objects.filter(slug=SLUG).update(name=f"000 State {int(line)}")
        sys.stdout.write("\n")
        sys.stdout.flush()


def list_addresses(number: int) -> list[str]:
    """Make the programme, of so many countries, and return a list for each that begins with it."""
    countries = list(Country.objects.order_by("code")[:number])
    with edit(Edit.Kind.TASK):
        Programme.objects.filter(slug=SLUG).delete()
        source, _made = Source.objects.get_or_create(slug=SLUG, title=SLUG)
        programme = Programme.objects.create(
            slug=SLUG, name="000 State 0", summary="Made.", scope="international"
        )
        programme.countries.set(countries)
        programme.kinds.add(InitiativeKind.objects.all()[0])
        Citation.objects.create(
            programme=programme, position=1, basis=Citation.Basis.STATED, source=source
        )
        Programme.objects.filter(pk=programme.pk).update(state=Programme.State.PUBLISHED)
    return [f"/programmes/?country={country.code}&sort=name" for country in countries]
