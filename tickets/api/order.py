"""What stands around a ticket: steps, links, time, who follows, splitting, and the caller's reminders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.models import User
from desks import queries as desk_queries
from tickets import queries
from tickets.actions import checklist, guards, linking, reminders, splitting, timing, watching
from tickets.api.base import CONFLICT, FORBIDDEN, INVALID, KEY, NUMBER, UNKNOWN, TicketsView
from tickets.api.representation import ticket_json
from tickets.api.serializers import TicketOut
from tickets.api.serializers_order import (
    LinkIn,
    OrderSectionOut,
    ReminderOut,
    ReminderPageOut,
    RemindIn,
    SnoozeIn,
    SplitIn,
    StepsIn,
    TimeIn,
    WatchIn,
)
from tickets.models import Reminder, Ticket
from tickets.queries import order

Json = dict[str, Any]
Body = type[serializers.Serializer[Any]]
ID: Final = OpenApiParameter("pk", int, OpenApiParameter.PATH)
REFUSALS: Final = {400: INVALID, 403: FORBIDDEN, 404: UNKNOWN, 409: CONFLICT}


class _Section(TicketsView):
    """A view of the section, for who works at the ticket's desk."""

    def worked(self, number: str) -> Ticket:
        """The visible ticket. Raises Http404, Forbidden for who only sees it."""
        ticket = self.ticket(number)
        guards.consultant(ticket, self.actor)
        return ticket

    def section(self, ticket: Ticket) -> Json:
        """The section as it stands. 4 queries, and 1 for each kind of thing that there is."""
        fresh = queries.visible(self.actor).get(pk=ticket.pk)
        return section_json(fresh, self)


class Section(_Section):
    """`tickets/{number}/order/`."""

    @extend_schema(
        operation_id="tickets_order",
        summary="Read steps, links, time, watchers and reminders",
        parameters=[NUMBER],
        responses={200: OrderSectionOut, 403: FORBIDDEN, 404: UNKNOWN},
    )
    def get(self, request: Request, number: str) -> Response:
        """Answer what stands around the ticket."""
        return Response(self.section(self.worked(number)))


def section_json(ticket: Ticket, view: _Section) -> Json:
    """The section as the caller reads it."""
    zone = desk_queries.config(ticket.desk).zone
    actor = view.actor
    return {
        "steps": [
            {
                "id": step.pk,
                "text": step.text,
                "done_at": step.done_at.astimezone(zone).isoformat() if step.done_at else None,
                "done_by": _person(step.done_by),
            }
            for step in order.steps(ticket)
        ],
        "links": [
            {
                "id": one.link.pk,
                "what": one.code,
                "number": one.other.number,
                "status": one.other.status if one.seen else None,
            }
            for one in order.links(ticket, actor)
        ],
        "split_into": [one.taken.number for one in order.splits(ticket)],
        "split_from": ticket.split_from.number if ticket.split_from else None,
        "time": [
            {
                "id": entry.pk,
                "minutes": entry.minutes,
                "worked_on": entry.worked_on.isoformat(),
                "note": entry.note,
                "person": _person(entry.user),
            }
            for entry in order.time_entries(ticket)
        ],
        "minutes_noted": ticket.minutes_worked,
        "minutes_attended": order.attended(ticket).total_seconds() / 60,
        "watchers": [_person(row.user) for row in order.watchers(ticket)],
        "reminders": [reminder_json(row, ticket) for row in order.reminders(ticket, actor)],
    }


def reminder_json(row: Reminder, ticket: Ticket) -> Json:
    """A reminder, in the zone of the ticket's desk."""
    zone = desk_queries.config(ticket.desk).zone

    def at(value: Any) -> str | None:
        return value.astimezone(zone).isoformat() if value else None

    return {
        "id": row.pk,
        "ticket": ticket.number,
        "due_at": at(row.due_at),
        "note": row.note,
        "told_at": at(row.told_at),
        "done_at": at(row.done_at),
    }


def _person(user: User | None) -> Json | None:
    return None if user is None else {"id": user.pk, "name": user.name or user.email, "kind": "user"}


# ------------------------------------------------------------------ changing


def _changing(
    name: str, summary: str, act: Callable[..., object], body: Body | None = None, *, of: str = ""
) -> type[_Section]:
    """A view that changes one thing and answers the section; `of` names the argument that the address's id is."""
    described = extend_schema(
        operation_id=f"tickets_{name}",
        summary=summary,
        description=" ".join((act.__doc__ or "").split()),
        request=body,
        parameters=[NUMBER, *([ID] if of else []), KEY],
        responses={200: OrderSectionOut, **REFUSALS},
    )

    def change(self: _Section, request: Request, number: str, pk: int | None = None) -> Response:
        ticket = self.worked(number)
        values: Json = {}
        if body is not None:
            read = body(data=request.data)
            read.is_valid(raise_exception=True)
            values = dict(read.validated_data)
        act(ticket, by=self.actor, now=self.now, **values, **({of: pk} if of else {}))
        return Response(self.section(ticket))

    def post(self: _Section, request: Request, number: str) -> Response:
        return change(self, request, number)

    def post_one(self: _Section, request: Request, number: str, pk: int) -> Response:
        return change(self, request, number, pk)

    title = "".join(part.title() for part in name.split("_"))
    return type(f"{title}View", (_Section,), {"post": described(post_one if of else post)})


def _watch(ticket: Ticket, *, follow: bool, user: int | None, **made: Any) -> None:
    """Follow the ticket, or follow it no more: oneself, or a colleague for who has it or supervises."""
    (watching.follow if follow else watching.unfollow)(ticket, user=user, **made)


def _steps(ticket: Ticket, *, text: str = "", list: str = "", **made: Any) -> None:
    """Add a step at the end, or the steps of a list of the desk."""
    if list:
        checklist.add_list(ticket, template=list, **made)
    else:
        checklist.add_step(ticket, text=text, **made)


def _untick(ticket: Ticket, *, step: int, **made: Any) -> None:
    """Say that a step is not done after all."""
    checklist.tick(ticket, step=step, done=False, **made)


def _up(ticket: Ticket, *, step: int, **made: Any) -> None:
    """Let a step change places with the one before."""
    checklist.move_step(ticket, step=step, up=True, **made)


def _down(ticket: Ticket, *, step: int, **made: Any) -> None:
    """Let a step change places with the one after."""
    checklist.move_step(ticket, step=step, up=False, **made)


def _tick(ticket: Ticket, *, step: int, **made: Any) -> None:
    """Say that a step is done."""
    checklist.tick(ticket, step=step, **made)


class Split(_Section):
    """`tickets/{number}/split/`."""

    @extend_schema(
        operation_id="tickets_split",
        summary="Take messages to a ticket of their own",
        request=SplitIn,
        parameters=[NUMBER, KEY],
        responses={201: TicketOut, **REFUSALS},
    )
    def post(self, request: Request, number: str) -> Response:
        """Move the messages to a new ticket of the same requester, who is told once; answer the new ticket."""
        ticket = self.worked(number)
        body = SplitIn(data=request.data)
        body.is_valid(raise_exception=True)
        taken = splitting.split(ticket, by=self.actor, now=self.now, **body.validated_data)
        answer = ticket_json(queries.visible(self.actor).get(pk=taken.pk), self.actor)
        return Response(answer, status=201, headers={"Location": f"/api/v1/tickets/{taken.number}/"})


class Unsplit(_Section):
    """`tickets/{number}/unsplit/`."""

    @extend_schema(
        operation_id="tickets_unsplit",
        summary="Bring split messages back",
        request=None,
        parameters=[NUMBER, KEY],
        responses={200: TicketOut, **REFUSALS},
    )
    def post(self, request: Request, number: str) -> Response:
        """Bring the messages back while the ticket stands untouched; 409 says what happened to it since."""
        splitting.unsplit(self.worked(number), by=self.actor, now=self.now)
        return Response(ticket_json(queries.visible(self.actor).get(number=number.upper()), self.actor))


# ------------------------------------------------------------------ reminders


class Remind(_Section):
    """`tickets/{number}/reminders/`."""

    @extend_schema(
        operation_id="tickets_remind",
        summary="Be reminded of the ticket",
        request=RemindIn,
        parameters=[NUMBER, KEY],
        responses={201: ReminderOut, **REFUSALS},
    )
    def post(self, request: Request, number: str) -> Response:
        """Remind the caller of the ticket at an instant."""
        ticket = self.worked(number)
        body = RemindIn(data=request.data)
        body.is_valid(raise_exception=True)
        row = reminders.remind(ticket, by=self.actor, now=self.now, **body.validated_data)
        return Response(reminder_json(row, ticket), status=201)


class Reminders(TicketsView):
    """`reminders/`."""

    @extend_schema(
        operation_id="reminders_list",
        summary="List what I am to follow up",
        parameters=[OpenApiParameter("cursor", str)],
        responses={200: ReminderPageOut},
    )
    def get(self, request: Request) -> Response:
        """Answer the caller's open reminders, due first."""
        page = order.reminders_of(self.actor, cursor=request.query_params.get("cursor"))
        here = request.build_absolute_uri()
        return Response(
            {
                "next": replace_query_param(here, "cursor", page.next) if page.next else None,
                "previous": replace_query_param(here, "cursor", page.previous) if page.previous else None,
                "results": [reminder_json(row, row.ticket) for row in page.items],
            }
        )


class _OfMine(TicketsView):
    def mine(self, pk: int) -> Reminder:
        """The caller's own. Raises Http404."""
        row = order.reminder(self.actor, pk)
        if row is None:
            raise Http404
        return row


class ReminderDone(_OfMine):
    """`reminders/{id}/done/`."""

    @extend_schema(
        operation_id="reminders_done",
        summary="Take it off the list",
        request=None,
        parameters=[ID, KEY],
        responses={200: ReminderOut, 404: UNKNOWN},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take it off the caller's list; once more changes nothing."""
        row = self.mine(pk)
        return Response(reminder_json(reminders.done(row, by=self.actor, now=self.now), row.ticket))


class ReminderSnooze(_OfMine):
    """`reminders/{id}/snooze/`."""

    @extend_schema(
        operation_id="reminders_snooze",
        summary="Put it off",
        request=SnoozeIn,
        parameters=[ID, KEY],
        responses={200: ReminderOut, 400: INVALID, 404: UNKNOWN, 409: CONFLICT},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Let it ring at another instant."""
        row = self.mine(pk)
        body = SnoozeIn(data=request.data)
        body.is_valid(raise_exception=True)
        done = reminders.snooze(row, by=self.actor, now=self.now, due_at=body.validated_data["due_at"])
        return Response(reminder_json(done, row.ticket))


# address under tickets/{number}/ -> its view
CHANGES: Final[dict[str, type[_Section]]] = {
    "watchers/": _changing("watch", "Follow, or follow no more", _watch, WatchIn),
    "links/": _changing("link", "Link to another ticket", linking.link, LinkIn),
    "links/<int:pk>/remove/": _changing("unlink", "Take a link away", linking.unlink, of="link"),
    "steps/": _changing("add_steps", "Add a step, or a list", _steps, StepsIn),
    "steps/<int:pk>/tick/": _changing("tick_step", "Tick a step", _tick, of="step"),
    "steps/<int:pk>/untick/": _changing("untick_step", "Untick a step", _untick, of="step"),
    "steps/<int:pk>/up/": _changing("step_up", "Move a step up", _up, of="step"),
    "steps/<int:pk>/down/": _changing("step_down", "Move a step down", _down, of="step"),
    "steps/<int:pk>/remove/": _changing("remove_step", "Take a step out", checklist.remove_step, of="step"),
    "time/": _changing("note_time", "Note minutes worked", timing.note_time, TimeIn),
    "time/<int:pk>/correct/": _changing("correct_time", "Correct own minutes", timing.correct_time, TimeIn, of="entry"),
    "time/<int:pk>/remove/": _changing("remove_time", "Take own minutes out", timing.remove_time, of="entry"),
    "split/": Split,
    "unsplit/": Unsplit,
    "reminders/": Remind,
}


def _name(address: str) -> str:
    return address.replace("<int:pk>", "one").strip("/").replace("/", "-")


urlpatterns = [
    path("tickets/<str:number>/order/", Section.as_view(), name="api-ticket-order"),
    *(
        path(f"tickets/<str:number>/{address}", view.as_view(), name=f"api-ticket-{_name(address)}")
        for address, view in CHANGES.items()
    ),
    path("reminders/", Reminders.as_view(), name="api-reminders"),
    path("reminders/<int:pk>/done/", ReminderDone.as_view(), name="api-reminder-done"),
    path("reminders/<int:pk>/snooze/", ReminderSnooze.as_view(), name="api-reminder-snooze"),
]
