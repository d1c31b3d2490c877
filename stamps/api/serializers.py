"""Bodies that the API of stamps takes, and the shapes that it answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.fields import InstantField
from stamps.forecast import Basis, Level
from stamps.models import Terms
from tickets.api.serializers import Text, Whole

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
    order_by = serializers.DateTimeField(allow_null=True)
    level = serializers.ChoiceField(choices=[level.value for level in Level])
    basis = serializers.ChoiceField(
        choices=[basis.value for basis in Basis], help_text="What the forecast rests on: see docs/stamps.md."
    )
