"""Files sent ahead of the text on a ticket, one at a time, by the script of the box to write in."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.actor import Actor
from core.errors import DomainError, Invalid
from tickets.actions import uploads
from tickets.models import Ticket
from tickets.presenters import uploads as present
from tickets.views.doors import Request, message_of, staff_door, worked


@require_POST
@staff_door
def add(request: Request, number: str) -> HttpResponse:
    """Keep one file (`files`) for the person's next message. 201 with its row; the refusal as plain text otherwise."""
    ticket = worked(request, number)
    return kept(request, ticket, base=f"/tickets/{ticket.number}/", by=request.actor, now=request.moment)


def kept(request: HttpRequest, ticket: Ticket, *, base: str, by: Actor, now: datetime) -> HttpResponse:
    """Keep the file of a request for a door whose addresses begin with `base`, and answer with its row, or why not."""
    file = request.FILES.get("files")
    try:
        if file is None:
            raise Invalid.field("files", "required", _("Choose a file."))
        upload = uploads.keep(ticket, file, by=by, now=now)
    except DomainError as refusal:
        text = " ".join(str(error.message) for error in refusal.errors) if refusal.errors else message_of(refusal)
        status = 422 if isinstance(refusal, Invalid) else refusal.status
        return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
    return render(request, "components/_upload.html", {"file": present.row(base, upload)}, status=201)


@require_POST
@staff_door
def remove(request: Request, number: str, pk: int) -> HttpResponse:
    """Throw one away; done already is done as well. 204."""
    uploads.remove(worked(request, number), pk, by=request.actor)
    return HttpResponse(status=204)
