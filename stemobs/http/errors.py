"""Error responses: RFC 9457 problem details under /api/, HTML pages elsewhere."""

import logging
import sys
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.utils.log import log_response
from django.utils.translation import gettext as _

from stemobs.addresses import ADMIN, SUGGEST, is_of_api, word_missing
from stemobs.api.problems import CONTENT_TYPE, make_problem_details
from stemobs.curation.states import Refused
from stemobs.databases.faults import describe_fault, find_availability, is_disk_full, is_fault
from stemobs.databases.limits import DatabaseRefused
from stemobs.http.resending import describe_resending
from stemobs.pages.not_found import USUAL, list_ways_on, read_words, suggest_programmes
from stemobs.selection.parameters import Problem

log = logging.getLogger(__name__)

# After how many seconds to ask again: what is away may come back at once, a full disk will not.
ASK_AGAIN = {503: 2, 507: 60}


class ErrorPage(HttpResponse):
    """An HTML error page of this module, as a class of its own to differ from Django's pages."""


def make_error_response(
    request: HttpRequest,
    status: int,
    detail: str,
    *,
    problems: Iterable[Problem] = (),
    **more: Any,
) -> HttpResponse:
    """Return an error response: problem details under /api/, else a page; no cache may store it.

    `problems` are the wrong parameters for problem details, `more` is further context for the
    template of the page.
    """
    response: HttpResponse
    if is_of_api(request.path):
        told = make_problem_details(status, detail, [one.as_dict() for one in problems])
        response = JsonResponse(told, status=status, content_type=CONTENT_TYPE)
    else:
        response = ErrorPage(render_error_page(status, detail, **more), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def render_error_page(status: int, detail: str, **more: Any) -> str:
    """Return the HTML of an error page; `more` is further context for its template."""
    context = {
        "status": status,
        "title": HTTPStatus(status).phrase,
        "detail": detail,
        "ways_on": USUAL,
        **more,
    }
    # The template gets no request, so that no context processor runs and queries the database,
    # which may be the very thing that is broken.
    return render_to_string("pages/error/error.html", context)


class OwnErrorPages:
    """Replaces Django's error responses by our pages.

    These are the empty 405, and with DEBUG on also the 400 and 404 pages that show internals.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        content_type = response.headers.get("Content-Type", "")
        if response.status_code == 405 and not content_type.startswith(CONTENT_TYPE):
            return handle_not_allowed(request, response)
        is_foreign = content_type.startswith("text/html") and not isinstance(response, ErrorPage)
        if settings.DEBUG and is_foreign and response.status_code in (400, 404):
            own = handle_bad_request if response.status_code == 400 else handle_not_found
            return own(request, Exception())
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a fault of the database, and with DEBUG on also BadRequest and Http404."""
        if is_fault(exception):
            return answer_fault(request, exception)
        if settings.DEBUG and isinstance(exception, (BadRequest, Http404)):
            own = handle_bad_request if isinstance(exception, BadRequest) else handle_not_found
            return own(request, exception)
        return None


def handle_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = str(exception) if isinstance(exception, BadRequest) else ""
    return make_error_response(
        request,
        400,
        reason or _("We could not read this request. Check the address and try again."),
    )


def handle_permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    told = str(exception) if isinstance(exception, Refused) else ""
    usual = _("Only curators can see this page. Sign in with an account that has access.")
    return make_error_response(request, 403, told or usual)


def handle_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 with the reason from the view's Http404, if any.

    A page adds programmes that match the words of the address. For a page past the end of a list
    it links to the first and the last page of the list.
    """
    # What stands in the address of a suggestion are no words.
    is_wordless = is_of_api(request.path) or request.path.startswith(SUGGEST)
    words = "" if is_wordless else read_words(request.path)
    detail = word_missing(exception)
    ends = [f"{request.path}?{query}" for query in getattr(exception, "ends", ())]
    return make_error_response(
        request,
        404,
        detail,
        words=words,
        likely=suggest_programmes(request, words),
        ends=ends,
        ways_on=list_ways_on(request.path),
    )


def handle_not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return our 405 response with the Allow header of the view's own response."""
    own = make_error_response(
        request, 405, _("This address only shows pages; it takes no other kind of request.")
    )
    own.headers["Allow"] = response.headers.get("Allow", "GET, HEAD")
    return own


def handle_server_error(request: HttpRequest) -> HttpResponse:
    # Django calls this while it handles the exception, also for one of a middleware.
    exception = sys.exception()
    if exception and is_fault(exception):
        return answer_fault(request, exception)
    return make_error_response(request, 500, _("The mistake is on our side, not yours."))


def answer_fault(request: HttpRequest, fault: BaseException) -> HttpResponse:
    """Answer 503, or 507 to a write on a full disk; the page lets a form be sent again."""
    find_availability().note_fault(fault)
    is_read = request.method in ("GET", "HEAD", "OPTIONS")
    status = 507 if is_disk_full(fault) and not is_read else 503
    if status == 507:
        detail = _(
            "There is no space to save anything right now. The people who run this site "
            "need to make room."
        )
    else:
        detail = _("We cannot reach the catalogue’s database right now.")
    more = {} if is_read else describe_resending(request)
    response = make_error_response(request, status, detail, **more)
    response.headers["Retry-After"] = str(ASK_AGAIN[status])
    # One line without a traceback: nothing is wrong in the code. None if the database was not even
    # asked, because then the fault has been told already.
    level = "debug" if isinstance(fault, DatabaseRefused) else "warning"
    log_response(
        "%s %s: %s", request.method, request.path, describe_fault(fault),
        response=response, request=request, logger=log, level=level,
    )  # fmt: skip
    return response


def handle_csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    # Only the admin has forms. A POST to any other address is a wrong method, not an old form.
    if not request.path.startswith(ADMIN):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    told = _("The form has expired. Go back, reload and try again.")
    # Only a browser that says so is known to send a form of our own: one that was opened before
    # somebody signed in anew, in another tab. Nobody else's form is offered to be sent again.
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return make_error_response(request, 403, told)
    more = describe_resending(request)
    if not more.get("sent"):
        return make_error_response(request, 403, told)
    told = _("This form was opened before you signed in. Send it once more from here.")
    return make_error_response(request, 403, told, **more)
