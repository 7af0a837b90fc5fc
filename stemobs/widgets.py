"""Writes the plain fields of forms as HTML: as Django's templates do, in a fraction of the time.

A record's form has a thousand fields, and each took four templates.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.templatetags.static import static
from django.utils.html import conditional_escape as escape
from django.utils.translation import gettext as _

Told = Mapping[str, Any]
ICON = '<img src="{}" alt="" width="24" height="24">'


class QuickRenderer(DjangoTemplates):
    """Writes what is known here, and leaves all else to its template."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        write = WRITERS.get(template_name)
        written = write(context) if write else None
        return super().render(template_name, context, request) if written is None else written


def write_attributes(attributes: Told | None) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(value)}"'
        for name, value in (attributes or {}).items()
        if value is not False
    )


def write_input(context: Told) -> str:
    told = context["widget"]
    value = "" if told["value"] is None else f' value="{escape(told["value"])}"'
    attributes = write_attributes(told["attrs"])
    return f'<input type="{told["type"]}" name="{escape(told["name"])}"{value}{attributes}>'


def write_textarea(context: Told) -> str:
    told = context["widget"]
    attributes = write_attributes(told["attrs"])
    value = escape(told["value"] or "")
    return f'<textarea name="{escape(told["name"])}"{attributes}>\n{value}</textarea>'


def write_select(context: Told) -> str:
    told = context["widget"]
    attributes = write_attributes(told["attrs"])
    groups = "".join(write_group(name, options) for name, options, _place in told["optgroups"])
    return f'<select name="{escape(told["name"])}"{attributes}>{groups}</select>'


def write_group(name: Any, options: list[Told]) -> str:
    written = "".join(
        f'<option value="{escape(one["value"])}"{write_attributes(one["attrs"])}>'
        f"{escape(one['label'])}</option>"
        for one in options
    )
    return f'<optgroup label="{escape(name)}">{written}</optgroup>' if name else written


def write_label(context: Told) -> str:
    label, tag = escape(context["label"]), context["tag"]
    if not context["use_tag"]:
        return label
    return f"<{tag}{write_attributes(context['attrs'])}>{label}</{tag}>"


def write_errors(context: Told) -> str | None:
    return None if context["errors"] else ""


def write_related(context: Told) -> str | None:
    """Write a select with links to change what is chosen, and to add another."""
    if context["can_delete_related"] or context["can_view_related"]:
        return None
    name, parameters = escape(context["name"]), escape(context["url_params"])
    links = ""
    if context["can_change_related"] and not context["is_hidden"]:
        address = f"{context['change_related_template_url']}?{parameters}"
        told = _("Change selected %(model)s") % {"model": context["model"]}
        links += write_link("change", name, f'data-href-template="{address}"', told)
    if context["can_add_related"] and not context["is_hidden"]:
        address = f"{context['add_related_url']}?{parameters}"
        told = _("Add another %(model)s") % {"model": context["model"]}
        links += write_link("add", name, f'href="{address}"', told)
    is_limited = context["model_has_limit_choices_to"]
    model = "" if is_limited else f' data-model-ref="{context["model_name"]}"'
    return f'<div class="related-widget-wrapper"{model}>{context["rendered_widget"]}{links}</div>'


def write_link(kind: str, name: str, address: str, told: str) -> str:
    icon = ICON.format(static(f"admin/img/icon-{kind}link.svg"))
    return (
        f'<a class="related-widget-wrapper-link {kind}-related" id="{kind}_id_{name}"'
        f' data-popup="yes" {address} title="{escape(told)}">{icon}</a>'
    )


INPUTS = ("checkbox", "date", "email", "hidden", "number", "text", "url")
WRITERS: dict[str, Callable[[Told], str | None]] = {
    **{f"django/forms/widgets/{kind}.html": write_input for kind in INPUTS},
    "django/forms/widgets/textarea.html": write_textarea,
    "django/forms/widgets/select.html": write_select,
    "django/forms/label.html": write_label,
    "django/forms/errors/list/default.html": write_errors,
    "django/forms/errors/list/ul.html": write_errors,
    "admin/widgets/related_widget_wrapper.html": write_related,
}
