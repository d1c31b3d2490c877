"""Forms of the section *Orden*: each part a small one, and taking messages to a ticket of their own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks import queries as desk_queries
from desks.config import DeskConfig
from tickets import reasons, reminding
from tickets.actions.timing import MAX_MINUTES
from tickets.forms import ClockField, DateInput, local_instant
from tickets.lifecycle import RequestType
from tickets.models import Ticket
from tickets.models.checklist import MAX_TEXT
from tickets.models.reminder import MAX_NOTE


class LinkForm(forms.Form):
    kind = forms.CharField(max_length=9)
    number = forms.CharField(label=_("Number"), max_length=24)


class StepForm(forms.Form):
    text = forms.CharField(label=_("Step"), max_length=MAX_TEXT)
    key = forms.UUIDField(required=False)


class TimeForm(forms.Form):
    """Minutes of a day; without a day, today."""

    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=MAX_MINUTES)
    note = forms.CharField(label=_("What was done"), required=False, max_length=MAX_NOTE)
    worked_on = forms.DateField(label=_("Day"), required=False, widget=DateInput())
    key = forms.UUIDField(required=False)


class ReminderForm(forms.Form):
    """A preset, or a day with an hour of the desk."""

    preset = forms.CharField(required=False, max_length=10)
    note = forms.CharField(label=_("What for"), required=False, max_length=MAX_NOTE)
    day = forms.DateField(label=_("Day"), required=False, widget=DateInput())
    hour = ClockField(label=_("Hour"), required=False)

    def __init__(self, *args: Any, ticket: Ticket, config: DeskConfig, now: datetime, **kwargs: Any) -> None:
        self.ticket, self.config, self.now = ticket, config, now
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Work out the instant, `due_at`."""
        data = super().clean() or {}
        if self.errors:
            return data
        day: date | None = data.get("day")
        if data.get("preset") in reminding.PRESETS:
            hours = desk_queries.hours(self.ticket.desk, self.now) if self.ticket.desk.calendar_id else None
            data["due_at"] = reminding.instant(data["preset"], now=self.now, zone=self.config.zone, hours=hours)
        elif day and data.get("hour"):
            data["due_at"] = local_instant(day, data["hour"], self.config.zone)
        else:
            self.add_error("day", _("Choose a day and an hour."))
        return data


class SplitForm(forms.Form):
    """Which messages go, and what the new ticket is about."""

    subject = forms.CharField(label=_("Subject of the new ticket"), max_length=200)
    request_type = forms.ChoiceField(label=_("What is it?"))
    affects_operation = forms.BooleanField(
        label=_("Affects the operation"),
        required=False,
        help_text=_("Outside office hours whoever is on call is woken for it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(kind, reasons.request_type(kind)) for kind in RequestType.values]
        self.fields["request_type"].choices = choices  # type: ignore[attr-defined]
