"""Files that a client sends ahead of their word on a ticket, by link or signed in, one at a time."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from portal.views import doors
from portal.views.ticket import Door, by_link, signed_in
from tickets.actions import guards, uploads
from tickets.views import uploads as staff


@require_POST
@by_link
def link_add(request: HttpRequest, door: Door) -> HttpResponse:
    """Keep one file for the next word of who holds the link. 201 with its row; the refusal as plain text otherwise."""
    return _add(request, door)


@require_POST
@by_link
def link_remove(request: HttpRequest, door: Door, pk: int) -> HttpResponse:
    """Throw one away. 204."""
    return _remove(door, pk)


@require_POST
@login_required
def add(request: HttpRequest, number: str) -> HttpResponse:
    """The same for a client who signed in; who works at the desk has a box of their own."""
    return doors.private(_add(request, _of_client(request, number)))


@require_POST
@login_required
def remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Throw one away. 204."""
    return doors.private(_remove(_of_client(request, number), pk))


def _of_client(request: HttpRequest, number: str) -> Door:
    door = signed_in(request, number)
    if not guards.is_client(door.ticket, door.actor):
        raise PermissionDenied
    return door


def _add(request: HttpRequest, door: Door) -> HttpResponse:
    return staff.kept(request, door.ticket, base=door.verbs, by=door.actor, now=door.scene.now)


def _remove(door: Door, pk: int) -> HttpResponse:
    uploads.remove(door.ticket, pk, by=door.actor)
    return HttpResponse(status=204)
