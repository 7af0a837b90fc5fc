"""How answers of the API become JSON."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

other_types = JSONEncoder().default
OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z


def to_json(data: Any) -> bytes:
    """Return data as JSON; text that is translated late, and numbers as the framework has them."""
    return orjson.dumps(data, default=other_types, option=OPTIONS)


class FastJSONRenderer(JSONRenderer):
    """Writes JSON with orjson, which takes rows that are JSON already as they are."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else to_json(data)
