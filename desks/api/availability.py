"""`availability/`: what one says of oneself; assignment gives nothing by itself to who is busy or away."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import Idempotent
from desks import actions
from desks.api.scope import actor_of
from desks.models import Availability, Membership


class AvailabilityIn(serializers.Serializer[dict[str, Any]]):
    """What one says of oneself, at every desk where one attends."""

    availability = serializers.ChoiceField(Availability.choices)


AvailabilityOut = inline_serializer(
    "Availability",
    {"desk": serializers.CharField(), "availability": serializers.ChoiceField(Availability.choices)},
    many=True,
)


class AvailabilityView(Idempotent):
    """One's own availability, desk by desk."""

    @extend_schema(operation_id="availability_read", responses=AvailabilityOut)
    def get(self, request: Request) -> Response:
        """Answer how one stands at each desk."""
        return Response(_mine(request))

    @extend_schema(operation_id="availability_say", request=AvailabilityIn, responses=AvailabilityOut)
    def post(self, request: Request) -> Response:
        """Say it at every desk where one attends; 403 for who attends nowhere."""
        body = AvailabilityIn(data=request.data)
        body.is_valid(raise_exception=True)
        actions.say_availability(by=actor_of(request), availability=body.validated_data["availability"])
        return Response(_mine(request))


def _mine(request: Request) -> list[dict[str, str]]:
    rows = Membership.objects.filter(user_id=actor_of(request).user_id or 0, is_active=True, desk__is_active=True)
    found = rows.order_by("desk__slug").values_list("desk__slug", "availability")
    return [{"desk": slug, "availability": availability} for slug, availability in found]
