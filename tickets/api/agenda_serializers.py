"""What the calls of the agenda take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.fields import InstantField
from tickets import agenda, nextstep
from tickets.api.serializers import Flag, Text, Values, Whole, choice
from tickets.lifecycle import SupportMethod
from tickets.models import Appointment, Attention, Outcome, PriceConsent, Ticket

Json = dict[str, Any]


class MoveIn(serializers.Serializer[Values]):
    starts_at = InstantField()
    method = choice(SupportMethod, required=False)
    minutes = Whole(required=False, allow_null=True, default=None)
    place = Text(required=False, allow_null=True, default=None)


class CancelIn(serializers.Serializer[Values]):
    reason = Text(required=False, default="", help_text="The other side reads it.")


class FinishIn(serializers.Serializer[Values]):
    outcome = choice(Outcome, required=True)
    note = Text(required=False, default="", help_text="A note; with `resolved` what was done, for the client.")


class AttentionIn(serializers.Serializer[Values]):
    """An attention that was not planned."""

    method = choice(SupportMethod, required=True)
    started_at = InstantField()
    ended_at = InstantField()
    outcome = choice(Outcome, required=True)
    note = Text(required=False, default="")
    consultant = Whole(required=False, allow_null=True, default=None, help_text="Id of who attended; default you.")
    price_accepted_by = Text(required=False, default="", help_text="Who of the client accepted what it costs.")
    free_of_charge = Flag(required=False, default=False, help_text="The desk does not charge it.")


class PriceAskIn(serializers.Serializer[Values]):
    method = choice(SupportMethod, required=True)


class PriceAnswerIn(serializers.Serializer[Values]):
    accepted = Flag()
    told_by = Text(required=False, default="", help_text="From the desk: who of the client said it.")


# ------------------------------------------------------------------ out


class SlotOut(serializers.Serializer[Values]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class SlotsOut(serializers.Serializer[Values]):
    method = serializers.CharField()
    minutes = serializers.IntegerField()
    price = serializers.CharField(allow_null=True, help_text="MXN before VAT; null where it is included.")
    slots = SlotOut(many=True)


class WhoOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class AppointmentFullOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=agenda.State.choices)
    method = serializers.ChoiceField(choices=SupportMethod.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = serializers.CharField()
    consultant = WhoOut(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    served_until = serializers.DateTimeField(help_text="Up to and at this instant one is attended.")
    sequence = serializers.IntegerField()


class AttentionOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    method = serializers.ChoiceField(choices=SupportMethod.choices)
    consultant = WhoOut()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField(allow_null=True)
    cost = serializers.CharField(allow_null=True, help_text="MXN before VAT; null where it is included.")
    appointment = serializers.IntegerField(allow_null=True)
    accepted_by = serializers.CharField(allow_null=True)


class PriceOut(serializers.Serializer[Values]):
    id = serializers.IntegerField()
    method = serializers.ChoiceField(choices=SupportMethod.choices)
    price = serializers.CharField(help_text="MXN before VAT.")
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    accepted = serializers.BooleanField(allow_null=True)
    via = serializers.CharField(allow_null=True)
    answered_by = serializers.CharField(allow_null=True)


def _at(value: Any, ticket: Ticket) -> str | None:
    return value.astimezone(nextstep.zone_of(ticket)).isoformat() if value else None


def _who(user: Any) -> Json | None:
    return {"id": user.pk, "name": user.name} if user else None


def appointment_json(row: Appointment, ticket: Ticket) -> Json:
    return {
        "id": row.pk,
        "state": row.state,
        "method": row.method,
        "starts_at": _at(row.starts_at, ticket),
        "ends_at": _at(row.ends_at, ticket),
        "place": row.place,
        "consultant": _who(row.consultant),
        "confirmed_at": _at(row.confirmed_at, ticket),
        "served_until": _at(agenda.served_until(row.starts_at), ticket),
        "sequence": row.sequence,
    }


def attention_json(row: Attention, ticket: Ticket) -> Json:
    return {
        "id": row.pk,
        "method": row.method,
        "consultant": _who(row.consultant),
        "started_at": _at(row.started_at, ticket),
        "ended_at": _at(row.ended_at, ticket),
        "outcome": row.outcome or None,
        "cost": str(row.cost) if row.cost is not None else None,
        "appointment": row.appointment_id,
        "accepted_by": row.consent.answered_by if row.consent else None,
    }


def price_json(row: PriceConsent, ticket: Ticket) -> Json:
    return {
        "id": row.pk,
        "method": row.method,
        "price": str(row.price),
        "asked_at": _at(row.asked_at, ticket),
        "answered_at": _at(row.answered_at, ticket),
        "accepted": row.accepted,
        "via": row.via or None,
        "answered_by": row.answered_by or None,
    }
