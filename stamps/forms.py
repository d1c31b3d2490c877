"""What people send about an order, by page."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.config import DeskConfig
from stamps import quotes, satcatalogue
from stamps.actions import Billing, billing
from stamps.models import OrderTerms, StampOrder

MOST_REASON: Final = 500


class Pesos(forms.CharField):
    """An amount as people write it: `$1,160.00`, `1160`."""

    def __init__(self, *, decimal_places: int, **kwargs: Any) -> None:
        self.decimal_places = decimal_places
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "num"})
        super().__init__(max_length=20, widget=widget, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        """Return the amount, None where it may be left out and was. Raises ValidationError."""
        text = str(super().clean(value)).replace("$", "").replace(",", "").replace(" ", "")
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not Decimal(0) < amount < Decimal(10**8):
            raise forms.ValidationError(_("Write an amount in pesos, such as 1,160.00."), code="invalid")
        if amount != round(amount, self.decimal_places):
            message = _("At most %(places)d decimals.") % {"places": self.decimal_places}
            raise forms.ValidationError(message, code="decimals")
        return amount


class Whole(forms.CharField):
    """A count as people write it: `5,000`, `5000`."""

    def __init__(self, **kwargs: Any) -> None:
        widget = kwargs.pop("widget", None) or forms.TextInput(attrs={"inputmode": "numeric", "class": "num"})
        super().__init__(max_length=20, widget=widget, **kwargs)

    def clean(self, value: Any) -> int | None:
        """Return the number, None where it may be left out and was. Raises ValidationError."""
        text = str(super().clean(value)).replace(",", "").replace(" ", "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            raise forms.ValidationError(_("Write a whole number, such as 5,000."), code="invalid")
        return int(text)


class Day(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"], widget=widget, **kwargs)


# ------------------------------------------------------------------ verbs


class VerbForm(forms.Form):
    """Base of the verbs' forms: knows order and desk; `values` are the arguments of the action."""

    use_required_attribute = False
    slug = ""  # the verb whose form it is

    def __init__(self, *args: Any, order: StampOrder, config: DeskConfig, today: date, **kwargs: Any) -> None:
        self.order, self.config, self.today = order, config, today
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = _("This is needed.")
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices and what stands in the boxes at first."""

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class NothingForm(VerbForm):
    """A verb that needs no more than the button."""


class QuoteForm(VerbForm):
    unit_price = Pesos(decimal_places=4, required=False, label=_("Price of a stamp, without IVA"))
    valid_until = Day(required=False, label=_("Valid until"))
    terms = forms.ChoiceField(choices=OrderTerms.choices, initial=OrderTerms.PREPAID, label=_("Terms"), required=False)
    agreed = forms.BooleanField(required=False, label=_("The amount was agreed outside: no price, nothing is mailed"))

    def prepare(self) -> None:
        """Begin with the quote that holds, else with the price of the desk's list."""
        price = self.order.unit_price or quotes.listed_price(self.order)
        self.fields["unit_price"].initial = None if price is None else quotes.pesos(price).lstrip("$")
        self.fields["valid_until"].initial = self.order.valid_until
        self.fields["terms"].initial = self.order.terms

    def values(self) -> dict[str, Any]:
        """An empty price is the list's; agreed outside, there is none."""
        data = dict(self.cleaned_data)
        agreed = data.pop("agreed")
        data["terms"] = data["terms"] or OrderTerms.PREPAID
        return {**data, "unit_price": None} if agreed else {**data, "from_list": True}


class PayForm(VerbForm):
    amount = Pesos(decimal_places=2, label=_("Amount"))
    date = Day(label=_("Date in the bank"))
    bank = forms.CharField(max_length=60, label=_("Bank"))
    tracking_key = forms.CharField(max_length=40, label=_("Tracking key"))

    def prepare(self) -> None:
        """Begin with the day it is."""
        self.fields["date"].initial = self.today

    def values(self) -> dict[str, Any]:
        """The action calls the day `paid_on`."""
        data = dict(self.cleaned_data)
        data["paid_on"] = data.pop("date")
        return data


class CompleteForm(VerbForm):
    product = forms.ChoiceField(required=False, label=_("Product"))

    def prepare(self) -> None:
        """Offer the products of the desk; none is needed where the account is known."""
        field = self.fields["product"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("As ordered")), *((p.slug, p.name) for p in self.config.products)]


class ReasonForm(VerbForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=MOST_REASON, widget=forms.Textarea(attrs={"rows": 2, "class": "short"})
    )


class CorrectForm(VerbForm):
    quantity = Whole(label=_("Quantity"))
    rfc = forms.CharField(label=_("Invoiced to"), max_length=40)
    account_rfc = forms.CharField(label=_("Credited to"), max_length=40)
    trade_name = forms.CharField(label=_("Trade name"), max_length=200)
    name = forms.CharField(label=_("Contact"), max_length=160)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=60, required=False)

    def prepare(self) -> None:
        """Begin with what stands."""
        order = self.order
        stands = (order.quantity, order.rfc, order.account_rfc, order.trade_name, order.contact_name)
        for name, value in zip(self.fields, (*stands, order.contact_email, order.contact_phone), strict=True):
            self.fields[name].initial = value


class RefundForm(VerbForm):
    stamps = Whole(label=_("Stamps to take back"), required=False)
    amount = Pesos(label=_("Amount given back"), decimal_places=2, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2, "class": "short"})
    )

    def values(self) -> dict[str, Any]:
        """What was left open is nothing."""
        data = self.cleaned_data
        return {**data, "stamps": data["stamps"] or 0, "amount": data["amount"] or Decimal(0)}


class SkipForm(VerbForm):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "class": "short"}),
        help_text=_("Needed from a manager; an order on credit goes on without one."),
    )


class ReceiptForm(VerbForm):
    receipt = forms.FileField(label=_("Receipt (PDF or picture)"))


class InvoiceForm(VerbForm):
    xml = forms.FileField(label=_("XML of the CFDI"))
    pdf = forms.FileField(label=_("PDF"), required=False)


class BillingForm(VerbForm):
    legal_name = forms.CharField(label=_("Legal name"), max_length=254)
    regimen = forms.ChoiceField(label=_("Tax regime"), choices=satcatalogue.choices(satcatalogue.REGIMENES))
    postal_code = forms.CharField(
        label=_("Postal code"), max_length=5, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    cfdi_use = forms.ChoiceField(label=_("Use of the CFDI"), choices=satcatalogue.choices(satcatalogue.CFDI_USES))
    payment_form = forms.ChoiceField(
        label=_("Form of payment"), choices=satcatalogue.choices(satcatalogue.PAYMENT_FORMS), initial="03"
    )
    payment_method = forms.ChoiceField(
        label=_("Method of payment"), choices=satcatalogue.choices(satcatalogue.PAYMENT_METHODS)
    )

    def prepare(self) -> None:
        """Begin with what is known of the RFC."""
        known = billing.billing_of(self.order) if not self.is_bound else None
        for name, field in self.fields.items():
            if known is not None:
                field.initial = getattr(known, name)
        if known is None and self.order.client_id is not None and not self.is_bound:
            row = self.order.client.tax_ids.filter(rfc=self.order.rfc).first() if self.order.client else None
            if row is not None:
                self.fields["legal_name"].initial = row.legal_name
                self.fields["regimen"].initial = row.regimen
                self.fields["postal_code"].initial = row.postal_code
        self.fields["cfdi_use"].initial = self.fields["cfdi_use"].initial or "G03"

    def values(self) -> dict[str, Any]:
        """As the action takes it."""
        return {"data": Billing(**self.cleaned_data)}
