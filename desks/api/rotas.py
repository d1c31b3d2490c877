"""`rotas/`: who is on call, asked by whoever works at the desk."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.fields import query_instant
from accounts.models import User
from core import localtime
from desks.api import params
from desks.api.calendars import DESK, instant, told
from desks.api.scope import find_in_scope
from desks.models import Desk
from schedules import queries as schedule_queries
from schedules import rotas
from schedules.models import Rota
from schedules.rotas import Shift

Person = inline_serializer(
    "Person",
    {"id": serializers.IntegerField(), "name": serializers.CharField(), "kind": serializers.ChoiceField(["user"])},
    allow_null=True,
)
Span = inline_serializer(
    "Shift", {"start": serializers.DateTimeField(), "end": serializers.DateTimeField()}, allow_null=True
)
NextTurn = inline_serializer(
    "NextTurn", {"user": Person, "shift": Span, "override": serializers.BooleanField()}, allow_null=True
)
OnCallAnswer = inline_serializer(
    "OnCall",
    {
        "user": Person,
        "shift": Span,
        "override": serializers.BooleanField(help_text="Somebody covers for who would be on call by the rule."),
        "next": NextTurn,
    },
)


class OnCallView(APIView):
    """Who is on call at an instant, past or future; `user` is null where nobody is, or while the office attends."""

    @extend_schema(
        operation_id="rotas_on_call", parameters=[instant("at", required=False), DESK], responses=OnCallAnswer
    )
    def get(self, request: Request, slug: str) -> Response:
        rota, desk = find_in_scope(request, Rota.objects.all(), slug)
        at = query_instant(request.query_params, "at", default=timezone.now())
        with params.computing():
            roster = schedule_queries.roster(rota.pk, at)
            current, following = rotas.shift(roster, at), rotas.next_shift(roster, at)
        names = _names(current, following)
        return Response({**_turn(current, desk, names), "next": _turn(following, desk, names) if following else None})


def _names(*turns: Shift | None) -> dict[int, str]:
    """Return user id -> name, of who has left the desk as well. 1 query."""
    people = User.objects.filter(pk__in={turn.user for turn in turns if turn})
    return {person.pk: person.name or person.email for person in people}


def _turn(turn: Shift | None, desk: Desk, names: dict[int, str]) -> dict[str, Any]:
    if turn is None:
        return {"user": None, "shift": None, "override": False}
    zone = localtime.zone(desk.timezone)
    return {
        "user": {"id": turn.user, "name": names[turn.user], "kind": "user"},
        "shift": {"start": told(turn.start, zone), "end": told(turn.end, zone)},
        "override": turn.override,
    }
