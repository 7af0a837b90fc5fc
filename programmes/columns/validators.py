"""Validators that several models share: of years, and of language codes."""

from django.core.validators import MinValueValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

EARLIEST_YEAR = 1800

YEAR_VALIDATORS = [MinValueValidator(EARLIEST_YEAR)]
LANGUAGE_CODE = RegexValidator(
    r"^[a-z]{2,3}\Z", _("Use the code of the language in small letters, such as nl (ISO 639).")
)
LANGUAGE_CODES = RegexValidator(
    r"^[a-z]{2,3}(, [a-z]{2,3})*\Z",
    _("Use codes of languages in small letters, such as en, fr, it (ISO 639)."),
)
