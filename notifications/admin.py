"""Notices as the installation's administrator sees them: to look; retrying is on *Avisos*."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["key", "channel", "recipient", "created_at", "sent_at", "dead_at", "attempts"]
    list_filter = ["channel", "outcome"]
    search_fields = ["key", "topic", "recipient"]
    exclude = ["rendered", "rendered_text", "params"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        return False
