"""How the admin tells what was found of links, and which sources have a broken one."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import Lease, WebLink
from stemobs.admin.base import format_gap
from stemobs.admin.filters import ConditionFilter
from stemobs.curation.links.records import LEASE

EXTERNAL = '<a href="{}" rel="nofollow noopener noreferrer external">{}</a>'


def link_out(address: str) -> SafeString:
    """Return a link to an address that tells its site nothing of this page."""
    return format_html(EXTERNAL, address, address)


def tell_found(link: WebLink) -> SafeString | str:
    """Return what was last found, with the number of the answer: “Not found (404)”."""
    if not link.outcome:
        return format_gap(_("not looked at yet"))
    label = link.get_outcome_display()
    return f"{label} ({link.status})" if link.status else label


def tell_whole(link: WebLink) -> SafeString:
    """Return what is known of a link in a sentence or two: what was found when, and since when."""
    if not link.looked_at:
        return format_html("{}", tell_found(link))
    told = [f"{tell_found(link)}, {tell_day(link.looked_at)}."]
    if link.first_failed_at:
        word = _("Broken since %(day)s.") if link.is_broken else _("Fails since %(day)s.")
        told.append(word % {"day": tell_day(link.first_failed_at)})
    moved = format_html(" {} {}", _("Leads to"), link_out(link.moved_to)) if link.moved_to else ""
    return format_html("{}{}", " ".join(told), moved)


def tell_day(moment: Any) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")


def tell_links_of(addresses: Iterable[str]) -> SafeString:
    """Return what is known of the addresses of a row, in one query; a gap if nothing is."""
    links = {link.address: link for link in WebLink.objects.filter(address__in=[*addresses])}
    if not links:
        return format_gap(_("not looked at yet"))
    shown = [links[address] for address in addresses if address in links]
    lines = ((link_out(link.address), tell_whole(link)) for link in shown)
    return format_html_join(SafeString("<br>"), "{}: {}", lines)


def tell_state_of_all() -> str:
    """Return how many links are broken, and when that was last looked for."""
    number = WebLink.objects.filter(is_broken=True).count()
    told = ngettext("%(number)d link is broken.", "%(number)d links are broken.", number)
    told = told % {"number": number} if number else _("No links are broken.")
    ended = Lease.objects.filter(name=LEASE).values_list("ended_at", flat=True).first()
    if ended is None:
        return f"{told} {_('Nobody has looked for them yet.')}"
    when = date_format(localtime(ended), "DATETIME_FORMAT")
    return f"{told} {_('Last looked for on %(when)s.') % {'when': when}}"


# --- Of sources -----------------------------------------------------------------------------------


def derive_found() -> Subquery:
    """Return the expression for what was last found at the address of a source; None if nothing."""
    return Subquery(WebLink.objects.filter(address=OuterRef("url")).values("outcome"))


def derive_broken() -> Exists:
    """Return the expression for whether the address of a source is broken."""
    return Exists(WebLink.objects.filter(address=OuterRef("url"), is_broken=True))


class BrokenLinkFilter(ConditionFilter):
    """Filters sources by whether their address is broken."""

    title = gettext_lazy("broken link")
    parameter_name = "broken"

    def choices_by_value(self) -> dict[str, tuple[Any, Q]]:
        broken = WebLink.objects.filter(is_broken=True).order_by().values("address")
        return {"yes": (_("Yes"), Q(url__in=broken)), "no": (_("No"), ~Q(url__in=broken))}
