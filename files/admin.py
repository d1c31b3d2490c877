"""Attachments as the installation's administrator sees them: to look, not to change."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from files.models import Attachment


@admin.register(Attachment)
class AttachmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["filename", "content_type", "size", "secret_like", "created_at"]
    search_fields = ["filename", "sha256"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Attachment | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Attachment | None = None) -> bool:
        return False
