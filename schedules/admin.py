"""For the installation's administrator: timers to look at and retry. Calendars and rotas have their own screens."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from schedules import actions
from schedules.models import Timer


class StateFilter(admin.SimpleListFilter):
    title = _("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Any]]:
        return [("parked", _("Parked")), ("pending", _("Pending")), ("done", _("Done")), ("cancelled", _("Cancelled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Timer]) -> QuerySet[Timer]:
        match self.value():
            case "parked":
                return queryset.filter(parked_at__isnull=False, cancelled_at=None, done_at=None)
            case "pending":
                return queryset.filter(parked_at=None, cancelled_at=None, done_at=None)
            case "done":
                return queryset.filter(done_at__isnull=False)
            case "cancelled":
                return queryset.filter(cancelled_at__isnull=False)
        return queryset


@admin.register(Timer)
class TimerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read and retry; nothing is edited by hand."""

    list_display = ["key", "handler", "due_at", "attempts", "parked_at", "done_at", "error"]
    list_filter = [StateFilter]
    search_fields = ["key", "owner"]
    show_full_result_count = False
    actions = ["retry"]

    @admin.action(description=_("Try the parked ones again"))
    def retry(self, request: HttpRequest, queryset: QuerySet[Timer]) -> None:
        now = timezone.now()  # noqa: TID251 - a door
        n = sum(actions.retry_parked(timer, now=now) for timer in queryset)
        self.message_user(request, _("%(n)d timers will be tried again.") % {"n": n})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Timer | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Timer | None = None) -> bool:
        return False
