"""JSON encoding of answers, done with orjson; times are given in seconds."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

other_types = JSONEncoder().default
OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def to_json(data: Any) -> bytes:
    """Return data as JSON bytes.

    Types that orjson does not know, such as lazy translations and decimals, are encoded as
    Django REST framework encodes them.
    """
    return orjson.dumps(data, default=other_types, option=OPTIONS)


class FastJSONRenderer(JSONRenderer):
    """Renders answers with orjson, which inserts rows that are already JSON (`orjson.Fragment`)."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else to_json(data)
