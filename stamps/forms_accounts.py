"""Forms of an account's page: what sales does by hand, each with its reason."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST: Final = 1_000_000_000
_CLOCK: Final = re.compile(r"^\s*(\d{1,2}):?(\d{2})\s*$")


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Stamps(forms.IntegerField):
    """So many stamps, as people write them: `1,284` or `1284`."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
        super().__init__(**{"min_value": 1, "max_value": MOST, "widget": widget, **kwargs})

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = re.sub(r"[,\s]", "", value).replace("−", "-")
        return super().to_python(value)


class HandForm(forms.Form):
    """What every form of the page has: the key that makes a button pressed twice one movement."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: ZoneInfo, now: datetime, **kwargs: Any) -> None:
        self.zone, self.now = zone, now
        super().__init__(*args, **{"initial": {"key": uuid4()}, **kwargs})

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        cleaned = dict(self.cleaned_data)
        cleaned["reference"] = f"mano/{cleaned.pop('key')}"
        return cleaned


class _Reason(HandForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class _At(HandForm):
    """An instant of the desk's zone, now by default."""

    on = forms.DateField(label=gettext_lazy("Day"), widget=DateInput())
    hour = forms.CharField(
        label=gettext_lazy("Hour"), max_length=5, widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "hm"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        local = self.now.astimezone(self.zone)
        self.initial = {**self.initial, "on": local.date(), "hour": f"{local:%H:%M}"}

    def clean_hour(self) -> str:
        found = _CLOCK.match(self.cleaned_data["hour"])
        if found is None or int(found[1]) > 23 or int(found[2]) > 59:
            raise forms.ValidationError(_("Write the hour as 19:00."), code="invalid_time")
        return f"{int(found[1]):02d}:{found[2]}"

    def values(self) -> dict[str, Any]:
        cleaned = super().values()
        on, hour = cleaned.pop("on"), cleaned.pop("hour")
        cleaned["at"] = datetime.fromisoformat(f"{on.isoformat()}T{hour}:00").replace(tzinfo=self.zone)
        return cleaned


class UseForm(_At):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    used = Stamps(label=gettext_lazy("Stamps used"))
    field_order = ("used", "on", "hour", "reason")


class BalanceForm(_At):
    """A balance that somebody read in the client's program: it needs no other reason."""

    balance = Stamps(label=gettext_lazy("Balance that was read"), min_value=-MOST)
    field_order = ("balance", "on", "hour")


class AdjustForm(_Reason):
    amount = Stamps(
        label=gettext_lazy("Stamps"), min_value=-MOST, help_text=gettext_lazy("With a minus sign to take them away.")
    )
    field_order = ("amount", "reason")


class GrantForm(_Reason):
    amount = Stamps(label=gettext_lazy("Stamps"))
    expires_on = forms.DateField(
        label=gettext_lazy("Last day on which they can be used"), widget=DateInput(), required=False
    )
    field_order = ("amount", "expires_on", "reason")


class _Other(_Reason):
    into = forms.CharField(label=gettext_lazy("RFC of the other account"), max_length=20)


class TransferForm(_Other):
    amount = Stamps(label=gettext_lazy("Stamps"))
    field_order = ("into", "amount", "reason")


class MergeForm(_Other):
    field_order = ("into", "reason")


class RfcForm(HandForm):
    rfc = forms.CharField(label="RFC", max_length=20)


class TakeBackForm(_Reason):
    movement = forms.IntegerField(widget=forms.HiddenInput)


class FileForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("CSV or Excel file"))
