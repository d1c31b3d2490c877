"""`/cola/lote/`: a verb on the selected tickets, what became of each, and *Deshacer*."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from core import localtime
from desks.models import Desk
from tickets import queries
from tickets.actions import bulk as actions
from tickets.forms_bulk import FORMS, BulkForm
from tickets.models import BulkChange, BulkItem, Ticket
from tickets.queries import board
from tickets.views import asking
from tickets.views.doors import Request, draw, staff_door

HOME: Final = "/cola/lote/"
Outcome = BulkItem.Outcome


@dataclass(frozen=True, slots=True)
class Face:
    """How a verb is offered in the bar of the selection, and asked on its page."""

    text: Any
    title: Any
    icon: str
    danger: bool = False
    key: str = ""
    intro: Any = ""


FACES: Final = {
    "take": Face(gettext_lazy("Assign to me"), "", "user", key="a"),
    "assign": Face(gettext_lazy("Assign to…"), gettext_lazy("Assign the selected tickets"), "users"),
    "reclassify": Face(
        gettext_lazy("Priority…"),
        gettext_lazy("Reclassify the selected tickets"),
        "sort",
        intro=gettext_lazy("The priority follows from what it is and whether it stops the operation; clocks follow."),
    ),
    "merge": Face(
        gettext_lazy("Merge"),
        gettext_lazy("Merge the selected tickets"),
        "swap",
        intro=gettext_lazy("The others are merged into the one that goes on; each conversation stays."),
    ),
    "escalate": Face(
        gettext_lazy("Escalate"),
        gettext_lazy("Escalate the selected tickets"),
        "up2",
        danger=True,
        key="e",
        intro=gettext_lazy(
            "The next person of each ladder is told at once, at night too. "
            "This cannot be undone: who was told, was told."
        ),
    ),
}


def offered() -> list[dict[str, Any]]:
    """The buttons of the bar."""
    return [
        {"verb": verb, "text": face.text, "icon": face.icon, "danger": face.danger, "key": face.key}
        for verb, face in FACES.items()
    ]


@require_POST
@staff_door
def use(request: Request) -> HttpResponse:
    """Use the verb on the selected tickets, or ask first what it needs (200); 422 with the form on error."""
    verb, back = request.POST.get("verb", ""), _back(request)
    numbers = list(dict.fromkeys(number.strip().upper() for number in request.POST.getlist("sel")))
    if len(numbers) > actions.MOST:
        messages.warning(request, _("At most 50 tickets at a time."))
        return redirect(back)
    tickets = list(queries.visible(request.actor).filter(number__in=numbers).order_by("pk")) if numbers else []
    if verb not in FACES or not tickets:
        messages.warning(request, _("Select at least one ticket first."))
        return redirect(back)
    if verb not in FORMS:
        return _apply(request, verb, tickets, values={}, reason=None)
    desks = request.desks = board.desks_of(request.actor)
    form = _form(request, verb, tickets, desks)
    if form.is_valid():
        values = form.values()
        chosen = [ticket for ticket in tickets if ticket.number != values.get("into")]
        return _apply(request, verb, chosen, values=values, reason=form.reason())
    return _ask(request, verb, tickets, form)


def _form(request: Request, verb: str, tickets: Sequence[Ticket], desks: Sequence[Desk]) -> BulkForm:
    theirs = [desk for desk in desks if desk.pk in {ticket.desk_id for ticket in tickets}]
    data = request.POST if "answered" in request.POST else None
    return FORMS[verb](data, tickets=tickets, people=asking.people(theirs), auto_id=f"bulk_{verb}_%s")


def _ask(request: Request, verb: str, tickets: Sequence[Ticket], form: BulkForm) -> HttpResponse:
    face = FACES[verb]
    context = {
        "page_title": str(face.title),
        "form": form,
        "action": {"verb": verb, "text": face.text, "icon": face.icon, "danger": face.danger, "intro": face.intro},
        "tickets": [{"number": ticket.number, "subject": ticket.subject} for ticket in tickets],
        "key": _key(request),
        "back": _back(request),
    }
    return draw(request, "tickets/bulk_ask.html", context, status=422 if form.is_bound else 200)


def _apply(
    request: Request, verb: str, tickets: Sequence[Ticket], *, values: dict[str, Any], reason: str | None
) -> HttpResponse:
    change = actions.apply(
        verb, tickets, by=request.actor, now=request.moment, key=_key(request), values=values, reason=reason
    )
    done = change.items.filter(outcome=Outcome.DONE).count()
    refused = change.items.filter(outcome=Outcome.REFUSED).count()
    if done:
        undo = f"{HOME}{change.pk}/deshacer/" if actions.undoable(change, request.moment) else ""
        # The tag is the address of the button beside the message (components/_messages.html).
        messages.success(request, _done(verb, done), extra_tags=undo)
    if refused:
        words = ngettext("One ticket did not change.", "%(n)d tickets did not change.", refused) % {"n": refused}
        messages.warning(request, words)
        return redirect(f"{HOME}{change.pk}/")
    return redirect(_back(request))


def _done(verb: str, n: int) -> str:
    words = {
        "take": ngettext("One ticket is yours.", "%(n)d tickets are yours.", n),
        "assign": ngettext("One ticket is assigned.", "%(n)d tickets are assigned.", n),
        "reclassify": ngettext("One ticket is reclassified.", "%(n)d tickets are reclassified.", n),
        "merge": ngettext("One ticket is merged.", "%(n)d tickets are merged.", n),
        "escalate": ngettext("One ticket is escalated.", "%(n)d tickets are escalated.", n),
    }
    return words[verb] % {"n": n}


def _back(request: Request) -> str:
    """The queue as it was: only an address of the queue is gone back to."""
    back = request.POST.get("back", "")
    return back if back.startswith(f"{asking.QUEUE}?") else asking.QUEUE


def _key(request: Request) -> uuid.UUID:
    """The page's own key: a button pressed twice acts once."""
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


# ------------------------------------------------------------------ what became of it


OUTCOMES: Final = {
    Outcome.DONE: ("ok", "ok", gettext_lazy("done")),
    Outcome.REFUSED: ("alert", "warn", gettext_lazy("not changed")),
    Outcome.UNDONE: ("refresh", "info", gettext_lazy("undone")),
    Outcome.KEPT: ("alert", "warn", gettext_lazy("not undone")),
}


@require_safe
@staff_door
def result(request: Request, pk: int) -> HttpResponse:
    """What became of each ticket, for whoever pressed the button."""
    change = _mine(request, pk)
    desks = request.desks = board.desks_of(request.actor)
    zone = asking.zone_of(desks)
    items = change.items.filter(ticket__in=Ticket.objects.visible_to(request.actor)).select_related("ticket")
    context = {
        "page_title": str(FACES[change.verb].title or _("Take the selected tickets")),
        "at": localtime.when(change.at, zone, request.moment),
        "rows": [_row(item) for item in items],
        "undo_href": f"{HOME}{change.pk}/deshacer/" if actions.undoable(change, request.moment) else "",
        "undo_until": localtime.hhmm(change.at + actions.UNDO_WITHIN, zone),
        "final": actions.KINDS[change.verb].undo is None,
    }
    return draw(request, "tickets/bulk_result.html", context)


def _mine(request: Request, pk: int) -> BulkChange:
    change = BulkChange.objects.filter(pk=pk, by_id=request.actor.user_id).first()
    if change is None:
        raise Http404
    return change


def _row(item: BulkItem) -> dict[str, Any]:
    icon, tone, text = OUTCOMES[Outcome(item.outcome)]
    return {
        "number": item.ticket.number,
        "href": f"/tickets/{item.ticket.number}/",
        "subject": item.ticket.subject,
        "icon": icon,
        "tone": tone,
        "text": text,
        "why": item.why,
    }


@require_POST
@staff_door
def undo(request: Request, pk: int) -> HttpResponse:
    """*Deshacer*: each ticket that still stands as it was left goes back, the others are told. 409 too late."""
    change = actions.undo(_mine(request, pk), by=request.actor, now=request.moment)
    undone = change.items.filter(outcome=Outcome.UNDONE).count()
    kept = change.items.filter(outcome=Outcome.KEPT).count()
    if undone:
        words = ngettext("Undone: one ticket is as it was.", "Undone: %(n)d tickets are as they were.", undone)
        messages.success(request, words % {"n": undone})
    if kept:
        words = ngettext("One ticket stays as it is.", "%(n)d tickets stay as they are.", kept) % {"n": kept}
        messages.warning(request, words)
        return redirect(f"{HOME}{change.pk}/")
    return redirect(_back(request))
