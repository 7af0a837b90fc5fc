"""Validators that several models share: of years, and of language codes."""

import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.utils import timezone
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


def refuse_future_check(day: datetime.date | None) -> None:
    """Raise ValidationError if a record was checked on a day that has not come yet."""
    if day and day > timezone.localdate():
        told = _("A day in the future cannot be a day of checking.")
        raise ValidationError({"verified_on": told})
