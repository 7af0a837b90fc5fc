"""How a suggestion is taken in: what is asked, what is refused, and how many are taken."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.columns.texts import clean_text
from programmes.models import Suggestion
from stemobs.clients import ClientThrottle
from stemobs.curation.subjects import Subject, cut_told
from stemobs.curation.tokens import digest_token

MOST_A_DAY = 300  # of all readers together
# How long an answered suggestion is kept.
KEPT = timedelta(days=365)
# How long a reader should wait for an answer at most.
ANSWERED_WITHIN = timedelta(days=14)
TOO_LONG = gettext_lazy(
    "This is too long: it may have %(limit_value)d letters, and has %(show_value)d."
)


class SuggestionForm(forms.ModelForm):
    """What a reader is asked about a subject: only what its record does not say already."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is the matter?"),
        choices=Suggestion.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what is the matter.")},
    )
    role = forms.ChoiceField(
        label=gettext_lazy("How do you know? (optional)"),
        choices=[("", gettext_lazy("Choose, if you like")), *Suggestion.Role.choices],
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
    )

    class Meta:
        model = Suggestion
        fields = ("about", "kind", "value", "said", "source", "role")
        labels = {
            "about": gettext_lazy("What is it about?"),
            "value": gettext_lazy("What should it say? (optional)"),
            "said": gettext_lazy("What do you know?"),
            "source": gettext_lazy("Where can we look it up?"),
        }
        help_texts = {
            "about": gettext_lazy("The name of a programme, or the address of a page."),
            "said": gettext_lazy("In your own words. Please name no people."),
            "source": gettext_lazy(
                "An address on the web, or the title of a report and the page. We cannot change "
                "a fact without a source."
            ),
        }
        widgets = {
            "about": forms.TextInput(attrs={"class": "input"}),
            "value": forms.TextInput(attrs={"class": "input"}),
            "said": forms.Textarea(attrs={"class": "input", "rows": 4}),
            "source": forms.TextInput(attrs={"class": "input"}),
        }
        error_messages = {
            "said": {"required": gettext_lazy("Write what you know, even in a few words.")},
            "source": {
                "required": gettext_lazy(
                    "Tell us where we can look it up. If you know of no source, write “none”."
                )
            },
        }

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "suggest-%s", **kwargs})
        if subject.programme:
            del self.fields["about"]
        if subject.asked_value:
            told = {"question": subject.asked_value}
            self.fields["value"].label = _("%(question)s (optional)") % told
        elif not self.data.get("value"):  # else the fact has gone since the form was opened
            del self.fields["value"]
        for field in self.fields.values():
            # A text that is too long comes back whole, rather than cut by the browser.
            field.widget.attrs.pop("maxlength", None)
            field.error_messages["max_length"] = TOO_LONG
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = _("Choose one of the answers.")

    def clean_about(self) -> str:
        about: str = self.cleaned_data["about"]
        if not about:
            raise ValidationError(_("Say what it is about: a programme, or a page."))
        return about

    @property
    def written(self) -> list[str]:
        """What was written, as far as it is stored, in the order of the fields."""
        return [str(self.cleaned_data[name]) for name in self.fields]


def clean_post(given: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Return what was posted as it is stored: without NUL and whatever else nobody sees."""
    return {name: clean_text(str(value)) for name, value in given}


# --- Limits ---------------------------------------------------------------------------------------


class SuggestionThrottle(ClientThrottle):
    """Counts the suggestions of a client, beside what it asks for."""

    scope = "suggestion"

    def get_rate(self) -> str | None:
        return settings.SUGGESTION_RATE or None


def find_limit(request: HttpRequest) -> str:
    """Return why no more suggestions are taken now, as a sentence; "" if this one is counted."""
    a_day_ago = timezone.now() - timedelta(days=1)
    if Suggestion.objects.filter(created_at__gt=a_day_ago)[:MOST_A_DAY].count() >= MOST_A_DAY:
        return _("We have received very many suggestions today. Please come back tomorrow.")
    if not SuggestionThrottle().allows(request):
        return _("You have sent many suggestions today. Please come back tomorrow.")
    return ""


# --- Rows -----------------------------------------------------------------------------------------


def find_suggestion(token: str) -> Suggestion | None:
    """Return the suggestion whose page has this token at the end of its address."""
    rows = Suggestion.objects.select_related("programme")
    return rows.filter(digest=digest_token(token)).first()


def keep_suggestion(form: SuggestionForm, subject: Subject, token: str) -> None:
    """Store a suggestion, unless it is there already because it was sent twice."""
    told = {
        "programme": subject.programme,
        "fact": subject.fact,
        "fact_told": cut_told(subject.told),
    }
    Suggestion.objects.get_or_create(
        digest=digest_token(token), defaults={**form.cleaned_data, **told}
    )


def list_outdated() -> QuerySet[Suggestion]:
    """Return the suggestions that were answered so long ago that they are no longer kept."""
    decided = Q(state__in=Suggestion.DECIDED, decided_at__lt=timezone.now() - KEPT)
    return Suggestion.objects.filter(decided)


def where_late() -> Q:
    """Return the condition for suggestions that have waited too long for an answer."""
    return ~Q(state__in=Suggestion.DECIDED) & Q(created_at__lt=timezone.now() - ANSWERED_WITHIN)
