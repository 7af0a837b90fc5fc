"""The admin's list of tasks, and the page to answer one."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.columns.texts import clean_line
from programmes.models import LONGEST_REASON_TO_CLOSE, Programme, Task
from stemobs.admin.base import link_to
from stemobs.admin.lists import DeclaredFilters
from stemobs.admin.saving import NOTHING, build_admin_url
from stemobs.admin.tasks.filters import CountryFilter, HolderFilter, OpenFilter
from stemobs.admin.tasks.places import list_places
from stemobs.admin.tasks.telling import tell_handled, tell_last_look
from stemobs.curation.tasks.queues import (
    Handled,
    close,
    give_back,
    is_held,
    take,
    take_ten,
    where_taken,
)

State = Task.State
REASON = "reason"
TAKE, GIVE_BACK, CLOSE = "_take", "_give_back", "_close"


class ReasonForTasks(ActionForm):
    """The form of the actions of the list of tasks; to close them needs a reason."""

    reason = forms.CharField(
        label=gettext_lazy("Reason, to close them:"),
        required=False,
        max_length=LONGEST_REASON_TO_CLOSE,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


@admin.register(Task)
class TaskAdmin(DeclaredFilters, admin.ModelAdmin):
    """The list of tasks, which people take and close, and a page of each."""

    list_display = ("told", "record", "kind", "since", "holder")
    list_filter = ("kind", OpenFilter, HolderFilter, CountryFilter)
    list_select_related = ("programme", "taken_by")
    list_per_page = 50
    show_full_result_count = False
    # Those come first that matter most. To sort or to count hundreds of thousands takes too long.
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("programme__name", "about")
    search_help_text = gettext_lazy("Searches names of records, and addresses of broken links.")
    empty_value_display = NOTHING
    actions = ("take_these", "give_back_these", "close_these")
    action_form = ReasonForTasks
    change_list_template = "admin/programmes/task/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.give_ten)
        return [path("ten/", view, name="programmes_task_ten"), *super().get_urls()]

    def is_offered(self, name: str, value: str) -> bool:
        return name != "o" and super().is_offered(name, value)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        told = {
            "subtitle": tell_last_look(),
            "may_take": self.has_change_permission(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, told)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Return the tasks of records of these names, and of such addresses.

        Records are found by themselves, because there are fewer of them than tasks.
        """
        for word in search_term.split():
            named = Programme.objects.filter(name__icontains=word).order_by().values("pk")
            is_about = Q(kind=Task.Kind.LINK, about__icontains=word)
            queryset = queryset.filter(Q(programme__in=named) | is_about)
        return queryset, False

    # What the list shows

    @admin.display(description=gettext_lazy("record"))
    def record(self, task: Task) -> SafeString | str:
        return link_to(task.programme) if task.programme else NOTHING

    @admin.display(description=gettext_lazy("since"))
    def since(self, task: Task) -> str:
        return timesince(task.opened_at, depth=1)

    @admin.display(description=gettext_lazy("taken by"))
    def holder(self, task: Task) -> str:
        held = is_held(task, timezone.now())
        return task.taken_by.get_username() if held and task.taken_by else NOTHING

    # Actions on many

    @admin.action(description=gettext_lazy("Take these"), permissions=["change"])
    def take_these(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.tell(request, take(list_ids(queryset), request.user), word_taken)

    @admin.action(description=gettext_lazy("Give back"), permissions=["change"])
    def give_back_these(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.tell(request, give_back(list_ids(queryset), request.user), word_given_back)

    @admin.action(description=gettext_lazy("Close, with a reason"), permissions=["change"])
    def close_these(self, request: HttpRequest, queryset: QuerySet) -> None:
        reason = read_reason(request)
        if not reason:
            self.message_user(request, word_no_reason(), messages.ERROR)
            return
        self.tell(request, close(list_ids(queryset), request.user, reason), word_closed)

    def tell(self, request: HttpRequest, handled: Handled, word: Any) -> None:
        """Say what was done, and who was first with the rest."""
        if handled.done:
            self.message_user(request, word(len(handled.done)), messages.SUCCESS)
        for told in tell_handled(handled):
            self.message_user(request, told, messages.WARNING)

    def give_ten(self, request: HttpRequest) -> HttpResponse:
        """Take ten tasks for whoever asks, and lead to the list of theirs."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        taken = take_ten(request.user)
        told = word_taken(len(taken)) if taken else _("Nothing is free now. Thank you!")
        self.message_user(request, told, messages.SUCCESS if taken else messages.INFO)
        return HttpResponseRedirect(f"{find_list()}?{urlencode({'holder': 'mine'})}")

    # The page of one

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if object_id is None:
            raise PermissionDenied
        task: Any = self.get_object(request, unquote(object_id))
        if task is None:
            raise Http404
        if not self.has_view_permission(request, task):
            raise PermissionDenied
        if request.method != "POST":
            return self.draw(request, task)
        if not self.has_change_permission(request, task):
            raise PermissionDenied
        return self.take_answer(request, task)

    def take_answer(self, request: HttpRequest, task: Task) -> HttpResponse:
        """Do what a button says; show the page again if that cannot be, with what was written."""
        reason = read_reason(request)
        if CLOSE in request.POST and not reason:
            self.message_user(request, word_no_reason(), messages.ERROR)
            return self.draw(request, task)
        if CLOSE in request.POST:
            handled, word = close([task.pk], request.user, reason), word_closed
        elif TAKE in request.POST:
            handled, word = take([task.pk], request.user), word_taken
        else:
            handled, word = give_back([task.pk], request.user), word_given_back
        self.tell(request, handled, word)
        if not handled.done:
            task.refresh_from_db()
            return self.draw(request, task, status=409)
        is_here = TAKE in request.POST
        return HttpResponseRedirect(build_admin_url(task) if is_here else find_next(request, task))

    def draw(self, request: HttpRequest, task: Task, status: int = 200) -> HttpResponse:
        now = timezone.now()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": task,
            "title": task.get_kind_display(),
            "places": [*list_places(task)],
            "is_open": task.state == State.OPEN,
            "held_by": word_holder(task, request.user, now),
            "is_mine": is_held(task, now) and task.taken_by_id == request.user.pk,
            "may_answer": self.has_change_permission(request, task),
            "longest": LONGEST_REASON_TO_CLOSE,
            "reason": request.POST.get(REASON, ""),
        }
        return TemplateResponse(request, "admin/programmes/task/task.html", context, status=status)


def list_ids(queryset: QuerySet) -> list[int]:
    return list(queryset.order_by().values_list("pk", flat=True))


def read_reason(request: HttpRequest) -> str:
    return clean_line(request.POST.get(REASON, ""))[:LONGEST_REASON_TO_CLOSE]


def find_list() -> str:
    return reverse("admin:programmes_task_changelist")


def find_next(request: HttpRequest, task: Task) -> str:
    """Return where to go on: to the next task that somebody has taken, else to those of a kind."""
    mine = Task.objects.filter(where_taken(request.user, timezone.now()))
    following = mine.exclude(pk=task.pk).first()
    if following:
        return build_admin_url(following)
    return f"{find_list()}?{urlencode({'kind__exact': task.kind})}"


# --- Words ----------------------------------------------------------------------------------------


def word_holder(task: Task, user: Any, now: datetime) -> str:
    """Return who else has taken a task, and until when; "" if nobody has."""
    if not is_held(task, now) or task.taken_by_id == user.pk or not task.taken_by:
        return ""
    return task.taken_by.get_username()


def word_no_reason() -> str:
    return _("Say in a sentence why it can be closed.")


def word_taken(number: int) -> str:
    told = ngettext(
        "%(number)d task is yours until midnight.",
        "%(number)d tasks are yours until midnight.",
        number,
    )
    return told % {"number": number}


def word_given_back(number: int) -> str:
    told = ngettext("%(number)d task is free again.", "%(number)d tasks are free again.", number)
    return told % {"number": number}


def word_closed(number: int) -> str:
    told = ngettext(
        "%(number)d task is closed. It comes back only if something else is found there.",
        "%(number)d tasks are closed. They come back only if something else is found there.",
        number,
    )
    return told % {"number": number}
