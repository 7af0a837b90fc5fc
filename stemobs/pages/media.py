"""The pictures of published programmes, as the development server sends them.

In production the proxy does.
"""

import errno
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.static import serve


def send_picture(request: HttpRequest, path: str, document_root: Any) -> HttpResponseBase:
    """Send a file. A name longer than the file system allows is that of none."""
    try:
        return serve(request, path, document_root=document_root)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise Http404 from error
