"""`/tickets/{number}/separar/`: taking messages to a ticket of their own, and bringing them back."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import localtime
from core.errors import Invalid
from desks import queries as desk_queries
from tickets import forms
from tickets.actions import splitting
from tickets.forms_order import SplitForm
from tickets.lifecycle import RequestType
from tickets.models import Message, Ticket
from tickets.views.doors import Request, draw, staff_door, worked

# So many of the newest are offered; `?mensaje=` marks one.
LATEST = 100
EXCERPT = 160


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """Choose messages and say what the new ticket is about. 303 to it; 422 with the form on error."""
    ticket = worked(request, number)
    chosen = [int(pk) for pk in request.POST.getlist("messages") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    if request.method != "POST":
        marked = request.GET.get("mensaje", "")
        chosen = [int(marked)] if marked.isascii() and marked.isdigit() and len(marked) < 19 else []
        initial = {"request_type": RequestType.OPERATIONAL_QUESTION}
        return _draw(request, ticket, SplitForm(initial=initial), chosen)
    form = SplitForm(request.POST)
    if form.is_valid():
        try:
            taken = splitting.split(ticket, by=request.actor, now=request.moment, messages=chosen, **form.cleaned_data)
        except Invalid as refusal:
            forms.add_errors(form, refusal.errors)
        else:
            text = _("Taken to %(number)s: its client is told. It can be brought back while nobody touches it.")
            messages.success(request, text % {"number": taken.number})
            return redirect(f"/tickets/{taken.number}/")
    return _draw(request, ticket, form, chosen)


def _draw(request: Request, ticket: Ticket, form: SplitForm, chosen: Sequence[int]) -> HttpResponse:
    config = desk_queries.config(ticket.desk)
    request.desks = [ticket.desk]
    rows = Message.objects.filter(splitting.movable(ticket)).order_by("-seq")[:LATEST]
    context = {
        "page_title": f"{_('Split')} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "form": form,
        "rows": [
            {
                "pk": row.pk,
                "name": row.author_label,
                "note": row.internal,
                "at": localtime.when(row.created_at, config.zone, request.moment),
                "text": row.body[:EXCERPT],
                "chosen": row.pk in chosen,
            }
            for row in reversed(rows)
        ],
    }
    return draw(request, "tickets/split.html", context, status=422 if form.is_bound else 200)


@require_POST
@staff_door
def undo(request: Request, number: str) -> HttpResponse:
    """Bring the messages back to where they came from. 409 says what happened since."""
    merged = splitting.unsplit(worked(request, number), by=request.actor, now=request.moment)
    into = merged.merged_into.number if merged.merged_into else merged.number
    messages.success(request, _("The messages are back in %s; its client is told.") % into)
    return redirect(f"/tickets/{into}/")
