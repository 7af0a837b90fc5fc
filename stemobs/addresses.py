"""Helpers for URLs: absolute and missing addresses, and addresses without empty parameters."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote, unquote_plus

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    QueryDict,
)
from django.shortcuts import redirect
from django.urls import register_converter
from django.urls.converters import IntConverter
from django.utils.encoding import escape_uri_path
from django.utils.http import escape_leading_slashes
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request

View = Callable[..., HttpResponse]

ADMIN = "/admin/"
# Paths that are not for readers: what they answer depends on more than the catalogue.
NOT_FOR_READERS = (ADMIN, "/health/")
# Suggestions of readers: no cache keeps them, and no script of another site reads them.
SUGGEST = "/suggest/"
# The longest query that is read. With the rest of the request's first line it has to fit into what
# gunicorn reads of it: `limit_request_line` in gunicorn.conf.py.
MAX_QUERY_BYTES = 8_000
TOO_LONG = gettext_lazy("The address is longer than 8 kB. Use fewer filters or parameters.")
# The longest location to redirect to; a longer address is answered at once. A proxy with a cache
# keeps it in the same 4,096 bytes as the address that was asked for, which is about as long.
MAX_LOCATION = 1_000
# What of a query may stand in a header as it is: all visible characters of ASCII but “#”.
PLAIN = "".join(chr(code) for code in range(33, 127) if chr(code) != "#")

# Parameters that only tell where a reader came from.
# The names come from the lists that browsers strip (Brave's query filter, Firefox's query
# stripping) and from the manuals of the services. Names that a site may need itself, such as `ref`,
# `source` and `campaign`, are not among them.
TRACKING_FAMILIES = (
    "utm_",  # Google Analytics and many others
    "mtm_", "matomo_", "pk_", "piwik_",  # Matomo
    "hsa_",  # HubSpot
    "gad_",  # Google Ads
    "at_recipient_",  # AT Internet
    "elq",  # Eloqua
    "itm_", "ns_",  # Tag Commander, Comscore
    "oly_",  # Omeda
    "vero_",  # Vero
)  # fmt: skip
TRACKING_NAMES = frozenset(
    {
        # Google
        "_ga", "_gac", "_gl", "dclid", "gbraid", "gclid", "gclsrc", "srsltid", "wbraid",
        # Meta
        "fb_action_ids", "fb_action_types", "fb_comment_id", "fb_ref", "fb_source", "fbclid",
        "igsh", "igshid", "mibextid",
        # Microsoft, Yandex, Yahoo
        "msclkid", "msockid", "_openstat", "yclid", "ymclid", "ysclid", "guce_referrer",
        "guce_referrer_sig",
        # Other social networks
        "epik", "li_fat_id", "rdt_cid", "sccid", "ttclid", "twclid",
        # Mailing and customer services: Mailchimp, HubSpot, Marketo, Drip, Klaviyo, Adobe …
        "mc_cid", "mc_eid", "mc_tc", "__hsfp", "__hssc", "__hstc", "_hsenc", "_hsmi",
        "hsctatracking", "mkt_tok", "__s", "_ke", "_kx", "s_cid", "ml_subscriber",
        "ml_subscriber_hash", "et_rid", "ss_email_id", "bsft_clkid", "bsft_uid", "_bta_c",
        "_bta_tid", "ck_subscriber_id", "dm_i", "mindbox-message-key", "nr_email_referer", "vgo_ee",
        # Measuring services: AT Internet, Mapp, Adobe …
        "at_campaign", "at_medium", "ef_id", "s_kwcid", "wt_mc", "wt.mc_id", "xtor", "xtref",
        # Affiliate services: Impact, Branch, Wicked Reports …
        "cjevent", "dicbo", "irclickid", "irgwc", "tblci", "zanpid", "_branch_match_id",
        "_branch_referrer", "rb_clickid", "wickedid",
    }
)  # fmt: skip


def is_of_api(path: str) -> bool:
    """Whether a path belongs to the API, in any of its versions."""
    return path.startswith("/api/")


def build_absolute_url(path: str) -> str:
    """Return the absolute public address of a path on this site."""
    return f"{settings.SITE_URL}{path}"


class RevisionConverter(IntConverter):
    """Matches a revision in a path: in one way of writing it, and short enough for a database."""

    regex = "[1-9][0-9]{0,17}"


register_converter(RevisionConverter, "revision")


class NothingThere(Http404):
    """A 404 with a reason that is worded for people."""


def word_missing(exception: Exception) -> str:
    """Return the reason of a 404. That of Django's own 404s names classes, so it is left out."""
    reason = str(exception) if isinstance(exception, NothingThere) else ""
    return reason or _("There is nothing at this address. Check its spelling.")


def build_location(request: HttpRequest | Request, path: str, query: str | None = None) -> str:
    """Return a path of this site with a query as it came, by default the present one.

    Nothing in it is encoded anew but what cannot stand in a header. The location never leaves the
    site: a second slash at its start would make the next word a host.
    """
    raw = request.META.get("QUERY_STRING", "") if query is None else query
    # WSGI decodes the bytes of a query as Latin-1; encoding as Latin-1 restores them.
    kept = quote(raw.encode("latin-1", "replace"), safe=PLAIN)
    return f"{escape_leading_slashes(escape_uri_path(path))}{'?' if kept else ''}{kept}"


def redirect_for_good(location: str) -> HttpResponse:
    """Return a permanent redirect to a location of this site, whose text stays as it is."""
    response = HttpResponsePermanentRedirect("/")
    response.headers["Location"] = location  # Django would encode it anew
    return response


def keep_parameters(query: str, is_kept: Callable[[str, str], bool]) -> str:
    """Return the parameters of a query whose name and value fulfil a condition, as they were."""
    parts = [part.partition("=") for part in query.split("&")]
    kept = [part for part in parts if is_kept(unquote_plus(part[0]), unquote_plus(part[2]))]
    return "&".join("".join(part) for part in kept) if len(kept) < len(parts) else query


def is_tracking(name: str) -> bool:
    """Whether a parameter of this name only tells where a reader came from."""
    # Where a link was escaped once too often, `&amp;` stands before the name.
    small = name.strip().lower().removeprefix("amp;")
    return small in TRACKING_NAMES or small.startswith(TRACKING_FAMILIES)


def drop_empty_parameters(view: View) -> View:
    """Redirect to the same address without the empty parameters that an HTML form sends along.

    An address that is too long for a redirect is answered at once, as if they were not there.
    """

    @wraps(view)
    def shortened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = request.META.get("QUERY_STRING", "")
        filled = keep_parameters(given, lambda name, value: bool(value) or not name)
        if filled == given:
            return view(request, *args, **kwargs)
        location = build_location(request, request.path, filled)
        if len(location) > MAX_LOCATION:
            request.META["QUERY_STRING"], request.GET = filled, QueryDict(filled)
            return view(request, *args, **kwargs)
        return redirect(location)

    return shortened
