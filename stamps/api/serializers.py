"""Bodies that the API of stamps takes, and the shapes that it answers, for the OpenAPI document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.fields import InstantField
from core import emails
from stamps.forecast import Basis, End, Level
from stamps.lifecycle import OrderStatus
from stamps.models import MOST_STAMPS, OrderTerms, Terms
from tickets.api.serializers import PersonOut, Text, Whole

Values = dict[str, Any]

MOST: Final = 1_000_000_000  # stamps in one movement


class AccountIn(serializers.Serializer[Values]):
    """An account as it stands at an instant."""

    desk = Text()
    product = Text(help_text="Slug of a product of the desk's vendor.")
    rfcs = serializers.ListField(child=Text(max_length=30))
    terms = serializers.ChoiceField(choices=Terms.choices)
    balance = Whole(min_value=-MOST, max_value=MOST)
    at = InstantField()


class UsageIn(serializers.Serializer[Values]):
    """Either stamps that were used, or the balance that was read."""

    used = Whole(required=False, min_value=1, max_value=MOST)
    balance = Whole(required=False, min_value=-MOST, max_value=MOST)
    at = InstantField()
    reference = Text(max_length=120, help_text="The caller's own name of what happened; unique in the account.")

    def validate_reference(self, value: str) -> str:
        """Return the reference without blanks around it."""
        if not value.strip():
            raise serializers.ValidationError(_("This is needed."), "required")
        return value.strip()

    def validate(self, attrs: Values) -> Values:
        """Refuse both and neither."""
        if ("used" in attrs) == ("balance" in attrs):
            fault = ErrorDetail(str(_("Write either “used” or “balance”.")), "one_of_two")
            raise serializers.ValidationError({"used": [fault]})
        return attrs


class AccountOut(serializers.Serializer[Values]):
    """`exhausts_on` and `order_by` are null where the account never runs out."""

    desk = serializers.CharField()
    product = serializers.CharField()
    rfcs = serializers.ListField(child=serializers.CharField())
    terms = serializers.ChoiceField(choices=Terms.choices)
    balance = serializers.IntegerField()
    daily_rate = serializers.FloatField(help_text="Stamps a calendar day.")
    exhausts_on = serializers.DateField(allow_null=True)
    exhausts_by = serializers.ChoiceField(
        choices=[end.value for end in End], allow_null=True, help_text="Whether the last stamp is used, or expires."
    )
    earliest_on = serializers.DateField(allow_null=True, help_text="In eight of ten cases it goes from this day on,")
    latest_on = serializers.DateField(allow_null=True, help_text="and until this one; null: perhaps never.")
    order_by = serializers.DateTimeField(allow_null=True)
    level = serializers.ChoiceField(choices=[level.value for level in Level])
    basis = serializers.ChoiceField(
        choices=[basis.value for basis in Basis], help_text="What the forecast rests on: see docs/stamps.md."
    )


# ------------------------------------------------------------------ orders


class Money(serializers.DecimalField):
    """An amount in pesos, as a text or a number, more than nothing."""

    def __init__(self, decimal_places: int, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=decimal_places, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount. Raises ValidationError."""
        if isinstance(data, bool):
            self.fail("invalid")
        amount = super().to_internal_value(data)
        if amount <= 0:
            raise serializers.ValidationError(_("Write more than nothing."), "min_value")
        return amount


class ContactIn(serializers.Serializer[Values]):
    """Who asks; an e-mail address or a telephone number is needed."""

    name = Text()
    email = serializers.EmailField(required=False, allow_blank=True, allow_null=True, max_length=emails.LONGEST)
    phone = Text(required=False, allow_null=True, default="")


class OrderIn(serializers.Serializer[Values]):
    """An order. A client who is signed in may leave the contact out."""

    desk = Text()
    quantity = Whole(min_value=1, max_value=MOST_STAMPS)
    rfc = Text(help_text="Who is invoiced.")
    account_rfc = Text(required=False, allow_null=True, default="", help_text="Who receives; `rfc` by default.")
    trade_name = Text()
    product = Text(required=False, allow_null=True, default="")
    contact = ContactIn(required=False)


class QuoteIn(serializers.Serializer[Values]):
    """Without a price the amount was agreed outside, and any payment settles it."""

    unit_price = Money(4, required=False, allow_null=True, default=None, help_text="Pesos a stamp, without IVA.")
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)
    from_list = serializers.BooleanField(
        required=False, default=False, help_text="Without a price, that of the desk's list."
    )
    terms = serializers.ChoiceField(choices=OrderTerms.choices, required=False, default=OrderTerms.PREPAID)


class PayIn(serializers.Serializer[Values]):
    """A payment that the bank shows."""

    amount = Money(2)
    date = serializers.DateField()
    bank = Text(max_length=60)
    tracking_key = Text(max_length=40)


class CompleteIn(serializers.Serializer[Values]):
    """The product, where the receiving RFC has accounts of several."""

    product = Text(required=False, allow_null=True, default="")


class OrderReasonIn(serializers.Serializer[Values]):
    reason = Text()


class ContactOut(serializers.Serializer[Values]):
    name = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()


class PaymentOut(serializers.Serializer[Values]):
    amount = serializers.CharField()
    date = serializers.DateField()
    bank = serializers.CharField()
    tracking_key = serializers.CharField()


class OrderEventOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    type = serializers.CharField()
    at = serializers.DateTimeField()
    actor = PersonOut()


class OrderOut(serializers.Serializer[Values]):
    """Amounts are pesos as decimal texts; null where the price was agreed outside."""

    number = serializers.CharField()
    desk = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    urgent = serializers.BooleanField(help_text="Fewer than two business days were left when it came.")
    quantity = serializers.IntegerField()
    rfc = serializers.CharField()
    account_rfc = serializers.CharField()
    trade_name = serializers.CharField()
    product = serializers.CharField(allow_null=True)
    contact = ContactOut()
    assignee = PersonOut(allow_null=True)
    unit_price = serializers.CharField(allow_null=True)
    terms = serializers.ChoiceField(choices=OrderTerms.choices)
    valid_until = serializers.DateField(allow_null=True)
    subtotal = serializers.CharField(allow_null=True)
    tax = serializers.CharField(allow_null=True)
    total = serializers.CharField(allow_null=True)
    paid = serializers.CharField()
    payments = PaymentOut(many=True)
    requested_at = serializers.DateTimeField()
    quoted_at = serializers.DateTimeField(allow_null=True)
    paid_at = serializers.DateTimeField(allow_null=True)
    access_requested_at = serializers.DateTimeField(allow_null=True)
    access_received_at = serializers.DateTimeField(allow_null=True)
    credited_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    cancel_reason = serializers.CharField()
    timeline = OrderEventOut(many=True)
    version = serializers.IntegerField()
