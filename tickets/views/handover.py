"""*Entrega de guardia*: what goes on when one hands over to the next, the note, and *Recibo la guardia*."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import localtime
from core.errors import Forbidden, Invalid
from desks import doors
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk
from schedules.handoffs import Handoff
from tickets.actions import handing, handover
from tickets.models import Handover, HandoverAsk
from tickets.models.handover import NOTE_LENGTH
from tickets.presenters import handover as present
from tickets.queries import board
from tickets.queries import handover as queries
from tickets.queries.handover import Around
from tickets.views import calls
from tickets.views.doors import Request, draw, staff_door

STREAM = "/stream/cola/"


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """Draw the hand-over that comes, or the one that stands. 12 statements, with those of the session and the frame."""
    desks = board.desks_of(request.actor)
    if not any(desk.rota_id for desk in desks):
        wanted = request.GET.get("mesa")
        return doors.without_rota(request, desks, wanted, title=_("Hand-over of the guardia"))
    return page(request, _desk(request, desks))


def _desk(request: Request, desks: Sequence[Desk]) -> Desk:
    """The desk with a rota that is named, else the first; it comes first around the page. Raises Http404."""
    wanted = request.GET.get("mesa") or request.POST.get("mesa")
    desk = next((desk for desk in desks if desk.rota_id and wanted in (None, "", desk.slug)), None)
    if desk is None:
        raise Http404
    request.desks = [desk, *(other for other in desks if other.pk != desk.pk)]
    return desk


def page(request: Request, desk: Desk, *, typed: str | None = None, fault: str = "", status: int = 200) -> HttpResponse:
    config, now = desk_queries.config(desk), request.moment
    around = queries.around(config, now)
    one = shown(around, now)
    row = queries.at(desk, one.at) if one else None
    asked = queries.open_asks(desk, user_id=request.actor.user_id, now=now)
    summary = queries.summary(desk, now=now)
    cases = queries.around_the_clock(desk).select_related("assignee", "client")[: queries.MOST]
    request.live_stream = f"{STREAM}?desde={int(request.moment.timestamp())}"
    context = {
        "page_title": _("Hand-over of the guardia"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": [
            {"href": f"/entrega/?mesa={other.slug}", "text": other.name, "current": other.pk == desk.pk}
            for other in _with_rota(request)
        ],
        "head": present.head(config, one, around.until(one), row, now) if one else None,
        "stats": present.stats(summary, asked),
        "asks": present.asks(asked, config),
        "climbs": present.climbs(queries.climbs(desk), config, now),
        "cases": [present.case(case, config, now) for case in cases],
        "calls": calls.unregistered(desk, config, now),
        "n_cases": summary["running"],
        "note": present.note(row, config, now),
        "note_href": "/entrega/nota/" if _may_note(request, desk, around, row) else "",
        "note_text": typed if typed is not None else _noted_text(around, row, now),
        "note_fault": fault,
        "note_length": NOTE_LENGTH,
        "receive_href": "/entrega/recibir/" if _may_receive(request, desk, around, row) else "",
        "words": _words(config, one, row) if one else None,
        "history": present.history(queries.past(desk), config, now),
    }
    return draw(request, "tickets/handover.html", context, status=status)


def _with_rota(request: Request) -> list[Desk]:
    desks = [desk for desk in request.desks if desk.rota_id]
    return sorted(desks, key=lambda desk: desk.name) if len(desks) > 1 else []


def shown(around: Around, now: datetime) -> Handoff | None:
    """The hand-over of the page: the next one in its last half hour, else the one that stands."""
    coming = around.next
    soon = coming is not None and coming.at - now <= present.SOON
    return coming if soon else around.last or coming


def _words(config: DeskConfig, one: Handoff, row: Handover | None) -> dict[str, str]:
    above = handover.above(config, one.taker)
    return {
        "late": localtime.hhmm(one.at + queries.RECEIVE, config.zone),
        "above": ", ".join(member.name for member in above),
    }


def _may_receive(request: Request, desk: Desk, around: Around, row: Handover | None) -> bool:
    one = shown(around, request.moment)
    if one is None or one != around.open(request.moment) or _received(row):
        return False
    return handover.may_receive(desk, one, request.actor)


def _may_note(request: Request, desk: Desk, around: Around, row: Handover | None) -> bool:
    """Whether the reader hands over; while the next one is shown the last has nothing to wait for."""
    received = _received(row) or shown(around, request.moment) != around.last
    one = around.noted(request.moment, received=received)
    return one is not None and handover.may_note(desk, one, request.actor)


def _noted_text(around: Around, row: Handover | None, now: datetime) -> str:
    """What stands in the field: the note of the hand-over that is written now, where that is the one shown."""
    writes = around.noted(now, received=_received(row) or shown(around, now) != around.last)
    return row.note if row is not None and writes == shown(around, now) else ""


def _received(row: Handover | None) -> bool:
    return row is not None and row.received_at is not None


# ------------------------------------------------------------------ what people do


@require_POST
@staff_door
def receive(request: Request) -> HttpResponse:
    desk = _desk(request, board.desks_of(request.actor))
    handover.receive(desk, by=request.actor, now=request.moment)
    messages.success(request, _("You have received the guardia."))
    return redirect(f"/entrega/?mesa={desk.slug}")


@require_POST
@staff_door
def note(request: Request) -> HttpResponse:
    """Keep the note; 422 with what was typed when it is too long."""
    desk = _desk(request, board.desks_of(request.actor))
    typed = request.POST.get("note", "")
    try:
        handover.note(desk, by=request.actor, now=request.moment, text=typed)
    except Invalid as refusal:
        return page(request, desk, typed=typed, fault=str(refusal.errors[0].message), status=422)
    messages.success(request, _("The note is saved."))
    return redirect(f"/entrega/?mesa={desk.slug}")


@require_POST
@staff_door
def answer(request: Request, pk: int) -> HttpResponse:
    """*La sigo yo* or *La entrego a la guardia*. What was asked of somebody else is not there (404)."""
    ask = HandoverAsk.objects.filter(pk=pk, holder_id=request.actor.user_id).select_related("handover__desk").first()
    if ask is None:
        raise Http404
    choice = request.POST.get("answer")
    if choice not in HandoverAsk.Answer.values:
        raise Forbidden(_("Choose one of the two answers."))
    handing.answer(ask, by=request.actor, now=request.moment, keep=choice == HandoverAsk.Answer.KEEP)
    messages.success(
        request, _("You go on with it.") if choice == HandoverAsk.Answer.KEEP else _("It will pass to the guardia.")
    )
    return redirect(f"/entrega/?mesa={ask.handover.desk.slug}")
