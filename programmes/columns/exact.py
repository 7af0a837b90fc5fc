"""Reading JSON without rounding its numbers."""

import json
from decimal import Decimal
from typing import Any


class ExactNumbers(json.JSONDecoder):
    """Reads 0.10 as the decimal number that is written, not as the nearest float."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, parse_float=Decimal)
