"""What lies beside the box to write in: files that were sent ahead, and a text that was asked to be put in."""

from __future__ import annotations

from typing import Any

from desks import queries as desk_queries
from files import actions as file_actions
from files.models import Attachment
from tickets import forms, inserting
from tickets.actions import uploads
from tickets.models import Ticket
from tickets.presenters import uploads as present
from tickets.views.doors import Request


def beside(request: Request, ticket: Ticket, composer: dict[str, Any] | None, text: str = "") -> dict[str, Any] | None:
    """The box with the files that lie ready, and what `?insertar=` names behind its text, or `text` instead of it.

    0 queries where there is neither.
    """
    if composer is None:
        return None
    form = composer["form"]
    piece = "" if text or form.is_bound else _asked_for(request, ticket)
    written = str(form.initial.get("body") or "").rstrip()
    if piece and piece not in written:
        text = f"{written}\n\n{piece}" if written else piece
    if text and not form.is_bound:
        form.initial["body"] = text
    base = f"/tickets/{ticket.number}/"
    return {
        **composer,
        "put_in": bool(text or piece),
        "insert_href": f"{base}insertar/",
        "upload_href": f"{base}subidas/",
        "uploads": present.rows(base, uploads.waiting(ticket, request.actor)),
    }


def _asked_for(request: Request, ticket: Ticket) -> str:
    """The text of the piece that the address names; "" for none that the writer may have. 0 or 2 queries."""
    key = request.GET.get("insertar", "")
    if not key:
        return ""
    where = inserting.Where(ticket, desk_queries.config(ticket.desk), request.actor, request.moment)
    piece = inserting.read(where, key)
    return piece.filled.text if piece else ""


def files_of(request: Request, ticket: Ticket, form: forms.ReplyForm) -> tuple[list[Attachment], bool]:
    """The files of a reply: those sent ahead that it names, and those that came with it; whether one is gone.

    In the transaction of the message. Whoever pressed twice finds theirs gone: `uploads.gone` refuses the rest.
    """
    ids = uploads.ids_of(request.POST.getlist("uploads"))
    claimed = uploads.claim(ticket, ids, by=request.actor)
    stored = [file_actions.store(upload, now=request.moment) for upload in form.cleaned_data["files"]]
    return [*claimed, *stored], len(claimed) < len(ids)
