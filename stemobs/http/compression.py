"""Middleware that compresses answers with gzip, except those that are compressed already."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Content types that are zip archives. Compressing them again gains nothing, and the answer would
# lose its Content-Length.
COMPRESSED = ("application/vnd.openxmlformats-officedocument.", "application/zip")


class Compression(GZipMiddleware):
    """Compresses answers for clients that accept gzip, unless the content type is a zip archive."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith(COMPRESSED):
            return response
        return super().process_response(request, response)
