"""What a client fills in about an appointment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms

from portal.forms import _DeskForm
from tickets.forms_agenda import instant, slot_value
from tickets.slots import Slot


class BookingForm(_DeskForm):
    """One of the hours that can be had, and the price where there is one."""

    method = forms.CharField(widget=forms.HiddenInput)
    slot = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    place = forms.CharField(required=False, max_length=500)
    accept = forms.BooleanField(required=False)

    def __init__(self, *args: Any, slots: Sequence[Slot], price: str, visit: bool, **kwargs: Any) -> None:
        self.slots, self.price, self.visit = slots, price, visit
        super().__init__(*args, **kwargs)
        field = self.fields["slot"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(slot_value(slot), slot_value(slot)) for slot in slots]

    def choice_sentence(self, name: str) -> str:
        return self.config.say("booking.taken") if name == "slot" else super().choice_sentence(name)

    def clean(self) -> dict[str, Any]:
        """An hour; the address of a visit; a price is accepted before it is booked."""
        data: dict[str, Any] = super().clean() or {}
        if not data.get("slot") and "slot" not in self.errors:
            self.add_error("slot", self.config.say("booking.choose"))
        if self.visit and not (data.get("place") or "").strip():
            self.add_error("place", self.config.say("booking.where_needed"))
        if self.price and not data.get("accept"):
            self.add_error("accept", self.config.say("booking.accept_needed"))
        return data

    def starts_at(self) -> datetime:
        return instant(self.cleaned_data["slot"])
