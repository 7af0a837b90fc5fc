"""Who may change a record in the admin, and who may publish, withdraw and restore it.

The rules stand in `stemobs/curation/states.py`. Forms and actions offer only what they allow, and
whoever sends more than was offered gets a 403 that says why.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import Programme
from stemobs.admin.merging.pages import find_merge
from stemobs.admin.rights.drawn import FIELD, ActionOnDrawn, list_unread, write_drawn
from stemobs.admin.rights.telling import tell_saved
from stemobs.curation.states import (
    MAY_PUBLISH,
    NEXT_STATES,
    Refused,
    State,
    describe_role,
    explain_refusal,
    is_publication,
    may_act_alone,
    may_write,
)
from stemobs.curation.tasks.watching import look_once_saved

LONGEST_REASON = 200  # characters, less than the history takes
# The fields that can change together with the state.
GO_WITH_STATE = {"state", "withdrawn_reason", "merged_into"}


class OwnRecords(admin.ModelAdmin):
    """Lets contributors change only their own drafts, and only what belongs to these."""

    def find_record(self, row: Any) -> Programme | None:
        """Return the programme that a row belongs to, or is."""
        return row.programme

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_write(request, obj)

    def may_write(self, request: HttpRequest, row: models.Model | None) -> bool:
        return row is None or may_write(request.user, self.find_record(row))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the row of a form; tell those who may not change it why, if they send it."""
        found = super().get_object(request, object_id, from_field)
        if found and request.method == "POST" and not self.may_write(request, found):
            raise Refused(describe_role(request.user))
        return found

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a row, unless it is a new one of somebody else's record, or was moved to one."""
        if not self.may_write(request, obj):
            raise Refused(describe_role(request.user))
        super().save_model(request, obj, form, change)


class ReasonAlone(forms.CharField):
    """Why somebody acts without a second person; no part of the record, so no change of it."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class StateForm(forms.ModelForm):
    """The form of a record; it offers the states that its user may give it."""

    user: Any = None  # whose form it is
    unread: tuple[str, ...] = ()  # labels of what others have changed since it was opened
    reason_alone = ReasonAlone(
        label=gettext_lazy("why you do this alone"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Shown to everybody in the history of the record."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state_before = State(self.instance.state)
        self.refusal = explain_refusal(self.user, self.instance)
        if "state" in self.fields:
            self.offer_states()
        if not (self.refusal and may_act_alone(self.user)):
            del self.fields["reason_alone"]

    def offer_states(self) -> None:
        """Offer the next states, without those that the user may not give."""
        state: Any = self.fields["state"]
        allowed = [self.state_before, *NEXT_STATES[self.state_before]]
        # All next states can be sent, so that whoever sends one not offered is told why.
        state.choices = [(one.value, one.label) for one in State if one in allowed]
        if self.refusal and not may_act_alone(self.user):
            state.widget.choices = [
                (value, label)
                for value, label in state.choices
                if not is_publication(self.state_before, value)
            ]
            state.help_text = self.refusal

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        reason = cleaned.pop("reason_alone", "")
        if is_publication(self.state_before, cleaned.get("state") or self.state_before):
            self.check_publication(reason)
            cleaned["reason_alone"] = reason
        return cleaned

    def check_publication(self, reason: str) -> None:
        """Refuse a change of state that the user may not make, or not together with others."""
        if self.refusal and not may_act_alone(self.user):
            raise Refused(self.refusal)
        if self.refusal and not reason:
            told = _("%(refusal)s If nobody else can, say why you do it alone.")
            self.add_error("reason_alone", told % {"refusal": self.refusal})
        elif settings.FOUR_EYES and not self.refusal:
            self.instance.changes_state_alone = True
            if self.unread:
                self.add_error("state", explain_unread(self.unread))
            elif set(self.changed_data) - GO_WITH_STATE:
                self.add_error("state", explain_state_alone())


def word_reason_alone(reason: str) -> str:
    """Return what the history tells everybody of what somebody did alone."""
    return _("Without a second person: %(reason)s") % {"reason": reason}


def explain_state_alone() -> str:
    return _(
        "Save either the new state or your other changes. What you change, somebody else has to "
        "publish, withdraw or restore."
    )


def explain_unread(labels: Iterable[str]) -> str:
    told = _(
        "This was changed after you had opened the form: %(what)s. Read it below as it is now, and "
        "save again."
    )
    return told % {"what": ", ".join(dict.fromkeys(labels))}


class PublishedRecords(OwnRecords):
    """Publishes, withdraws and restores records in the form, and in actions on many."""

    actions: Any = ("send_to_review", "publish")
    action_form = ActionOnDrawn

    def find_record(self, row: Any) -> Programme | None:
        return row

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_PUBLISH)

    # The form

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class: Any = super().get_form(request, obj, change=change, **kwargs)
        # Django makes the class anew for every request.
        form_class.user = request.user
        if merge := find_merge(request):
            form_class.unread = tuple(note.label for note in merge.notes)
        return form_class

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not (may_act_alone(request.user) and explain_refusal(request.user, obj or Programme())):
            return fieldsets
        told = _("You wrote this or changed it last. Say why nobody else can do the next step.")
        alone = {"fields": ("reason_alone",), "description": told}
        return (*fieldsets, (_("Without a second person"), alone))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if reason := form.cleaned_data.get("reason_alone"):
            made = request.__dict__["edit"]
            made.reason = " · ".join(filter(None, [made.reason, word_reason_alone(reason)]))
        request.__dict__["state_before"] = form.state_before if change else State.DRAFT
        super().save_model(request, obj, form, change)
        look_once_saved([obj])

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        request.__dict__["saved"] = obj
        return super().response_add(request, obj, *args)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        request.__dict__["saved"] = obj
        return super().response_change(request, obj)

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """Tell what became of a record where Django tells that a form was saved."""
        if saved := request.__dict__.pop("saved", None):
            message = tell_saved(saved, request.__dict__["state_before"])
        super().message_user(request, message, *args, **kwargs)

    # Actions on many

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, extra_context)
        context: Any = getattr(response, "context_data", None) or {}
        if settings.FOUR_EYES and (actions := context.get("action_form")):
            actions.fields[FIELD].initial = write_drawn(context["cl"].result_list)
        return response

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the actions without bulk deletion: drafts are deleted one by one in the form."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def response_action(self, request: HttpRequest, queryset: QuerySet, *args: Any) -> Any:
        """Run the chosen action; tell those who were not offered to publish why."""
        if "publish" in request.POST.getlist("action") and not self.has_publish_permission(request):
            raise Refused(describe_role(request.user))
        return super().response_action(request, queryset, *args)

    @admin.action(description=gettext_lazy("Send to review"), permissions=["change"])
    def send_to_review(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.advance(request, queryset, State.REVIEW, from_states=[State.DRAFT])

    @admin.action(description=gettext_lazy("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.advance(request, queryset, State.PUBLISHED, from_states=[State.DRAFT, State.REVIEW])

    def advance(
        self, request: HttpRequest, queryset: QuerySet, state: State, from_states: list[State]
    ) -> None:
        """Give programmes a new state; warn of those that stay as they are, with the reason."""
        ready: list[Programme] = []
        left: defaultdict[str, list[Programme]] = defaultdict(list)
        with transaction.atomic():
            programmes = lock_programmes(queryset)
            unread = list_unread(request, programmes) if state == State.PUBLISHED else set()
            for programme in programmes:
                why = explain_staying(request.user, programme, state, from_states)
                if why := why or (explain_later_change() if str(programme.pk) in unread else ""):
                    left[why].append(programme)
                elif state != State.PUBLISHED or not self.tell_faults(request, programme):
                    ready.append(programme)
            for programme in ready:
                programme.state = state
                programme.save(update_fields=["state", "changed_at"])
            self.log_field(request, ready, "state")
            look_once_saved(ready)
        if ready:
            told = ngettext(
                "%(number)d programme now has the state “%(state)s”.",
                "%(number)d programmes now have the state “%(state)s”.",
                len(ready),
            ) % {"number": len(ready), "state": state.label}
            self.message_user(request, told, messages.SUCCESS)
        if state == State.REVIEW:
            self.tell_ahead_of_many(request, ready)
        for why, programmes in left.items():
            names = ", ".join(f"{one} ({one.get_state_display()})" for one in programmes)
            self.message_user(request, why % {"programmes": names}, messages.WARNING)

    def tell_faults(self, request: HttpRequest, programme: Programme) -> bool:
        """Whether something but rights keeps a record from being published; say so if it does."""
        return False

    def tell_ahead_of_many(self, request: HttpRequest, programmes: list[Programme]) -> None:
        """Tell what stands in the way of publishing records that were sent to review."""

    def log_field(self, request: HttpRequest, programmes: list[Programme], name: str) -> None:
        field: Any = Programme._meta.get_field(name)  # no reverse relation: it has a name
        label = str(field.verbose_name)
        LogEntry.objects.log_actions(
            cast(int, request.user.pk),  # the admin requires a signed-in user
            programmes,
            CHANGE,
            [{"changed": {"fields": [label]}}],
        )


def explain_staying(user: Any, programme: Programme, state: State, from_states: list[State]) -> str:
    """Return a message with a place for names if an action leaves a programme as it is, else ""."""
    if programme.state not in from_states:
        return _("Not changed, because of their state: %(programmes)s.")
    refusal = "" if may_write(user, programme) else describe_role(user)
    if not refusal and is_publication(programme.state, state):
        refusal = explain_refusal(user, programme)
    return _("Not changed: %(programmes)s.") + f" {refusal}" if refusal else ""


def explain_later_change() -> str:
    return _(
        "Not changed: %(programmes)s. Somebody has changed this since the list was shown, or it "
        "was not on that page. Read it as it is now, and choose it again."
    )


def lock_programmes(queryset: QuerySet) -> list[Programme]:
    """Return the programmes, locked against other writers until the transaction ends."""
    return list(Programme.objects.select_for_update().filter(pk__in=queryset.values("pk")))
