"""Words of the site's language, each looked up once in a process."""

from functools import lru_cache

from django.conf import settings
from django.utils.translation import trans_real

# More than there are words to translate. What else is asked, as by a variable, may come and go.
MOST = 10_000


def remember_translations() -> None:
    """Remember what the site's language calls a text, which a page asks some hundred times.

    Django looks through the catalogues of all apps, one after another, and mostly in vain: the
    words of the site are English already. Tests that change the language get catalogues of their
    own, which remember nothing.
    """
    found = trans_real.translation(settings.LANGUAGE_CODE)
    found.gettext = lru_cache(MOST)(found.gettext)  # type: ignore[method-assign]  # of one object
