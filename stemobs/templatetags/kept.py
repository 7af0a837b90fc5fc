"""Template tags that keep what they rendered, where it is the same on many pages.

`{% once %}…{% endonce %}` is rendered once in a process, `{% once_a_state %}…{% endonce_a_state %}`
once until anything in the catalogue changes. Both are rendered for each language, and for each
value of what stands behind the tag's name. Nothing else of the page may stand between them, and
nothing of which there is any number, such as addresses, behind the name.
"""

from typing import Any

from django import template
from django.conf import settings
from django.utils.translation import get_language

from stemobs.catalogue.states.requests import get_request_catalogue

register = template.Library()


class OnceNode(template.Node):
    """A part of a template that is kept as long as the template itself."""

    def __init__(self, nodelist: template.base.NodeList, values: list[Any]) -> None:
        self.nodelist, self.values = nodelist, values
        self.kept: dict[tuple[Any, ...], str] = {}

    def render(self, context: template.Context) -> str:
        key = self.name_case(context)
        if key not in self.kept:
            self.kept[key] = self.nodelist.render(context)
        return self.kept[key]

    def name_case(self, context: template.Context) -> tuple[Any, ...]:
        values = (value.resolve(context, ignore_failures=True) for value in self.values)
        return (get_language(), *values)


class OnceAStateNode(OnceNode):
    """A part of a template that is kept with the state of the catalogue, unless DEBUG is on."""

    def render(self, context: template.Context) -> str:
        if settings.DEBUG:  # templates change without a restart, and nobody would take away the old
            return self.nodelist.render(context)
        text: str = get_request_catalogue(context["request"]).make_once_in_this_state(
            (self, *self.name_case(context)), lambda: self.nodelist.render(context)
        )
        return text


def parse_kept(parser: template.base.Parser, token: template.base.Token) -> OnceNode:
    name, *values = token.split_contents()
    nodelist = parser.parse((f"end{name}",))
    parser.delete_first_token()
    return NODES[name](nodelist, [parser.compile_filter(value) for value in values])


NODES = {"once": OnceNode, "once_a_state": OnceAStateNode}
for tag in NODES:
    register.tag(tag, parse_kept)
