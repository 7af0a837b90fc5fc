"""The gallery at /about/components/: every template component in all its states, for developers."""

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
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.workshop import fact_specimens, specimens
from stemobs.workshop.specimens import SPECIMENS, Context

FOLDER = settings.BASE_DIR / "templates" / "components"
# The comment at the top of a component's template: what it shows and which inputs it takes.
TOP = re.compile(r"\{#\s*(.*?)\s*#\}")
# Imported because each module registers its states in SPECIMENS when it is imported.
MODULES = (specimens, fact_specimens)
# Components that need a surrounding element, such as a list item, by the kind of that element.
INSIDE = {
    "example": "item",
    "initiative_facts": "facts",
    "initiative_line": "line",
    "programme_card": "item",
}


@dataclass(frozen=True)
class State:
    """A component in one state: the state's name and the rendered HTML."""

    name: str
    html: SafeString


@dataclass(frozen=True)
class Component:
    """A component: its name, the comment at the top of its template (`told`), and its states."""

    name: str
    told: str
    states: list[State]

    @property
    def anchor(self) -> str:
        return f"component-{self.name}"

    @property
    def inside(self) -> str:
        """Return the kind of element that must surround the component, or "" for none."""
        return INSIDE.get(self.name, "")


@require_safe
def show_components(request: HttpRequest) -> HttpResponse:
    """Show all components; without DEBUG, as on a public site, the page does not exist."""
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
    """Yield the registered states of a component that the present catalogue can show."""
    for name, context in SPECIMENS[file.stem](catalogue) if file.stem in SPECIMENS else ():
        yield State(name, draw_component(request, file, context))


def draw_component(request: HttpRequest, file: Path, context: Context) -> SafeString:
    return render_to_string(f"components/{file.name}", dict(context), request=request)
