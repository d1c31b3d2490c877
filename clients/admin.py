"""For the installation's administrator: clients with their RFCs, places and contracts; people and what they may see."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from clients import planlisteners, rfc
from clients.models import Branch, Client, Contact, ContactLink, Contract, TaxId
from core.errors import Invalid


class TaxIdForm(forms.ModelForm):  # type: ignore[type-arg]
    """Takes an RFC as people write it."""

    rfc = forms.CharField(label="RFC", max_length=20)

    class Meta:
        model = TaxId
        fields = ("rfc", "legal_name", "regimen", "postal_code")

    def clean_rfc(self) -> str:
        try:
            return rfc.check(self.cleaned_data["rfc"], field="rfc").rfc
        except Invalid as refused:
            raise ValidationError(str(refused.errors[0].message), code=refused.errors[0].code) from refused


class TaxIdInline(admin.TabularInline):  # type: ignore[type-arg]
    model = TaxId
    form = TaxIdForm
    extra = 0
    can_delete = False


class BranchInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Branch
    extra = 0
    can_delete = False


class ContractInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Contract
    extra = 0
    can_delete = False


class LinkInline(admin.TabularInline):  # type: ignore[type-arg]
    """Nothing but a link lets a person see a company; it ends by its date."""

    model = ContactLink
    extra = 0
    can_delete = False
    autocomplete_fields = ("client",)


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Clients and people are deactivated or anonymised, never deleted; their vendor stays what it was."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        return ("vendor",) if obj else ()


@admin.register(Client)
class ClientAdmin(KeptAdmin):
    list_display = ("name", "vendor", "is_active")
    list_filter = ("vendor", "is_active")
    search_fields = ("name", "tax_ids__rfc")
    autocomplete_fields = ("account_executive",)
    inlines = (TaxIdInline, BranchInline, ContractInline)

    def save_formset(self, request: HttpRequest, form: object, formset: forms.BaseModelFormSet, change: bool) -> None:  # type: ignore[type-arg]
        """Repeat the client's vendor on its RFCs, where the database keeps them unique; tell of another contract."""
        rows = formset.save(commit=False)
        for row in rows:
            if isinstance(row, TaxId):
                row.vendor_id = row.client.vendor_id
            row.save()
        changed = [row.client_id for row in rows if isinstance(row, Contract)]
        planlisteners.changed(changed, now=timezone.now())  # noqa: TID251 - a door


@admin.register(Contact)
class ContactAdmin(KeptAdmin):
    list_display = ("name", "vendor", "email", "phone")
    list_filter = ("vendor",)
    search_fields = ("name", "email")
    autocomplete_fields = ("user",)
    inlines = (LinkInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        return super().get_queryset(request).select_related("vendor")
