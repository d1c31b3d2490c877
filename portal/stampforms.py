"""The form by which stamps are ordered. Every refusal is a sentence of the desk, and names what to do."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from clients import phones, rfc
from clients.models import TaxId
from core import emails
from core.errors import FieldError, Invalid
from desks.config import DeskConfig
from portal.forms import Person, _DeskForm
from stamps.actions import Request
from stamps.models import MOST_STAMPS

QUANTITIES: Final = ("500", "1000", "5000")
OTHER: Final = "otra"
# Field of the contract -> field of the form, for refusals that only the action can find.
_FIELDS: Final = {"contact.name": "name", "contact.email": "email", "contact.phone": "phone", "quantity": "other"}


class OrderForm(_DeskForm):
    """How many, who is invoiced, who receives, the trade name, and whom to answer."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    quantity = forms.ChoiceField(choices=[(value, value) for value in (*QUANTITIES, OTHER)])
    other = forms.CharField(required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    rfc = forms.CharField(max_length=40, widget=forms.TextInput(attrs={"autocapitalize": "characters", "class": "rfc"}))
    account_rfc = forms.CharField(
        required=False, max_length=40, widget=forms.TextInput(attrs={"autocapitalize": "characters", "class": "rfc"})
    )
    trade_name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"}))
    product = forms.ChoiceField(required=False)
    name = forms.CharField(max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.CharField(
        required=False, max_length=254, widget=forms.TextInput(attrs={"type": "email", "autocomplete": "email"})
    )
    phone = forms.CharField(
        required=False, max_length=60, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    # People do not see it and do not reach it; what fills it in is no person.
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    def __init__(self, *args: Any, config: DeskConfig, person: Person, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, config=config, **kwargs)
        if person.tax_ids:
            self._choose("rfc", [self._rfc_choice(t) for t in person.tax_ids], required=True)
            same = ("", config.say("order_form_same"))
            self._choose("account_rfc", [same, *(self._rfc_choice(t) for t in person.tax_ids)], required=False)
        if person.is_known:
            del self.fields["name"]
        if len(config.products) > 1:
            unknown = ("", config.say("form.unknown_product"))
            self._choose("product", [unknown, *((p.slug, p.name) for p in config.products)], required=False)
        else:
            del self.fields["product"]

    def _choose(self, name: str, choices: list[tuple[str, str]], *, required: bool) -> None:
        self.fields[name] = forms.ChoiceField(choices=choices, required=required)

    def _rfc_choice(self, tax_id: TaxId) -> tuple[str, str]:
        owner = next((c.name for c in self.person.companies if c.pk == tax_id.client_id), "")
        return tax_id.rfc, f"{tax_id.rfc} · {tax_id.legal_name or owner}"

    def required_sentence(self, name: str) -> str:
        """A sentence of its own where the form is most often left open."""
        own = {
            "quantity": "order_form_need_quantity",
            "rfc": "order_form_need_rfc",
            "trade_name": "order_form_need_name",
            "name": "form.name",
        }
        return self.config.say(own.get(name, "form.required"))

    def clean(self) -> dict[str, Any]:
        """Judge the quantity, the RFCs and how to answer."""
        self._clean_quantity()
        for name in ("rfc", "account_rfc"):
            self._clean_rfc(name)
        self._clean_reach()
        if self.cleaned_data.get("website"):
            self.add_error(None, self.config.say("form.trap"))
        return self.cleaned_data

    def _clean_quantity(self) -> None:
        if self.text("quantity") != OTHER:
            return
        typed = self.text("other").replace(",", "").replace(" ", "")
        if not typed:
            self.add_error("other", self.config.say("order_form_need_other"))
        elif not (typed.isascii() and typed.isdigit()) or not 1 <= int(typed[:12]) <= MOST_STAMPS:
            self.add_error("other", self.config.say("order_form_bad_quantity", text=self.text("other")))
        else:
            self.cleaned_data["other"] = typed

    def _clean_rfc(self, name: str) -> None:
        typed = self.text(name)
        if not typed:
            return
        try:
            checked = rfc.check(typed)
        except Invalid as wrong:
            self.add_error(name, str(wrong.errors[0].message))
            return
        self.cleaned_data[name] = checked.rfc

    def _clean_reach(self) -> None:
        phone, email = self.text("phone"), self.text("email")
        if phone:
            try:
                self.cleaned_data["phone"] = str(phones.parse(phone))
            except Invalid as wrong:
                self.add_error("phone", str(wrong.errors[0].message))
        if email:
            try:
                emails.validate(email)
            except ValidationError:
                self.add_error("email", self.config.say("form.email", text=email[:80]))
        if not phone and not email and not self.person.is_known:
            self.add_error("email", self.config.say("form.reach"))

    def blame(self, errors: list[FieldError]) -> None:
        """Show at the fields what only the action could find."""
        for error in errors:
            name = _FIELDS.get(error.field, error.field)
            self.add_error(name if name in self.fields else None, str(error.message))

    def form_key(self) -> uuid.UUID:
        """The key that this form carries, or a new one."""
        found = self.cleaned_data.get("key") if hasattr(self, "cleaned_data") else None
        return found if isinstance(found, uuid.UUID) else uuid.uuid4()

    def wish(self) -> Request:
        """What was asked for, of a form that is valid."""
        quantity = self.text("other") if self.text("quantity") == OTHER else self.text("quantity")
        return Request(
            quantity=int(quantity),
            rfc=self.text("rfc"),
            account_rfc=self.text("account_rfc"),
            trade_name=self.text("trade_name"),
            product=self.text("product"),
            name=self.text("name"),
            email=self.text("email"),
            phone=self.text("phone"),
            key=self.form_key(),
        )
