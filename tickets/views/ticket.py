"""The page of a ticket, its panel, and its files."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import localtime
from core.errors import Forbidden
from desks import queries as desk_queries
from desks.config import DeskConfig
from files import serving
from tickets import actions, forms, lifecycle, queries
from tickets.lifecycle import Channel, Lane
from tickets.models import TellTask, Ticket
from tickets.presenters import articles as article_presenter
from tickets.presenters import composing
from tickets.presenters import detail as present
from tickets.presenters import faces as clock_faces
from tickets.presenters import ladder as ladder_presenter
from tickets.presenters import order as order_presenter
from tickets.presenters import outages as outage_presenter
from tickets.presenters import tags as tag_presenter
from tickets.presenters import thread as thread_presenter
from tickets.presenters import vault as vault_presenter
from tickets.queries import drafts, order, outages
from tickets.views import ahead, presence, printing, walking
from tickets.views.doors import Request, door, draw, staff_door, visible, worked

TO_TELL: Final = "/avisar/"


@staff_door
def _detail(request: Request, ticket: Ticket) -> HttpResponse:
    if not request.actor.works_tickets(ticket.desk_id):
        raise Http404
    if request.GET.get(printing.PARAMETER):
        return printing.page(request, ticket)
    return page(request, ticket)


def detail(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Draw the page of a ticket that was found among those that the person may see; for the desk's people.

    9 statements at most, with those of the session, the person and the frame.
    """
    return _detail(request, ticket)


def page(
    request: Request,
    ticket: Ticket,
    *,
    reply: forms.ReplyForm | None = None,
    part: str = "",
    status: int = 200,
    text: str = "",
) -> HttpResponse:
    """The page as it stands, with the reply that came back where there is one, or a `text` to go on with."""
    config = desk_queries.config(ticket.desk)
    request.live_stream = f"/stream/tickets/{ticket.number}/?v={ticket.version}"
    request.desks = [ticket.desk]
    side = _side(request, ticket, config)
    context = {**side, **_conversation(request, ticket, config, reply)}
    context["notices"] = [*present.climbing(side["ladder"]), *context["notices"]]
    context["composer"] = ahead.beside(request, ticket, context["composer"], text)
    return draw(request, "tickets/detail.html", context, part=part, status=status)


def _conversation(
    request: Request, ticket: Ticket, config: DeskConfig, reply: forms.ReplyForm | None
) -> dict[str, Any]:
    now, actor = request.moment, request.actor
    shown, more = present.buttons(ticket, actor)
    shown = [*article_presenter.buttons(ticket, actor), *shown]
    more += present.declaring(ticket, actor)
    more += order_presenter.further(ticket, follows=order.follows(ticket, actor))
    by_voice = not ticket.requester_email or ticket.channel in (Channel.PHONE, Channel.WHATSAPP)
    tasks = queries.tell_tasks(ticket) if by_voice else []
    lines = queries.conversation(ticket, actor)
    events = queries.timeline(ticket, actor)
    writing = drafts.on(ticket, actor)
    return {
        "page_title": f"{ticket.number} · {ticket.subject}",
        "pane": 2 if request.GET.get("panel") == "2" else 1,
        "t": present.head(ticket, config, now=now),
        "walk": walking.of_ticket(request, ticket),
        "presence": presence.of_ticket(request, ticket),
        "buttons": shown,
        "more": more,
        "notices": _notices(ticket, tasks, config, now),
        "thread": thread_presenter.thread(lines, events, ticket, config, now=now),
        "history": thread_presenter.history(events, config, staff=True, now=now),
        "composer": composing.composer(ticket, actor, reply, writing, config, now=now),
        "above": composing.above(writing, ticket, lines, config, now=now),
        "leaving": composing.leaving(writing, ticket, actor, config),
        "printed": _("printed %s") % localtime.when(now, config.zone, now),
    }  # fmt: skip


def _notices(ticket: Ticket, tasks: list[TellTask], config: DeskConfig, now: datetime) -> list[dict[str, Any]]:
    """What must be known before writing; 1 query more for a ticket that belongs to an outage or leads one."""
    found = [*order_presenter.notices(ticket), *present.notices(ticket, tasks, config, now=now)]
    outage = outages.of_ticket(ticket)
    return [outage_presenter.notice(outage, ticket), *found] if outage is not None else found


def _side(request: Request, ticket: Ticket, config: DeskConfig) -> dict[str, Any]:
    now, actor = request.moment, request.actor
    clocks = queries.clocks(ticket)
    booked = queries.appointment(ticket)
    return {
        "clocks": clock_faces.clock_rows(clocks, number=ticket.number, zone=config.zone, now=now),
        "clock_note": present.clock_note(ticket, clocks),
        "strip": present.strip(ticket, config, now=now),
        "ladder": _ladder(request, ticket, config, clocks),
        "appointment": present.appointment(booked, ticket, config, now=now),
        "attentions_href": f"/tickets/{ticket.number}/atenciones/",
        "order": order_presenter.summary(ticket),
        "cfdi_href": f"/tickets/{ticket.number}/cfdi/" if _has_codes(ticket) else "",
        "client": present.client(ticket, actor, now=now),
        "tags": tag_presenter.chips(ticket, config),
        "request_facts": present.request_facts(ticket, config, now=now),
        "vault": vault_presenter.section(ticket, actor, config, now=now),
        "related": present.related(queries.related(ticket, actor)),
    }


def _has_codes(ticket: Ticket) -> bool:
    """Whether there are codes, documents or certificates to look at. 0 queries."""
    return bool(ticket.codes_since or (ticket.client and ticket.client.seals_since))


def _ladder(request: Request, ticket: Ticket, config: DeskConfig, clocks: list[Any]) -> dict[str, Any] | None:
    """The ladder that is climbed; who looks at a quiet ticket sees what its clocks would start. 0 or 3 queries."""
    if ticket.status not in lifecycle.OPEN:
        return None
    now, actor = request.moment, request.actor
    if ticket.escalated_at is not None or ticket.lane == Lane.ON_CALL:
        climb = queries.ladder(ticket)
        if climb is not None:
            told = {person.user_id for people in climb.told.values() for person in people}
            may_answer = actor.supervises(ticket.desk_id) or actor.user_id in told
            return ladder_presenter.card(climb, ticket, config, clocks, may_answer=may_answer, now=now)
    return ladder_presenter.planned(clocks, ticket, config, now=now)


# ------------------------------------------------------------------ pieces


@require_safe
@staff_door
def panel(request: Request, number: str) -> HttpResponse:
    """The clocks and facts of a ticket, or its conversation (`?de=hilo`), for a page that stays open."""
    ticket = worked(request, number)
    part = "hilo" if request.GET.get("de") == "hilo" else "ficha"
    return page(request, ticket, part=part)


@require_safe
@door
def download(request: Request, number: str, file_id: UUID) -> HttpResponse:
    """A file of a message that the person may read, whether of the desk or of the client."""
    attachment = queries.attachment(visible(request, number), request.actor, file_id)
    if attachment is None:
        raise Http404
    response: HttpResponseBase = serving.download_response(attachment)
    return response  # type: ignore[return-value]  # a FileResponse streams


@require_POST
@staff_door
def told(request: Request, number: str, task_id: int) -> HttpResponse:
    """Tick that the client was told by telephone."""
    actions.tick(worked(request, number), by=request.actor, now=request.moment, task_id=task_id)
    from_list = urlsplit(request.headers.get("Referer", "")).path == TO_TELL
    return redirect(TO_TELL if from_list else f"/tickets/{number.upper()}/")


@require_POST
@staff_door
def identify(request: Request, number: str) -> HttpResponse:
    """Accept the company that the RFC proposed."""
    ticket = worked(request, number)
    if ticket.proposed_client_id is None:
        raise Forbidden(_("There is no company to accept."))
    actions.identify(ticket, by=request.actor, now=request.moment, client=ticket.proposed_client_id)
    return redirect(f"/tickets/{ticket.number}/")
