"""The WSGI application, wrapped in what Django leaves to servers: charsets, and HEAD."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from stemobs.databases.limits import Limits
from stemobs.http.headers import list_security_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stemobs.settings")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WSGIApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

PLAIN_CHARSET = re.compile(r"charset\s*=\s*\"?[A-Za-z0-9._:-]+\"?\s*(;|$)", re.IGNORECASE)


def refuse_broken_charsets(application: WSGIApplication) -> WSGIApplication:
    """Answer 400 to a request whose Content-Type has a malformed charset.

    Django would answer such a request with a 500.
    """

    def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE", "")
        if "charset" in content_type.lower() and not PLAIN_CHARSET.search(content_type):
            body = b"The charset in Content-Type cannot be read.\n"
            headers = {
                "Content-Type": "text/plain; charset=utf-8",
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                **list_security_headers(),
            }
            start_response("400 Bad Request", list(headers.items()))
            return [body]
        return application(environ, start_response)

    return guarded


def send_no_body_to_head(application: WSGIApplication) -> WSGIApplication:
    """Answer HEAD with the headers of GET and nothing else: servers complain of a body."""

    def shortened(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if hasattr(body, "close"):
            body.close()
        return []

    return shortened


application = send_no_body_to_head(refuse_broken_charsets(get_wsgi_application()))
# Imported by name, because models can be imported only after `get_wsgi_application()`. The
# catalogue is built in a background thread, so that /health/ready can answer 503 meanwhile.
Limits.limit_every_thread()
import_string("stemobs.catalogue.states.requests.build_in_background")()
