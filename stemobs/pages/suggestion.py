"""The page of one suggestion, which only those find who know its address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from programmes.models import Suggestion
from stemobs.addresses import NothingThere, build_absolute_url
from stemobs.curation.subjects import recall_subject
from stemobs.curation.suggestions import find_suggestion
from stemobs.pages.decorators import for_one_reader


# The token in the address is the proof that its reader may do this. See docs/decisions, 19.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_one_reader
def show_suggestion(request: HttpRequest, token: str) -> HttpResponse:
    """Show how a suggestion stands and the answer to it; a POST takes it back."""
    suggestion = find_suggestion(token)
    if suggestion is None:
        raise NothingThere(
            _(
                "There is no suggestion at this address. Check that you copied all of it. "
                "We keep a suggestion for a year after our answer."
            )
        )
    if request.method == "POST" and not suggestion.is_decided:
        suggestion.delete()
        return render(request, "pages/suggestion/taken_back.html")
    context = {
        "suggestion": suggestion,
        "subject": recall_subject(suggestion),
        "address": build_absolute_url(request.path),
        "steps": list_steps(suggestion),
    }
    return render(request, "pages/suggestion/suggestion.html", context)


def list_steps(suggestion: Suggestion) -> list[tuple[str, object]]:
    """Return what has happened to a suggestion so far, each with its moment."""
    steps = [(_("Received"), suggestion.created_at), (_("Looked at"), suggestion.seen_at)]
    if suggestion.is_decided:
        steps.append((suggestion.get_state_display(), suggestion.decided_at))
    return [(words, moment) for words, moment in steps if moment]
