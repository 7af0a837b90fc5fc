"""Middleware that drops what advertising and mailing services append to addresses.

Such a parameter says where a reader came from and nothing about what to answer. Every other unknown
parameter stays wrong input, because it may be a mistyped one.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from stemobs.addresses import (
    MAX_LOCATION,
    NOT_FOR_READERS,
    build_location,
    keep_parameters,
    redirect_for_good,
)

# The names come from the lists that browsers strip (Brave's query filter, Firefox's query
# stripping) and from the manuals of the services. Names that a site may need itself, such as `ref`,
# `source` and `campaign`, are not among them.
FAMILIES = (
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
NAMES = frozenset(
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


class TrackingParameters:
    """Redirects readers to the same address without tracking parameters, all else as it was.

    An address that is too long to redirect to is answered as if it had none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_read = request.method in ("GET", "HEAD") and not request.path.startswith(NOT_FOR_READERS)
        given = request.META.get("QUERY_STRING", "")
        if not (is_read and given):
            return self.get_response(request)
        kept = keep_parameters(given, lambda name, _value: not is_tracking(name))
        if kept == given:
            return self.get_response(request)
        kept = kept if kept.strip("&") else ""
        location = build_location(request, request.path, kept)
        if len(location) <= MAX_LOCATION:
            return redirect_for_good(location)
        request.META["QUERY_STRING"] = kept
        return self.get_response(request)


def is_tracking(name: str) -> bool:
    """Whether a parameter of this name only tells where a reader came from."""
    # Where a link was escaped once too often, `&amp;` stands before the name.
    small = name.strip().lower().removeprefix("amp;")
    return small in NAMES or small.startswith(FAMILIES)
