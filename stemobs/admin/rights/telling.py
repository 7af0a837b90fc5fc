"""Says what became of a record that was saved: who sees it now, and who does something next."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from programmes.models import Programme
from stemobs.admin.merging.people import name_users
from stemobs.admin.saving import build_admin_url
from stemobs.curation.states import State


def tell_saved(programme: Programme, before: str) -> SafeString:
    """Return what a save did to a record that had a state before it."""
    name = format_html('<a href="{}">{}</a>', build_admin_url(programme), programme)
    told = word_new_state(programme, before) if programme.state != before else word_state(programme)
    shown = SafeString("")
    if programme.state == State.PUBLISHED:
        shown = format_html(' <a href="{}">{}</a>', programme.get_absolute_url(), _("See it"))
    return format_html("{}{}", format_html(told, name), shown)


def word_state(programme: Any) -> str:
    """Return words with a place for the name of a record that was saved in its state."""
    return {
        State.DRAFT: _("“{}” is saved as a draft. Only curators see it."),
        State.REVIEW: _("“{}” is saved. It waits for a reviewer, and only curators see it."),
        State.PUBLISHED: _("“{}” is saved. Everybody sees it now."),
        State.WITHDRAWN: _("“{}” is saved. It stays withdrawn."),
    }[programme.state]


def word_new_state(programme: Any, before: str) -> str:
    """Return words with a place for the name of a record that was given another state."""
    restored = before == State.WITHDRAWN
    return {
        State.DRAFT: _("“{}” is a draft again. Only curators see it."),
        State.REVIEW: _("“{}” is sent to review. A reviewer reads it next."),
        State.PUBLISHED: _("“{}” is restored. Everybody sees it now.")
        if restored
        else _("“{}” is published. Everybody sees it now."),
        State.WITHDRAWN: _("“{}” is withdrawn. Its address leads to the record that replaced it.")
        if programme.merged_into_id
        else _("“{}” is withdrawn. Readers see only that, and why."),
    }[programme.state]


def word_sent_already(user: Any) -> str:
    """Return that a second sending came too late to be one, and who sent it first."""
    told = _("This was sent to review already, by %(who)s. It is not sent again.")
    return told % {"who": name_users([user])}
