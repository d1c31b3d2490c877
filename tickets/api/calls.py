"""What was attended on call and is not written down yet: noted, registered, or nothing."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import localtime
from core.errors import Invalid
from desks.models import Desk
from tickets import queries
from tickets.actions import calls
from tickets.api.base import INVALID, KEY, UNKNOWN, TicketsView
from tickets.api.serializers import PersonOut
from tickets.models import CallNote
from tickets.queries import callers


class CallIn(serializers.Serializer[Any]):
    desk = serializers.CharField(help_text="Slug of a desk where the caller works.")


class CallRegisterIn(serializers.Serializer[Any]):
    ticket = serializers.CharField(help_text="Number of the ticket that the call became.")


class CallOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    called_at = serializers.DateTimeField()
    by = PersonOut()
    about = serializers.CharField(allow_null=True, help_text="Number of the case of an alert; null for a call.")


class CallsView(TicketsView):
    """A view that knows the desks where the caller works tickets."""

    def desk(self, slug: str) -> Desk:
        """Raises Http404 for a desk where the caller does not work tickets."""
        desk = Desk.objects.active().visible_to(self.actor).filter(slug=slug).first()
        if desk is None or not self.actor.works_tickets(desk.pk):
            raise Http404
        return desk

    def note(self, pk: int) -> CallNote:
        """A note that waits, of a desk of theirs. Raises Http404."""
        notes = CallNote.objects.waiting().select_related("desk", "user", "about").filter(pk=pk)
        found = notes.first()
        if found is None or not self.actor.works_tickets(found.desk_id):
            raise Http404
        return found


def call_json(note: CallNote, desk: Desk) -> dict[str, Any]:
    return {
        "id": note.pk,
        "called_at": note.called_at.astimezone(localtime.zone(desk.timezone)).isoformat(),
        "by": {"id": note.user_id, "name": note.user.name, "kind": "user"},
        "about": note.about.number if note.about else None,
    }


class Calls(CallsView):
    """`calls/`."""

    @extend_schema(
        summary="List what is not registered",
        parameters=[OpenApiParameter("desk", str, required=True)],
        responses={200: CallOut(many=True), 404: UNKNOWN},
    )
    def get(self, request: Request) -> Response:
        """Answer the calls and alerts of the desk that nobody has written down, the oldest first."""
        desk = self.desk(request.query_params.get("desk", ""))
        return Response([call_json(note, desk) for note in callers.unregistered(desk.pk)])

    @extend_schema(
        summary="Note a call", request=CallIn, parameters=[KEY], responses={201: CallOut, 400: INVALID, 404: UNKNOWN}
    )
    def post(self, request: Request) -> Response:
        """Keep the hour of a call that the caller is attending."""
        body = CallIn(data=request.data)
        body.is_valid(raise_exception=True)
        desk = self.desk(body.validated_data["desk"])
        note = calls.note_call(desk, by=self.actor, now=self.now)
        return Response(call_json(self.note(note.pk), desk), status=201)


class CallDrop(CallsView):
    """`calls/{id}/drop/`."""

    @extend_schema(summary="Say that it was nothing", request=None, responses={200: CallOut, 404: UNKNOWN})
    def post(self, request: Request, pk: int) -> Response:
        """The owner, or who supervises; for others it is not there."""
        note = self.note(pk)
        if not calls.drop_note(pk, desk=note.desk, by=self.actor, now=self.now):
            raise Http404
        return Response(call_json(note, note.desk))


class CallRegister(CallsView):
    """`calls/{id}/register/`."""

    @extend_schema(
        summary="Say which ticket it became",
        request=CallRegisterIn,
        responses={200: CallOut, 400: INVALID, 404: UNKNOWN},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Tie the call to its ticket."""
        note = self.note(pk)
        body = CallRegisterIn(data=request.data)
        body.is_valid(raise_exception=True)
        number = body.validated_data["ticket"].upper()
        ticket = queries.visible(self.actor).filter(number=number, desk=note.desk_id).first()
        if ticket is None:
            raise Invalid.field("ticket", "unknown", _("There is no such ticket at this desk."))
        calls.register_note(pk, ticket=ticket, by=self.actor)
        return Response(call_json(note, note.desk))
