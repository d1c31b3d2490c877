"""The form of a call or a WhatsApp: one that is going on, or one that was attended before it is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from clients import phones
from core import emails
from desks.config import DeskConfig
from tickets import lifecycle, reasons, whatsapp
from tickets.forms import ClockField, DateInput, FilesField, labelled, local_instant, people

IMPACTS: Final = {
    lifecycle.Impact.STOPPED: _("Yes, it is stopped"),
    lifecycle.Impact.PARTIAL: _("In part"),
    lifecycle.Impact.NONE: _("No"),
}
CALL_CHANNELS: Final = {"phone": _("Call"), "whatsapp": _("WhatsApp")}
RESOLVED, PENDING, ESCALATED = "resolved", "pending", "escalated"


class CallForm(forms.Form):
    """A call that is going on."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    contact = forms.IntegerField(required=False, widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=_("By"), choices=list(CALL_CHANNELS.items()), initial="phone")
    requester_name = forms.CharField(label=_("Name"), max_length=160)
    requester_phone = forms.CharField(label=_("Phone"), required=False, max_length=40)
    requester_email = forms.EmailField(label=_("E-mail"), required=False, max_length=emails.LONGEST)
    client_rfc = forms.CharField(
        label=_("RFC"), required=False, max_length=20, widget=forms.TextInput(attrs={"class": "mono"})
    )
    subject = forms.CharField(label=_("Subject"), max_length=200)
    request_type = forms.ChoiceField(label=_("Kind of request"), choices=labelled(reasons.REQUEST_TYPES))
    impact = forms.ChoiceField(label=_("Does it affect the operation?"), choices=list(IMPACTS.items()), initial="none")
    support_method = forms.ChoiceField(label=_("How it is attended"), choices=(), initial="phone", required=False)
    product = forms.ChoiceField(label=_("Product"), choices=(), required=False)
    product_version = forms.CharField(label=_("Version"), max_length=60, required=False)
    description = forms.CharField(
        label=_("What happened"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Of a WhatsApp: paste the conversation as it is copied."),
    )
    files = FilesField(required=False, label=_("Pictures and files"))  # type: ignore[assignment]  # as in ReplyForm
    sensitive = forms.BooleanField(
        label=_("They ask for access data or a change (e-mail, RFC, permissions)"), required=False
    )
    called_back = forms.ChoiceField(label=_("I called back to the number on file"), choices=(), required=False)

    def __init__(self, *args: Any, config: DeskConfig, on_file: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        self.config, self.on_file = config, list(on_file)
        super().__init__(*args, **kwargs)
        called_back = self.fields["called_back"]
        assert isinstance(called_back, forms.ChoiceField)  # noqa: S101 - declared above
        called_back.choices = [
            ("", _("Not yet")),
            *((number, f"{phones.national(number)} · {whose}") for number, whose in self.on_file),
        ]
        method = self.fields["support_method"]
        assert isinstance(method, forms.ChoiceField)  # noqa: S101 - declared above
        method.choices = [(code, reasons.method(code).capitalize()) for code in config.support_methods]
        product = self.fields["product"]
        assert isinstance(product, forms.ChoiceField)  # noqa: S101 - declared above
        product.choices = [("", _("Not known")), *((p.slug, p.name) for p in config.products)]
        self.fields["request_type"].initial = lifecycle.RequestType.OPERATIONAL_QUESTION

    def clean(self) -> dict[str, Any]:
        """One of e-mail and phone is needed."""
        data: dict[str, Any] = super().clean() or {}
        broken = {"requester_phone", "requester_email"} & set(self.errors)
        if not broken and not (data.get("requester_phone") or data.get("requester_email")):
            self.add_error("requester_phone", _("Write a telephone number or an e-mail address."))
        return data

    def told(self) -> str:
        """What happened, in order where it is a conversation of WhatsApp."""
        text = str(self.cleaned_data["description"])
        return whatsapp.tidy(text) if self.cleaned_data["channel"] == lifecycle.Channel.WHATSAPP else text


class PastCallForm(CallForm):
    """A call that was attended before it is written down."""

    occurred_on = forms.DateField(label=_("Date"), widget=DateInput())
    started = ClockField(label=_("Began"))
    ended = ClockField(label=_("Ended"))
    attended_by = forms.TypedChoiceField(label=_("Attended by"), coerce=int, choices=())
    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=[(RESOLVED, RESOLVED), (PENDING, PENDING), (ESCALATED, ESCALATED)],
        initial=RESOLVED,
    )
    solution = forms.CharField(label=_("What was done"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    price_accepted_by = forms.CharField(
        label=_("Who accepted the price"),
        required=False,
        max_length=160,
        help_text=_("Where the plan charges for this method. Empty: it is not charged."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["attended_by"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = people(self.config)
        if not any(plan.extra_prices for plan in self.config.plans):
            self.fields["price_accepted_by"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """A call that was solved says how."""
        data = super().clean()
        if data.get("outcome") == RESOLVED and not (data.get("solution") or "").strip():
            self.add_error("solution", _("Write what was done: the client reads it."))
        return data

    def instants(self) -> tuple[datetime, datetime]:
        """When the call began and ended; an end before the beginning is of the next day."""
        data = self.cleaned_data
        start = local_instant(data["occurred_on"], data["started"], self.config.zone)
        end = local_instant(data["occurred_on"], data["ended"], self.config.zone)
        return start, end if end >= start else end + timedelta(days=1)


# What the action calls a field, and what the form calls it.
FIELD_NAMES: Final[Mapping[str, str]] = {
    "requester.name": "requester_name",
    "requester.email": "requester_email",
    "requester.phone": "requester_phone",
    "occurred_at": "started",
    "answered_at": "started",
    "resolved_at": "ended",
}
