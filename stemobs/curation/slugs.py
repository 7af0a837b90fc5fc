"""The slug of a row that is added without one."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from django.utils.text import slugify

ROOM = 4  # letters for a number at the end of a slug


def find_free_slug(text: str, *models: Any, reserved: Iterable[str] = ()) -> str:
    """Return a slug made of a text, with a number at its end if some row has it, or a page.

    It is to be a slug of the first of the models; rows of the others lead somewhere by theirs.
    """
    longest = models[0]._meta.get_field("slug").max_length - ROOM
    wanted = slugify(text)[:longest].strip("-") or "new"
    used = set(reserved)
    for model in models:
        rows = model._base_manager.filter(slug__startswith=wanted)
        used |= set(rows.values_list("slug", flat=True))
    numbered = (f"{wanted}-{number}" for number in count(2))
    return wanted if wanted not in used else next(one for one in numbered if one not in used)
