"""What people send about an order, by page."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.config import DeskConfig
from stamps.models import StampOrder

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

    def prepare(self) -> None:
        """Begin with the quote that holds."""
        self.fields["unit_price"].initial = None if self.order.unit_price is None else f"{self.order.unit_price:f}"
        self.fields["valid_until"].initial = self.order.valid_until


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
