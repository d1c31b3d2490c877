"""The form of an absence: who, from when until when, why, and who stands in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError
from desks.config import Member
from desks.forms_rotas import ClockField, DateInput, DayField, instant
from desks.models import AbsenceReason

NAMES: Final = {"starts_at": "start_on", "ends_at": "end_on"}


class AbsenceForm(forms.Form):
    """An absence as a person writes it; hours are those of the desk."""

    person = forms.TypedChoiceField(label=_("Who is absent"), coerce=int)
    start_on = DayField(label=_("From, day"), widget=DateInput())
    start_at = ClockField(label=_("From, hour"))
    end_on = DayField(label=_("Until, day"), widget=DateInput())
    end_at = ClockField(label=_("Until, hour"))
    reason = forms.ChoiceField(label=_("Reason of the absence"), choices=AbsenceReason.choices)
    substitute = forms.TypedChoiceField(label=_("Who stands in"), coerce=int, required=False, empty_value=None)
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, people: Sequence[Member], others: Sequence[Member], zone: ZoneInfo, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["person"].choices = [(member.user_id, member.name) for member in people]  # type: ignore[attr-defined]
        self.fields["substitute"].choices = [  # type: ignore[attr-defined]
            ("", _("Nobody in particular: by the rules")),
            *((member.user_id, member.name) for member in others),
        ]
        self.fields["reason"].help_text = _("Read by you and who supervises; colleagues read the dates only.")
        self.fields["substitute"].help_text = _("Gets the work first, where they attend the product and have room.")

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {
            "user_id": data["person"],
            "starts_at": instant(data["start_on"], data["start_at"], self.zone),
            "ends_at": instant(data["end_on"], data["end_at"], self.zone),
            "reason": data["reason"],
            "substitute_id": data["substitute"],
        }

    def fingerprint(self) -> str:
        """What was shown and confirmed: another date is looked at anew."""
        values = {name: str(value) for name, value in self.values().items()}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def adopt(self, errors: Sequence[FieldError]) -> None:
        for error in errors:
            name = NAMES.get(error.field, error.field)
            self.add_error(name if name in self.fields else None, str(error.message))


def initial(user_id: int | None, day: date) -> dict[str, Any]:
    """One whole day, as most absences are entered."""
    return {"person": user_id, "start_on": day, "start_at": "00:00", "end_on": day, "end_at": "24:00"}
