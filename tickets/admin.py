"""Tickets as the administrator of the installation looks them up: nothing is changed here, verbs have screens."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tickets.models import Escalation, Ticket, TicketEvent


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows that only actions write."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is ever deleted."""
        return False


@admin.register(Ticket)
class TicketAdmin(LookOnly):
    """By number, newest first."""

    list_display = ("number", "desk", "status", "lane", "priority", "subject", "assignee", "opened_at")
    list_filter = ("desk", "status", "lane", "priority", "channel")
    list_select_related = ("desk", "assignee")
    search_fields = ("number", "subject")
    ordering = ("-id",)


@admin.register(TicketEvent)
class TicketEventAdmin(LookOnly):
    """The timeline across tickets."""

    list_display = ("ticket", "type", "at", "actor_label", "public")
    list_filter = ("desk", "type")
    list_select_related = ("ticket",)
    search_fields = ("ticket__number",)
    ordering = ("-id",)


@admin.register(Escalation)
class EscalationAdmin(LookOnly):
    """Ladders that are or were climbed."""

    list_display = ("ticket", "kind", "reason", "started_at", "acknowledged_at", "ended_at", "end_reason")
    list_filter = ("desk", "kind", "end_reason")
    list_select_related = ("ticket",)
    ordering = ("-id",)
