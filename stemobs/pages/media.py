"""The pictures of published programmes, as the development server sends them.

In production the proxy does.
"""

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.static import serve


def send_picture(request: HttpRequest, path: str, document_root: Any) -> HttpResponseBase:
    """Send a file; no name that a file system refuses, such as one too long, is that of one."""
    try:
        return serve(request, path, document_root=document_root)
    except OSError as error:
        raise Http404 from error
