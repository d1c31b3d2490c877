"""*Plantillas* under the text of a ticket: the list, the preview, and putting one in. Works as pages without script."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from desks import queries as desk_queries
from tickets import inserting
from tickets.actions import uploads
from tickets.inserting import Where
from tickets.models import Ticket
from tickets.presenters import inserting as present
from tickets.presenters import uploads as present_uploads
from tickets.views.doors import Request, draw, staff_door, worked
from tickets.views.ticket import page

MAX_TYPED: Final = 80


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """What can be put into a reply on the ticket, by `q`; with `atajo` only by the beginning of a shortcut.

    A POST brings what is written already (the button without script), so that it comes back with the text put in.
    """
    ticket = worked(request, number)
    typed = request.GET.get("q", "").strip().lstrip("/")[:MAX_TYPED]
    choices = inserting.find(_where(request, ticket), typed, by_shortcut="atajo" in request.GET)
    context = {
        "page_title": _("Canned answers"),
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "q": typed,
        "choices": [{**present.choice(choice), "href": _href(ticket, choice.key)} for choice in choices],
        "written": request.POST.get("body", "") if request.method == "POST" else "",
        "manage_href": f"/ajustes/plantillas/?mesa={ticket.desk.slug}",
    }
    return draw(request, "tickets/inserts.html", context, part="opciones")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def one(request: Request, number: str, key: str) -> HttpResponse:
    """Preview a piece; a POST puts it in: a script gets text and files, a form the ticket with the text in its box."""
    ticket = worked(request, number)
    where = _where(request, ticket)
    if request.method != "POST":
        return _preview(request, ticket, inserting.read(where, key))
    piece = inserting.take(where, key)
    if piece is None:
        raise Http404
    if request.htmx:
        ready = uploads.waiting(ticket, request.actor) if piece.files else []
        context = {
            "text": piece.filled.text,
            "gaps": present.gap_words(piece.filled.gaps),
            "files": present_uploads.rows(f"/tickets/{ticket.number}/", ready),
        }
        return draw(request, "tickets/_inserted.html", context)
    if request.POST.get("body", "").strip():
        return page(request, ticket, text=f"{request.POST['body'].rstrip()}\n\n{piece.filled.text}")
    return redirect(f"/tickets/{ticket.number}/?insertar={key}#redactar")


def _where(request: Request, ticket: Ticket) -> Where:
    return Where(ticket, desk_queries.config(ticket.desk), request.actor, request.moment)


def _href(ticket: Ticket, key: str) -> str:
    return f"/tickets/{ticket.number}/insertar/{key}/"


def _preview(request: Request, ticket: Ticket, piece: inserting.Piece | None) -> HttpResponse:
    if piece is None:
        raise Http404
    context = {
        "page_title": piece.title,
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "preview": present.preview(piece.filled),
        "files": list(piece.files),
        "href": _href(ticket, piece.key),
        "back_href": f"/tickets/{ticket.number}/insertar/",
    }
    return draw(request, "tickets/insert.html", context, part="vista")
