"""What people of the desk fill in about appointments and attentions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.config import DeskConfig
from tickets import openings, reasons
from tickets.forms import ClockField, DateInput, ScheduleForm, labelled, local_instant, people
from tickets.lifecycle import SupportMethod
from tickets.models import Outcome, Ticket
from tickets.slots import Slot

MINUTES: Final = ("15", "30", "45", "60", "90", "120")


def slot_value(slot: Slot) -> str:
    """The instant as a form carries it."""
    return slot.starts_at.astimezone(UTC).isoformat()


def instant(value: str) -> datetime:
    return datetime.fromisoformat(value)


class WishForm(forms.Form):
    """How and how long: what the proposed hours hang on. Wrong values are those of the ticket."""

    metodo = forms.ChoiceField(label=_("How"), required=False)
    minutos = forms.TypedChoiceField(
        label=_("How long"), required=False, coerce=int, choices=[(m, f"{m} min") for m in MINUTES]
    )

    def __init__(self, *args: Any, ticket: Ticket, config: DeskConfig, **kwargs: Any) -> None:
        self.ticket = ticket
        super().__init__(*args, **kwargs)
        field = self.fields["metodo"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = methods(config)

    def wish(self) -> tuple[str, int]:
        """Method and minutes."""
        self.is_valid()
        chosen = getattr(self, "cleaned_data", {})
        offered = [code for code, _text in self.fields["metodo"].choices]  # type: ignore[attr-defined]
        usual = self.ticket.support_method if self.ticket.support_method in offered else offered[0]
        return chosen.get("metodo") or usual, chosen.get("minutos") or openings.DEFAULT_MINUTES


def methods(config: DeskConfig) -> list[tuple[str, Any]]:
    """The ways that the desk attends, in its own order."""
    offered = {code: reasons.METHODS[code] for code in config.support_methods if code in reasons.METHODS}
    return labelled(offered or reasons.METHODS)


class SlotForm(ScheduleForm):
    """One of the proposed hours, or another day and hour; and where."""

    slot = forms.ChoiceField(label=_("Proposed hours"), required=False, widget=forms.RadioSelect)
    place = forms.CharField(
        label=_("Where"),
        required=False,
        max_length=500,
        help_text=_("Link of the session (https) or address of the visit; the client reads it."),
    )

    def __init__(self, *args: Any, slots: Sequence[Slot] = (), **kwargs: Any) -> None:
        self.slots = slots
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        """Offer the proposed hours; day and hour are for who wants another one."""
        super().prepare()
        field = self.fields["slot"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(slot_value(slot), slot_value(slot)) for slot in self.slots]
        field.error_messages["invalid_choice"] = _("That hour has just been taken: choose another one.")
        for name in ("day", "hour"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """An hour is needed; a visit needs its address."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("slot") and not (data.get("day") and data.get("hour")) and not self.errors:
            self.add_error("slot", _("Choose one of the hours, or write day and hour."))
        if data.get("method") == SupportMethod.ON_SITE and not (data.get("place") or "").strip():
            self.add_error("place", _("Write the address of the visit."))
        return data

    def values(self) -> dict[str, Any]:
        """Return the arguments of the action."""
        data = self.cleaned_data
        chosen = data.get("slot")
        at = instant(chosen) if chosen else local_instant(data["day"], data["hour"], self.config.zone)
        return {
            "method": data["method"],
            "starts_at": at,
            "minutes": data["minutes"],
            "place": data.get("place", ""),
        }


class FinishForm(forms.Form):
    """How an attention ended."""

    outcome = forms.ChoiceField(label=_("How did it end?"), choices=labelled(reasons.OUTCOMES), initial="continues")
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For colleagues; when it is solved, what was done: the client reads it."),
    )


class AttentionForm(FinishForm):
    """An attention that nobody planned, with its own hours."""

    field_order = ("method", "day", "started", "ended", "consultant", "outcome", "note", "accepted_by", "free")
    method = forms.ChoiceField(label=_("How"))
    day = forms.DateField(label=_("Date"), widget=DateInput())
    started = ClockField(label=_("Began"))
    ended = ClockField(label=_("Ended"))
    consultant = forms.TypedChoiceField(label=_("Attended by"), coerce=int)
    accepted_by = forms.CharField(label=_("Who of the client accepted what it costs"), required=False, max_length=160)
    free = forms.BooleanField(label=_("It is not charged"), required=False)

    def __init__(self, *args: Any, config: DeskConfig, costs: bool, **kwargs: Any) -> None:
        self.config = config
        super().__init__(*args, **kwargs)
        for name, choices in (("method", methods(config)), ("consultant", people(config))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = choices
        if not costs:
            del self.fields["accepted_by"], self.fields["free"]

    def clean(self) -> dict[str, Any]:
        """What was solved says how."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("outcome") == Outcome.RESOLVED and not (data.get("note") or "").strip():
            self.add_error("note", _("Write what was done: the client reads it."))
        return data

    def values(self) -> dict[str, Any]:
        """Return the arguments of the action; an end before the beginning is of the next day."""
        data = self.cleaned_data
        start = local_instant(data["day"], data["started"], self.config.zone)
        end = local_instant(data["day"], data["ended"], self.config.zone)
        return {
            "method": data["method"],
            "started_at": start,
            "ended_at": end if end >= start else end + timedelta(days=1),
            "consultant": data["consultant"],
            "outcome": data["outcome"],
            "note": data["note"],
            "price_accepted_by": data.get("accepted_by", ""),
            "free_of_charge": data.get("free", False),
        }


# What the action calls a field, and what the form calls it.
FIELD_NAMES: Final = {"started_at": "started", "ended_at": "ended", "told_by": "accepted_by", "starts_at": "hour"}
