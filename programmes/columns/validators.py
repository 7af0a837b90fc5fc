"""Validators that several models share: of years, and of language codes."""

from django.core.validators import MinValueValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

EARLIEST_YEAR = 1800

YEAR_VALIDATORS = [MinValueValidator(EARLIEST_YEAR)]
LANGUAGE_CODE = RegexValidator(r"^[a-z]{2,3}\Z", _("ISO 639 code in small letters, such as nl."))
LANGUAGE_CODES = RegexValidator(
    r"^[a-z]{2,3}(, [a-z]{2,3})*\Z", _("ISO 639 codes in small letters: en, fr, it.")
)
