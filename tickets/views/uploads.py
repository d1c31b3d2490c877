"""Files sent ahead of the text on a ticket, one at a time, by the script of the box to write in."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError, Invalid
from tickets.actions import uploads
from tickets.presenters import uploads as present
from tickets.views.doors import Request, draw, message_of, staff_door, worked


@require_POST
@staff_door
def add(request: Request, number: str) -> HttpResponse:
    """Keep one file (`files`) for the person's next message. 201 with its row; the refusal as plain text otherwise."""
    ticket = worked(request, number)
    file = request.FILES.get("files")
    if file is None:
        return _refused(Invalid.field("files", "required", _("Choose a file.")))
    try:
        upload = uploads.keep(ticket, file, by=request.actor, now=request.moment)
    except DomainError as refusal:
        return _refused(refusal)
    return draw(request, "components/_upload.html", {"file": present.row(ticket, upload)}, status=201)


def _refused(refusal: DomainError) -> HttpResponse:
    text = " ".join(str(error.message) for error in refusal.errors) if refusal.errors else message_of(refusal)
    status = 422 if isinstance(refusal, Invalid) else refusal.status
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)


@require_POST
@staff_door
def remove(request: Request, number: str, pk: int) -> HttpResponse:
    """Throw one away; done already is done as well. 204."""
    uploads.remove(worked(request, number), pk, by=request.actor)
    return HttpResponse(status=204)
