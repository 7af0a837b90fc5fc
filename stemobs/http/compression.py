"""Which answers are compressed on their way."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Zip archives already: again takes time and gains nothing, and their length would not be told.
COMPRESSED = ("application/vnd.openxmlformats-officedocument.", "application/zip")


class Compression(GZipMiddleware):
    """Compresses what readers can read so, unless it is compressed by nature."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.headers.get("Content-Type", "").startswith(COMPRESSED):
            return response
        return super().process_response(request, response)
