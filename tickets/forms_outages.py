"""What people of the desk fill in about an outage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.config import DeskConfig
from tickets.forms import ClockField, DateInput, local_instant
from tickets.models import Ticket


class DeclareForm(forms.Form):
    """What clients will read, and whom it concerns."""

    title = forms.CharField(
        label=_("What is down"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    text = forms.CharField(
        label=_("What clients read"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What happens, what we are doing, and at what hour they hear from us again."),
    )
    contingency = forms.CharField(
        label=_("What they may do meanwhile"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The contingency rule, where there is one: how to invoice until then."),
    )
    products = forms.MultipleChoiceField(
        label=_("Products"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None marked: all.")
    )
    day = forms.DateField(label=_("Since"), widget=DateInput())
    hour = ClockField(label=_("Hour"))

    def __init__(self, *args: Any, config: DeskConfig, ticket: Ticket | None, now: datetime, **kwargs: Any) -> None:
        self.config = config
        super().__init__(*args, **kwargs)
        field = self.fields["products"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(product.slug, product.name) for product in config.products]
        since = (ticket.opened_at if ticket else now).astimezone(config.zone)
        self.fields["day"].initial, self.fields["hour"].initial = since.date(), since.time()
        if ticket is not None:
            self.fields["title"].initial = ticket.subject[:120]
            self.fields["products"].initial = [ticket.product.slug] if ticket.product else []

    def values(self) -> dict[str, Any]:
        """Return the arguments of the action."""
        data = self.cleaned_data
        return {
            **{name: data[name] for name in ("title", "text", "contingency", "products")},
            "started_at": local_instant(data["day"], data["hour"], self.config.zone),
        }


class EndForm(forms.Form):
    """What each client is told at the end."""

    text = forms.CharField(
        label=_("What each client is told"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Since what hour it works, and what they should do if it does not for them."),
    )
    resolve = forms.BooleanField(
        label=_("Solve its case and all reports with these words; each client confirms theirs"),
        required=False,
        initial=True,
    )
