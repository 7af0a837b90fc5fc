"""Every component of the pages in all its states, for those who develop or design them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.requests import get_request_catalogue
from stemobs.workshop import fact_specimens, specimens
from stemobs.workshop.specimens import SPECIMENS, Context

FOLDER = settings.BASE_DIR / "templates" / "components"
# What a template says at its top: what it shows and which inputs it takes.
TOP = re.compile(r"\{#\s*(.*?)\s*#\}")
# Each registers its states in SPECIMENS when it is imported.
MODULES = (specimens, fact_specimens)
# Items and rows are nothing without what they are part of.
INSIDE = {
    "example": "item",
    "initiative_facts": "facts",
    "initiative_line": "line",
    "programme_card": "item",
}


@dataclass(frozen=True)
class State:
    """A component in one state, as HTML."""

    name: str
    html: SafeString


@dataclass(frozen=True)
class Component:
    """A component: what it says of itself, and its states."""

    name: str
    told: str
    states: list[State]

    @property
    def anchor(self) -> str:
        return f"component-{self.name}"

    @property
    def inside(self) -> str:
        """Return what its states stand in: a list, a table, or nothing in particular."""
        return INSIDE.get(self.name, "")


@require_safe
def show_components(request: HttpRequest) -> HttpResponse:
    """All components; not on a site that is open to the public."""
    if not settings.DEBUG:
        raise Http404
    catalogue = get_request_catalogue(request)
    shown = [make_component(request, file, catalogue) for file in list_files()]
    return render(request, "pages/gallery/gallery.html", {"components": shown})


def list_files() -> list[Path]:
    return sorted(FOLDER.glob("*.html"))


def make_component(request: HttpRequest, file: Path, catalogue: Catalogue) -> Component:
    top = TOP.match(file.read_text())
    return Component(file.stem, top[1] if top else "", list(make_states(request, file, catalogue)))


def make_states(request: HttpRequest, file: Path, catalogue: Catalogue) -> Iterator[State]:
    """Yield the states of a component that there is something to show of."""
    for name, context in SPECIMENS[file.stem](catalogue) if file.stem in SPECIMENS else ():
        yield State(name, draw_component(request, file, context))


def draw_component(request: HttpRequest, file: Path, context: Context) -> SafeString:
    return render_to_string(f"components/{file.name}", dict(context), request=request)
