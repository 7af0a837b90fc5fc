"""The page on which readers say what is wrong or missing, without an account and without cookies.

Whoever sends it is led to the page of the suggestion, which is in `suggestion.py`. A form is only
taken that was opened here, by a person, within the last day. Whatever is refused comes back with
all that was typed.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from stemobs.curation.subjects import Subject, find_subject
from stemobs.curation.suggestions import (
    SuggestionForm,
    clean_post,
    find_limit,
    find_suggestion,
    keep_suggestion,
)
from stemobs.curation.tokens import QUICKEST, Stamp, make_stamp, make_token, read_stamp
from stemobs.pages.decorators import for_one_reader
from stemobs.selection.parameters import list_unknown

TEMPLATE = "pages/suggest/suggest.html"
CHOSEN = ("programme", "fact")  # what an address can choose
PARAMETERS = (*CHOSEN, "about")
STAMP = "stamp"  # the hidden field that says when the form was opened
TRAP = "web"  # a field that people do not see, so that only programs fill it in
LONGEST_BODY = 64_000  # bytes, several times what the longest suggestion has
# How much of a longer body is read, so that its sender gets to see the answer.
MOST_DRAINED = 16_000_000  # bytes
AT_ONCE = 64_000  # bytes
A_DAY = 86_400  # seconds


# Readers have no cookie that Django could compare with the form. See docs/decisions, 19.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_one_reader
def show_suggest(request: HttpRequest) -> HttpResponse:
    """Show the form, for a record and a fact if the address names them, or take it in.

    A record that readers do not know is a 404, in the same words for one that is not published.
    """
    if request.method == "POST":
        return take_suggestion(request)
    given = clean_post((name, request.GET.get(name, "")) for name in PARAMETERS)
    subject = find_subject(given["programme"], given["fact"])
    form = SuggestionForm(initial={"about": name_wanted(given)}, subject=subject)
    problems = list_unknown(request.GET.items(), PARAMETERS)
    missing = "" if subject.programme else given["programme"]
    status = 404 if missing else 200
    return show_form(request, subject, form, missing=missing, problems=problems, status=status)


def take_suggestion(request: HttpRequest) -> HttpResponse:
    """Keep what was sent and lead to its page, or show it again with what is wrong."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
        return refuse_long_body(request)
    given = clean_post(request.POST.items())
    subject = find_subject(given.get("programme", ""), given.get("fact", ""))
    form = SuggestionForm({**given, "about": name_wanted(given)}, subject=subject)
    stamp = read_stamp(given.get(STAMP, ""))
    refuse = partial(show_form, request, subject, form, stamp=given[STAMP] if stamp else "")
    if not form.is_valid():
        return refuse(status=422)
    doubt = find_doubt(request, given, stamp)
    if doubt or stamp is None:
        return refuse(status=422, notice=doubt)
    token = make_token(stamp, [*(given.get(name, "") for name in CHOSEN), *form.written])
    if not find_suggestion(token):
        if limit := find_limit(request):
            refused = refuse(status=429, notice=limit)
            refused.headers["Retry-After"] = str(A_DAY)
            return refused
        keep_suggestion(form, subject, token)
    return lead_to_suggestion(token)


def name_wanted(given: dict[str, str]) -> str:
    """Return what a reader says it is about; failing that, the record that is not known to us."""
    return given.get("about") or given.get("programme", "")


def find_doubt(request: HttpRequest, given: dict[str, str], stamp: Stamp | None) -> str:
    """Return why a form may not come from a person who has just filled it in; "" if it does."""
    if is_from_elsewhere(request):
        return _("This came from another site. If you wrote it, press the button once more.")
    if stamp is None:
        return _("This form was open for more than a day. Press the button once more.")
    if given.get(TRAP):
        return _("A field was filled in that should stay empty. Press the button once more.")
    if stamp.age < QUICKEST:
        return _("That was very quick. Look at it again, then press the button once more.")
    return ""


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that a page of another site sent the form.

    Sec-Fetch-Site is looked at first: some browsers hide the origin of every form.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    own = (settings.SITE_URL, f"{request.scheme}://{request.get_host()}")
    return request.headers.get("Origin", settings.SITE_URL) not in own


def show_form(
    request: HttpRequest,
    subject: Subject,
    form: SuggestionForm,
    *,
    stamp: str = "",
    notice: str = "",
    missing: str = "",
    problems: Iterable[Any] = (),
    status: int = 200,
) -> HttpResponse:
    """Show the form with what is in it; one that has no valid stamp gets a new one."""
    context = {
        "subject": subject,
        "form": form,
        "stamp": stamp or make_stamp(),
        "notice": notice,
        "missing": missing,
        "problems": list(problems),
        "contact_email": settings.CONTACT_EMAIL,
    }
    return render(request, TEMPLATE, context, status=status)


def lead_to_suggestion(token: str) -> HttpResponse:
    response = HttpResponseRedirect(reverse("suggestion", args=[token]))
    response.status_code = 303
    return response


# --- Bodies that are too long ---------------------------------------------------------------------


def refuse_long_body(request: HttpRequest) -> HttpResponse:
    drained = 0
    while drained < MOST_DRAINED and (piece := request.read(AT_ONCE)):
        drained += len(piece)
    notice = _("This is more than we can read. Go back, make it shorter and send it again.")
    subject = Subject()
    return show_form(request, subject, SuggestionForm(subject=subject), notice=notice, status=413)
