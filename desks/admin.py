"""For the installation's administrator: who works where. A desk's rules come from its file (`load_desk`)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.actor import ROLES
from desks import actions
from desks.models import Desk, Membership


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    """Roles as boxes to tick; a superior of the same desk."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=[(role, role) for role in ROLES], widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Membership
        fields = ("desk", "user", "roles", "reports_to", "skills", "max_open", "availability", "is_active")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        above = cleaned.get("reports_to")
        if above is not None and above.desk != cleaned.get("desk"):
            self.add_error("reports_to", _("The superior must work at the same desk."))
        while above is not None:
            if above.pk == self.instance.pk:
                self.add_error("reports_to", _("Nobody can stand above themselves."))
                break
            above = above.reports_to
        return cleaned


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = MembershipForm
    list_display = ("user", "desk", "roles", "is_active")
    list_filter = ("desk", "is_active")
    list_select_related = ("user", "desk")
    search_fields = ("user__name", "user__email")
    autocomplete_fields = ("user",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Save, and let every process read the desk's people anew."""
        super().save_model(request, obj, form, change)
        actions.touch(obj.desk)


@admin.register(Desk)
class DeskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read, and take a desk out of service."""

    list_display = ("name", "vendor", "prefix", "is_active")
    fields = ("vendor", "slug", "name", "prefix", "trato", "timezone", "email", "is_active")
    readonly_fields = ("vendor", "slug", "name", "prefix", "trato", "timezone", "email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Desk, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        actions.touch(obj)
