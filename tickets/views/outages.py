"""*Caídas*: one cause with many clients. Declaring one, its reports, taking one out, ending it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Invalid
from desks import queries as desk_queries
from desks.models import Desk
from tickets import actions, forms
from tickets.forms_outages import DeclareForm, EndForm
from tickets.models import Outage, Ticket
from tickets.presenters import outages as present
from tickets.queries import board
from tickets.queries import outages as queries
from tickets.views.doors import Request, draw, staff_door, worked

HOME: Final = "/caidas/"


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """What clients are told now, and what was. The same number of statements with one outage and with a hundred."""
    request.desks = desks = board.desks_of(request.actor)
    desk_ids = [desk.pk for desk in desks]
    active = queries.of_desks(desk_ids, ended=False, cursor=None)
    ended = queries.of_desks(desk_ids, ended=True, cursor=request.GET.get("cursor") or None)
    context = {
        "page_title": _("Outages"),
        "active": [present.row(outage, now=request.moment) for outage in active.items],
        "ended": [present.row(outage, now=request.moment) for outage in ended.items],
        "declare_href": f"{HOME}nueva/" if _supervised(request, desks) else "",
        "previous_href": _page(ended.previous),
        "next_href": _page(ended.next),
    }
    return draw(request, "tickets/outages.html", context)


def _page(cursor: str | None) -> str:
    return f"{HOME}?{urlencode({'cursor': cursor})}" if cursor else ""


def _supervised(request: Request, desks: Any) -> list[Desk]:
    return [desk for desk in desks if request.actor.supervises(desk.pk)]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def declare(request: Request) -> HttpResponse:
    """The form of a new outage, from a ticket (`?ticket=IMX-4821`) or alone."""
    request.desks = board.desks_of(request.actor)
    desks = _supervised(request, request.desks)
    if not desks:
        raise PermissionDenied
    ticket = _ticket(request)
    desk = ticket.desk if ticket else _desk(request, desks)
    config = desk_queries.config(desk)
    data = request.POST if request.method == "POST" else None
    form = DeclareForm(data, config=config, ticket=ticket, now=request.moment)
    if form.is_valid():
        try:
            outage = actions.declare_outage(desk, by=request.actor, now=request.moment, ticket=ticket, **form.values())
        except Invalid as refusal:
            forms.add_errors(form, refusal.errors, lambda field: "hour" if field == "started_at" else field)
        else:
            messages.success(request, _("The outage is declared: clients read it from this minute."))
            return redirect(f"{HOME}{outage.pk}/")
    context = {
        "page_title": _("Declare an outage"),
        "form": form,
        "ticket": {"number": ticket.number, "subject": ticket.subject} if ticket else None,
        "desks": [{"slug": one.slug, "name": one.name, "current": one.pk == desk.pk} for one in desks],
        "desk": {"slug": desk.slug, "name": desk.name},
    }
    return draw(request, "tickets/outage_new.html", context, status=422 if form.is_bound else 200)


def _ticket(request: Request) -> Ticket | None:
    number = (request.POST.get("ticket") or request.GET.get("ticket") or "").strip()
    if not number:
        return None
    ticket = worked(request, number)
    if not request.actor.supervises(ticket.desk_id):
        raise PermissionDenied
    return ticket


def _desk(request: Request, desks: list[Desk]) -> Desk:
    slug = request.POST.get("mesa") or request.GET.get("mesa") or ""
    return next((desk for desk in desks if desk.slug == slug), desks[0])


@require_safe
@staff_door
def page(request: Request, pk: int) -> HttpResponse:
    """One outage with its reports."""
    return _draw(request, _visible(request, pk), None)


def _visible(request: Request, pk: int) -> Outage:
    outage = queries.one(Outage.objects.visible_to(request.actor), pk)
    if outage is None:
        raise Http404
    return outage


def _draw(request: Request, outage: Outage, form: EndForm | None) -> HttpResponse:
    request.desks = [outage.desk]
    may_end = outage.ended_at is None and request.actor.supervises(outage.desk_id)
    reports = queries.reports(outage, cursor=request.GET.get("cursor") or None)
    here = f"{HOME}{outage.pk}/"
    context = {
        "page_title": outage.title,
        "outage": present.full(outage, now=request.moment),
        "reports": [present.report(ticket, request.actor, now=request.moment) for ticket in reports.items],
        "form": (form or EndForm()) if may_end else None,
        "end_href": f"{here}terminar/",
        "previous_href": f"{here}?{urlencode({'cursor': reports.previous})}" if reports.previous else "",
        "next_href": f"{here}?{urlencode({'cursor': reports.next})}" if reports.next else "",
    }
    return draw(request, "tickets/outage.html", context, status=422 if form is not None else 200)


@require_http_methods(["POST"])
@staff_door
def end(request: Request, pk: int) -> HttpResponse:
    """End the notice: each report's client is told, and asked where it is solved too."""
    outage = _visible(request, pk)
    if not request.actor.supervises(outage.desk_id):
        raise PermissionDenied
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            actions.end_outage(outage, by=request.actor, now=request.moment, **form.cleaned_data)
        except Invalid as refusal:
            forms.add_errors(form, refusal.errors)
        else:
            messages.success(request, _("The outage is over; each client is told."))
            return redirect(f"{HOME}{outage.pk}/")
    return _draw(request, outage, form)
