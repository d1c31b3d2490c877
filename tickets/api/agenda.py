"""`tickets/{number}/slots/`, `appointments/`, `attentions/` and `prices/`: the agenda of a ticket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Conflict, Forbidden, Invalid
from tickets import actions, agenda, nextstep, openings, queries
from tickets.actions import appointments, attentions, prices
from tickets.api.agenda_serializers import (
    AppointmentFullOut,
    AttentionIn,
    AttentionOut,
    CancelIn,
    FinishIn,
    MoveIn,
    PriceAnswerIn,
    PriceAskIn,
    PriceOut,
    SlotsOut,
    appointment_json,
    attention_json,
    price_json,
)
from tickets.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, NUMBER, UNKNOWN, TicketsView
from tickets.api.representation import ticket_json
from tickets.api.serializers import NothingIn, TicketOut, Values
from tickets.lifecycle import SupportMethod
from tickets.models import Appointment, Ticket
from tickets.queries import agenda as agenda_queries

Body = type[serializers.Serializer[Values]]

ID: Final = OpenApiParameter("pk", int, OpenApiParameter.PATH)
_ANSWERS: Final = {400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT}


class Slots(TicketsView):
    """`tickets/{number}/slots/?method=&minutes=`."""

    @extend_schema(
        summary="Hours that can be had",
        parameters=[
            NUMBER,
            OpenApiParameter("method", str, enum=SupportMethod.values, required=True),
            OpenApiParameter("minutes", int, description="5 to 480; 30 where it is left out."),
        ],
        responses={200: SlotsOut, 400: INVALID, 404: UNKNOWN},
    )
    def get(self, request: Request, number: str) -> Response:
        """Propose hours by the ticket's priority and the consultant's other appointments."""
        ticket = self.ticket(number)
        method = request.query_params.get("method", "")
        if method not in SupportMethod.values:
            raise Invalid.field("method", "invalid_choice", "phone, remote, on_site, chat")
        minutes = _minutes(request.query_params.get("minutes"))
        zone = nextstep.zone_of(ticket)
        price = prices.price_of(ticket, method, now=self.now)
        found = openings.propose(ticket, method=method, minutes=minutes, now=self.now)
        return Response(
            {
                "method": method,
                "minutes": minutes,
                "price": str(price) if price is not None else None,
                "slots": [
                    {
                        "starts_at": slot.starts_at.astimezone(zone).isoformat(),
                        "ends_at": slot.ends_at.astimezone(zone).isoformat(),
                    }
                    for slot in found
                ],
            }
        )


def _minutes(text: str | None) -> int:
    if text is None:
        return openings.DEFAULT_MINUTES
    least, most = appointments.MIN_MINUTES, appointments.MAX_MINUTES
    if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
        raise Invalid.field("minutes", "out_of_range", f"{least}-{most}")
    return int(text)


class Appointments(TicketsView):
    """`tickets/{number}/appointments/`."""

    @extend_schema(
        summary="Appointments of a ticket", parameters=[NUMBER],
        responses={200: AppointmentFullOut(many=True), 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        """Answer all of them, the newest first."""
        ticket = self.ticket(number)
        return Response([appointment_json(row, ticket) for row in agenda_queries.appointments(ticket)])


class AppointmentVerb(TicketsView):
    """What is done with the appointment that is booked or going on."""

    body: Body = NothingIn

    def use(self, request: Request, number: str, pk: int) -> Response:
        """Act on that appointment and answer the ticket; of another one, or one that is over, 404 or 409."""
        ticket = self.ticket(number)
        row = Appointment.objects.filter(pk=pk, ticket=ticket).first()
        if row is None:
            raise Http404
        body = self.body(data=request.data)
        body.is_valid(raise_exception=True)
        if row.state not in agenda.LIVE:
            raise Conflict(code="appointment_state", extra={"appointment_state": row.state})
        self.act(ticket, row, body.validated_data)
        return Response(ticket_json(queries.visible(self.actor).get(pk=ticket.pk), self.actor))

    def act(self, ticket: Ticket, row: Appointment, values: dict[str, Any]) -> None:
        raise NotImplementedError


def _verb(
    slug: str, body: Body, act: Callable[[AppointmentVerb, Ticket, Appointment, dict[str, Any]], Any], text: str
) -> type[AppointmentVerb]:
    """A view of its own for each verb, so that the OpenAPI document shows its body."""
    described = extend_schema(
        operation_id=f"appointments_{slug.replace('-', '_')}",
        summary=f"Appointment: {slug}",
        description=text,
        request=None if body is NothingIn else body,
        parameters=[NUMBER, ID, KEY],
        responses={200: TicketOut, **_ANSWERS},
    )

    def post(self: AppointmentVerb, request: Request, number: str, pk: int) -> Response:
        return self.use(request, number, pk)

    name = "".join(part.title() for part in slug.split("-"))
    return type(f"Appointment{name}", (AppointmentVerb,), {"body": body, "act": act, "post": described(post)})


def _move(self: AppointmentVerb, ticket: Ticket, row: Appointment, values: dict[str, Any]) -> None:
    actions.schedule(
        ticket,
        by=self.actor,
        now=self.now,
        method=values["method"] or row.method,
        starts_at=values["starts_at"],
        minutes=values["minutes"] or row.minutes,
        place=values["place"],
    )


_VERBS: Final = {
    "confirm": _verb(
        "confirm", NothingIn, lambda self, t, _row, _v: appointments.confirm(t, by=self.actor, now=self.now),
        "The client agrees to the hour.",
    ),
    "move": _verb("move", MoveIn, _move, "Choose another hour; what is left out stays as it was."),
    "cancel": _verb(
        "cancel", CancelIn,
        lambda self, t, _row, v: appointments.cancel(t, by=self.actor, now=self.now, reason=v["reason"]),
        "Give up the appointment, not the ticket.",
    ),
    "attend": _verb(
        "attend", NothingIn, lambda self, t, _row, _v: attentions.attend(t, by=self.actor, now=self.now),
        "Begin to attend, up to and at ten minutes late; a price must have been accepted (409 `price_not_accepted`).",
    ),
    "finish": _verb(
        "finish", FinishIn, lambda self, t, _row, v: attentions.finish(t, by=self.actor, now=self.now, **v),
        "End the attention; `resolved` takes what was done in `note`.",
    ),
    "no-show": _verb(
        "no-show", NothingIn, lambda self, t, _row, _v: appointments.missed(t, by=self.actor, now=self.now),
        "Nobody came; only after ten minutes (409 `within_tolerance` before).",
    ),
}  # fmt: skip


class Attentions(TicketsView):
    """`tickets/{number}/attentions/`."""

    @extend_schema(
        summary="The journal of attentions", parameters=[NUMBER],
        responses={200: AttentionOut(many=True), 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        """Answer every attention, oldest first."""
        ticket = self.ticket(number)
        return Response([attention_json(row, ticket) for row in agenda_queries.journal(ticket)])

    @extend_schema(
        summary="Write down an attention", request=AttentionIn, parameters=[NUMBER, KEY],
        responses={201: AttentionOut, **_ANSWERS},
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        """Keep an attention that nobody had planned, with its own hours."""
        ticket = self.ticket(number)
        if not self.actor.works_tickets(ticket.desk_id):
            raise Forbidden
        body = AttentionIn(data=request.data)
        body.is_valid(raise_exception=True)
        done = actions.record_attention(ticket, by=self.actor, now=self.now, **body.validated_data)
        return Response(attention_json(agenda_queries.attention(done.pk), ticket), status=201)


class Prices(TicketsView):
    """`tickets/{number}/prices/`."""

    @extend_schema(
        summary="Prices that the client was asked to accept", parameters=[NUMBER],
        responses={200: PriceOut(many=True), 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        """Answer every question and its answer, oldest first."""
        ticket = self.ticket(number)
        return Response([price_json(row, ticket) for row in agenda_queries.consents(ticket)])

    @extend_schema(
        summary="Ask the client to accept a price", request=PriceAskIn, parameters=[NUMBER, KEY],
        responses={201: PriceOut, **_ANSWERS},
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        """Ask by mail; twice asks once. 409 `nothing_to_accept` where the plan includes the method."""
        ticket = self.ticket(number)
        if not self.actor.works_tickets(ticket.desk_id):
            raise Forbidden
        body = PriceAskIn(data=request.data)
        body.is_valid(raise_exception=True)
        consent = prices.ask(ticket, by=self.actor, now=self.now, **body.validated_data)
        return Response(price_json(consent, ticket), status=201)


class PriceAnswer(TicketsView):
    """`tickets/{number}/prices/{id}/answer/`."""

    @extend_schema(
        summary="Accept or decline a price", request=PriceAnswerIn, parameters=[NUMBER, ID, KEY],
        responses={200: PriceOut, **_ANSWERS},
    )  # fmt: skip
    def post(self, request: Request, number: str, pk: int) -> Response:
        """Keep the client's word; from the desk `told_by` says who of the client gave it."""
        ticket = self.ticket(number)
        if not ticket.price_consents.filter(pk=pk).exists():
            raise Http404
        body = PriceAnswerIn(data=request.data)
        body.is_valid(raise_exception=True)
        consent = prices.answer(ticket, by=self.actor, now=self.now, consent_id=pk, **body.validated_data)
        return Response(price_json(consent, ticket))


urlpatterns = [
    path("tickets/<str:number>/slots/", Slots.as_view(), name="api-ticket-slots"),
    path("tickets/<str:number>/appointments/", Appointments.as_view(), name="api-ticket-appointments"),
    *(
        path(f"tickets/<str:number>/appointments/<int:pk>/{slug}/", view.as_view(), name=f"api-appointment-{slug}")
        for slug, view in _VERBS.items()
    ),
    path("tickets/<str:number>/attentions/", Attentions.as_view(), name="api-ticket-attentions"),
    path("tickets/<str:number>/prices/", Prices.as_view(), name="api-ticket-prices"),
    path("tickets/<str:number>/prices/<int:pk>/answer/", PriceAnswer.as_view(), name="api-price-answer"),
]
