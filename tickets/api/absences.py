"""`absences/`: who is away when; what that would move; taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.fields import InstantField
from core import localtime
from core.errors import Forbidden, Invalid
from desks import absence_actions
from desks import queries as desk_queries
from desks.models import Absence, AbsenceReason, Desk
from tickets.actions import absences as actions
from tickets.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, UNKNOWN, TicketsView
from tickets.api.serializers import PersonOut, Text, Values, Whole
from tickets.presenters import absences as present
from tickets.queries import absences as queries
from tickets.queries import board

_ID = OpenApiParameter("pk", int, OpenApiParameter.PATH)
_DESK = OpenApiParameter("desk", str, OpenApiParameter.QUERY, description="For who works at several.")


class AbsenceIn(serializers.Serializer[Values]):
    """An absence; instants carry their offset."""

    desk = Text(required=False, default="", help_text="For who works at several.")
    person = Whole(help_text="Id of who is absent.")
    starts_at = InstantField()
    ends_at = InstantField()
    reason = serializers.ChoiceField(AbsenceReason.choices)
    substitute = Whole(required=False, allow_null=True, default=None)


class AbsenceOut(serializers.Serializer[Values]):
    """An absence, as the caller may read it."""

    id = serializers.IntegerField()
    desk = serializers.CharField()
    person = PersonOut()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.ChoiceField(AbsenceReason.choices, allow_null=True, help_text="Null for colleagues.")
    substitute = PersonOut(allow_null=True)
    state = serializers.ChoiceField(["coming", "now", "over", "cancelled"])


PreviewOut = inline_serializer(
    "AbsencePreview",
    {
        "tickets": inline_serializer(
            "AbsenceMove",
            {
                "number": serializers.CharField(),
                "assignee": PersonOut(allow_null=True),
                "code": serializers.CharField(help_text="As in `tickets/{number}/whom/`; `substitute` stands in."),
            },
            many=True,
        )
    },
)


class _AbsenceView(TicketsView):
    def desk_of(self, slug: str) -> Desk:
        """The desk where the caller works tickets. Raises Http404, Forbidden, Invalid where it must be said which."""
        desks = board.desks_of(self.actor)
        if not desks:
            raise Forbidden
        if slug:
            found = next((desk for desk in desks if desk.slug == slug), None)
            if found is None:
                raise Http404
            return found
        if len(desks) > 1:
            raise Invalid.field("desk", "required", _("Several of your desks have one of that name: say which desk."))
        return desks[0]

    def values(self, request: Request) -> tuple[Desk, dict[str, Any]]:
        """The desk and what the action takes, of a body that has its shape."""
        if not (self.actor.is_admin or self.actor.ticket_desk_ids()):
            raise Forbidden
        body = AbsenceIn(data=request.data)
        body.is_valid(raise_exception=True)
        data = body.validated_data
        return self.desk_of(data["desk"]), {
            "user_id": data["person"],
            "starts_at": data["starts_at"],
            "ends_at": data["ends_at"],
            "reason": data["reason"],
            "substitute_id": data["substitute"],
        }

    def told(self, absence: Absence) -> dict[str, Any]:
        zone = localtime.zone(absence.desk.timezone)
        may = absence_actions.may_enter(absence.desk, absence.user_id, self.actor)
        return {
            "id": absence.pk,
            "desk": absence.desk.slug,
            "person": _person(absence.user_id, absence.user.name),
            "starts_at": _at(absence.starts_at, zone),
            "ends_at": _at(absence.ends_at, zone),
            "reason": absence.reason if may else None,
            "substitute": _person(absence.substitute_id, absence.substitute.name) if absence.substitute else None,
            "state": present.state(absence, self.now),
        }


class AbsencesView(_AbsenceView):
    """The absences of a desk."""

    @extend_schema(
        operation_id="absences_list", parameters=[_DESK], responses={200: AbsenceOut(many=True), 403: FORBIDDEN}
    )
    def get(self, request: Request) -> Response:
        """Answer those that run or come and those of the last 90 days, in order."""
        desk = self.desk_of(request.query_params.get("desk", ""))
        return Response([self.told(absence) for absence in queries.of_desk(desk, self.now)])

    @extend_schema(
        operation_id="absences_enter",
        request=AbsenceIn,
        parameters=[KEY],
        responses={201: AbsenceOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN},
    )
    def post(self, request: Request) -> Response:
        """Enter an absence: one's own, or of anybody for who supervises the desk."""
        desk, values = self.values(request)
        absence = actions.register(desk, by=self.actor, now=self.now, **values)
        return Response(self.told(queries.visible(self.actor).get(pk=absence.pk)), status=201)


class PreviewView(_AbsenceView):
    """What an absence would move."""

    @extend_schema(
        operation_id="absences_preview",
        request=AbsenceIn,
        responses={200: PreviewOut, 400: INVALID, 403: FORBIDDEN, 404: UNKNOWN},
    )
    def post(self, request: Request) -> Response:
        """Answer who would get each open ticket, by the work of this moment; changes nothing."""
        desk, values = self.values(request)
        if not absence_actions.may_enter(desk, values["user_id"], self.actor):
            raise Forbidden
        absence_actions.check(desk, now=self.now, **values)
        config = desk_queries.config(desk)
        found = actions.preview(
            desk,
            user_id=values["user_id"],
            starts_at=values["starts_at"],
            substitute_id=values["substitute_id"],
            now=self.now,
        )
        rows = []
        for ticket, choice in found:
            member = config.member(choice.user_id)
            assignee = _person(member.user_id, member.name) if member else None
            rows.append({"number": ticket.number, "assignee": assignee, "code": choice.code})
        return Response({"tickets": rows})


class WithdrawView(_AbsenceView):
    """The person is there after all."""

    @extend_schema(
        operation_id="absences_withdraw",
        request=None,
        parameters=[_ID, KEY],
        responses={200: AbsenceOut, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Cancel what has not begun; what has begun ends now and the work comes back."""
        absence = queries.visible(self.actor).filter(pk=pk).first()
        if absence is None:
            raise Http404
        actions.withdraw(absence, by=self.actor, now=self.now)
        return Response(self.told(queries.visible(self.actor).get(pk=pk)))


def _person(user_id: int | None, name: str) -> dict[str, Any]:
    return {"id": user_id, "name": name, "kind": "user"}


def _at(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()


urlpatterns: list[URLPattern] = [
    path("absences/", AbsencesView.as_view(), name="api-absences"),
    path("absences/preview/", PreviewView.as_view(), name="api-absence-preview"),
    path("absences/<int:pk>/withdraw/", WithdrawView.as_view(), name="api-absence-withdraw"),
]
