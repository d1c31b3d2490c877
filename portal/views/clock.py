"""*¿Por qué vence a esa hora?*: the calculation of a clock, for its client by link or signed in, and for the desk."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import shell
from portal.views import doors
from portal.views.ticket import Door, by_link, signed_in
from tickets.presenters import reckoning as present
from tickets.queries.reckonings import reckonings
from tickets.views import clock as staff


@require_safe
@by_link
def link(request: HttpRequest, door: Door, kind: str) -> HttpResponse:
    """The calculation by signed link."""
    return _page(request, door, kind)


@require_safe
@login_required
def ticket(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """`/tickets/{number}/reloj/{kind}/`: the desk's people get it in the console, the client on their page."""
    door = signed_in(request, number)
    if door.actor.works_tickets(door.ticket.desk_id):
        return staff.page(request, number, kind)
    return doors.private(_page(request, door, kind))


def _page(request: HttpRequest, door: Door, kind: str) -> HttpResponse:
    config, now = door.scene.config, door.scene.now
    found = reckonings(door.ticket, now=now)
    if kind not in found:
        raise Http404
    why = present.page(kind, found[kind], config, now=now)
    context = {
        **shell.around(config, now=now, actor=None if door.by_link else door.actor, signs_in=False),
        "page_title": f"{why['title']} · {door.ticket.number}",
        "back": {"href": door.base, "text": config.say("clock.back", number=door.ticket.number)},
        "why": why,
        "kinds": present.tabs(found, config, base=f"{door.base}reloj/", current=kind),
    }
    return render(request, "portal/clock.html", context)
