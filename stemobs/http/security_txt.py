"""The file /.well-known/security.txt (RFC 9116): whom to tell about a vulnerability."""

import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from stemobs.addresses import build_absolute_url
from stemobs.selection.parameters import refuse_parameters

VALID_FOR = datetime.timedelta(days=180)


@require_safe
def send_security_txt(request: HttpRequest) -> HttpResponse:
    """Send security.txt with the contact from SECURITY_CONTACT; 404 if that setting is empty."""
    refuse_parameters(request.GET)
    if not settings.SECURITY_CONTACT:
        raise Http404
    # Midnight, so that the file stays the same for a day.
    end = (timezone.now() + VALID_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    expires = end.isoformat()
    text = (
        f"Contact: {settings.SECURITY_CONTACT}\n"
        f"Expires: {expires.replace('+00:00', 'Z')}\n"
        f"Canonical: {build_absolute_url(request.path)}\n"
    )
    # The file holds for months whatever the catalogue's revision, so caches may keep it for a day.
    headers = {"Cache-Control": "public, max-age=86400"}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)
