"""Forms of a person's own page."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from accounts.models import User
from notifications.models import WakeKind


class TokenForm(forms.Form):
    """A new API token."""

    label = forms.CharField(label=_("Label"), max_length=80, help_text=_("What will use it."))
    expires_on = forms.DateField(
        label=_("Expires on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_expires_on(self) -> date | None:
        """Refuse a day that is over."""
        day: date | None = self.cleaned_data["expires_on"]
        if day is not None and day <= self.today:
            raise forms.ValidationError(_("Choose a day after today."), code="past")
        if day is not None and day > self.today + timedelta(days=3660):
            raise forms.ValidationError(_("Choose a day within ten years."), code="too_far")
        return day

    def expires_at(self, zone: ZoneInfo) -> datetime | None:
        """Return the end of the chosen day."""
        day: date | None = self.cleaned_data["expires_on"]
        return datetime.combine(day + timedelta(days=1), time(), zone) if day else None


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What a person sets about themselves."""

    class Meta:
        model = User
        fields = ["name", "phone", "theme", "keyboard_shortcuts"]


class ChannelForm(forms.Form):
    """A channel that wakes; push follows with its own issue."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(WakeKind.WEBHOOK.value, WakeKind.WEBHOOK.label)])
    address = PhoneNumberField(label=_("Phone"), region="MX", help_text=_("Ten digits; it will be called or texted."))

    def clean_address(self) -> str:
        """Return the number as the provider takes it."""
        return str(self.cleaned_data["address"].as_e164)
