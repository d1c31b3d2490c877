"""*Macros*: written under *Ajustes*, looked at and run on a ticket."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from desks.models import Desk
from tickets import canned, forms, forms_macros, inserting
from tickets.actions import canned_pieces
from tickets.actions import macros as actions
from tickets.actions.canned import may_write
from tickets.forms_macros import MacroForm, RunForm
from tickets.models import Macro, Ticket
from tickets.models.macro import After
from tickets.presenters import macros as present
from tickets.queries import canned as canned_queries
from tickets.queries import macros as queries
from tickets.views.canned import desk_of, listed, owners_of
from tickets.views.composing import LEAVING
from tickets.views.doors import Request, draw, message_of, staff_door, tell_caught, worked

LIST: Final = "macros"


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """Draw the macros of a desk and one's own. 8 statements, with those of session and frame."""
    desk = desk_of(request)
    config = desk_queries.config(desk)
    rows = [{**present.row(macro, config), **_hrefs(macro, request)} for macro in queries.of_desk(desk, request.actor)]
    context = {
        "page_title": _("Macros"),
        **listed(request, desk, rows, LIST, mine=_("Mine (macros)")),
        "new_href": f"{reverse('macro-new')}?mesa={desk.slug}",
    }
    return draw(request, "tickets/macros.html", context)


def _hrefs(macro: Macro, request: Request) -> dict[str, str]:
    may = may_write(macro.desk_id, macro.owner_id, request.actor)
    return {
        "href": reverse("macro", args=[macro.pk]) if may else "",
        "state_href": reverse("macro-state", args=[macro.pk]) if may else "",
    }


# ------------------------------------------------------------------ writing one


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def new(request: Request) -> HttpResponse:
    """Write a new one. 422 with the form on error."""
    desk = desk_of(request)
    owners = owners_of(desk, request)
    made = {**_made(request, desk), "owners": owners}
    if request.method != "POST":
        return _draw(request, desk, MacroForm(initial={"whose": owners[0] if owners else ""}, **made))
    form = MacroForm(request.POST, **made)
    if not form.is_valid():
        return _draw(request, desk, form)
    try:
        actions.create(desk, form.draft(), own=form.is_own, by=request.actor, now=request.moment)
    except Invalid as refusal:
        forms.add_errors(form, refusal.errors)
        return _draw(request, desk, form)
    return _saved(request, desk, form)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def one(request: Request, pk: int) -> HttpResponse:
    """Change one that is yours to change. 409 when somebody else changed it meanwhile, with what was typed."""
    macro = _theirs(request, pk)
    desk = macro.desk
    request.desks = [desk]
    made = {**_made(request, desk), "macro": macro}
    if request.method != "POST":
        initial = forms_macros.initial_of(macro, desk_queries.config(desk))
        return _draw(request, desk, MacroForm(initial=initial, **made), macro)
    form = MacroForm(request.POST, **made)
    if not form.is_valid():
        return _draw(request, desk, form, macro)
    try:
        seen = form.cleaned_data["version"] or 0
        actions.change(macro, form.draft(), seen=seen, by=request.actor, now=request.moment)
    except Invalid as refusal:
        forms.add_errors(form, refusal.errors)
        return _draw(request, desk, form, macro)
    except Conflict as refusal:
        form.add_error(None, message_of(refusal))
        return _draw(request, desk, form, macro, status=409)
    return _saved(request, desk, form)


def _made(request: Request, desk: Desk) -> dict[str, Any]:
    return {"config": desk_queries.config(desk), "answers": canned_queries.of_desk(desk, request.actor)}


def _saved(request: Request, desk: Desk, form: MacroForm) -> HttpResponse:
    messages.success(request, _("Saved: %s.") % form.cleaned_data["name"])
    return redirect(f"{reverse(LIST)}?mesa={desk.slug}")


def _theirs(request: Request, pk: int) -> Macro:
    """The macro, for who may change it. Raises Http404, Forbidden. 1 query."""
    macro = queries.one(request.actor, pk)
    if macro is None:
        raise Http404
    if not may_write(macro.desk_id, macro.owner_id, request.actor):
        raise Forbidden(_("Who supervises the desk writes its macros."))
    return macro


def _draw(request: Request, desk: Desk, form: MacroForm, macro: Macro | None = None, status: int = 0) -> HttpResponse:
    context = {
        "page_title": macro.name if macro else _("New macro"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "form": form,
        "is_new": macro is None,
        "whose": _("Mine (macros)") if macro and macro.owner_id else _("Of the desk"),
        "theirs_href": reverse("macro", args=[macro.pk]) if macro and status == 409 else "",
        "back_href": f"{reverse(LIST)}?mesa={desk.slug}",
    }
    return draw(request, "tickets/macro.html", context, status=status or (422 if form.errors else 200))


@require_POST
@staff_door
def state(request: Request, pk: int) -> HttpResponse:
    """Put one away (`activa=0`), or bring it back (`activa=1`)."""
    macro = _theirs(request, pk)
    active = request.POST.get("activa") == "1"
    actions.set_active(macro, active, by=request.actor, now=request.moment)
    done = _("“%s” is in use again.") if active else _("“%s” was put away.")
    messages.success(request, done % macro.name)
    return redirect(f"{reverse(LIST)}?mesa={macro.desk.slug}")


# ------------------------------------------------------------------ on a ticket


@require_safe
@staff_door
def choose(request: Request, number: str) -> HttpResponse:
    """What can be run on the ticket, each under its digit."""
    ticket = worked(request, number)
    config = desk_queries.config(ticket.desk)
    taken: set[int] = set()
    rows = []
    for macro in queries.usable(ticket, request.actor):
        key = macro.digit if macro.digit not in taken else None  # one's own goes first, the desk's has no key then
        taken |= {key} if key else set()
        href = reverse("ticket-macro", args=[ticket.number, macro.pk])
        rows.append({**present.row(macro, config), "digit": key or "", "href": href})
    context = {
        "page_title": _("Macros · %s") % ticket.number,
        "t": _ticket(ticket),
        "rows": rows,
        "manage_href": f"{reverse(LIST)}?mesa={ticket.desk.slug}",
    }
    return draw(request, "tickets/ticket_macros.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def run(request: Request, number: str, pk: int) -> HttpResponse:
    """Show what the macro would do to the ticket, or do it: all of it, or nothing with the reason (409)."""
    ticket = worked(request, number)
    macro = queries.of_ticket(ticket, request.actor, pk)
    if macro is None:
        raise Http404
    sends = actions.sends(macro)
    if request.method != "POST":
        return _look(request, ticket, macro, _fresh(request, ticket, macro))
    form = RunForm(request.POST, sends=sends)
    if not form.is_valid():
        return _look(request, ticket, macro, form, status=422)
    try:
        actions.run(
            ticket,
            macro,
            by=request.actor,
            now=request.moment,
            version=form.cleaned_data["version"],
            text=form.cleaned_data["text"] if sends else None,
        )
    except Invalid as refusal:
        forms.add_errors(form, refusal.errors)
        return _look(request, ticket, macro, form, status=422)
    except Conflict as refusal:
        return _refused(request, ticket, macro, form, refusal)
    return _done(request, ticket, macro, form)


def _ticket(ticket: Ticket) -> dict[str, str]:
    return {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"}


def _fresh(request: Request, ticket: Ticket, macro: Macro) -> RunForm:
    said = actions.answer_text(macro, ticket, by=request.actor, now=request.moment)
    return RunForm(initial={"version": ticket.version, "text": said}, sends=actions.sends(macro))


def _refused(request: Request, ticket: Ticket, macro: Macro, form: RunForm, refusal: Conflict) -> HttpResponse:
    """What was typed, with the ticket as it is now: looked at again, it can be run again."""
    ticket, data = worked(request, ticket.number), request.POST.copy()
    data["version"] = str(ticket.version)
    again = RunForm(data, sends=actions.sends(macro))
    if isinstance(refusal, actions.Refused):
        step = present.step_name(refusal.extra["step"], macro, desk_queries.config(ticket.desk))
        again.add_error(
            None, _("Nothing was done. Refused: “%(step)s” %(why)s") % {"step": step, "why": message_of(refusal)}
        )
    else:
        again.add_error(None, message_of(refusal))
    return _look(request, ticket, macro, again, status=409)


def _look(request: Request, ticket: Ticket, macro: Macro, form: RunForm, status: int = 200) -> HttpResponse:
    config = desk_queries.config(ticket.desk)
    steps = actions.steps(macro, ticket, by=request.actor, now=request.moment)
    said = str(form["text"].value() or "") if actions.sends(macro) else ""
    context = {
        "page_title": f"{macro.name} · {ticket.number}",
        "t": _ticket(ticket),
        "name": macro.name,
        "steps": present.sentences(macro, [step.code for step in steps], config),
        "note": actions.fill(macro.note, ticket, by=request.actor, now=request.moment) if macro.note else "",
        "gaps": [gap.strip("[]{} ") for gap in canned.gaps(said)],
        "form": form,
        "back_href": reverse("ticket-macros", args=[ticket.number]),
    }
    return draw(request, "tickets/ticket_macro.html", context, status=status)


def _done(request: Request, ticket: Ticket, macro: Macro, form: RunForm) -> HttpResponse:
    messages.success(request, _("Done: %s.") % macro.name)
    if actions.sends(macro):
        tell_caught(request, form.cleaned_data["text"])
    if macro.after != After.COMPOSE or macro.answer_id is None:
        return redirect(f"/tickets/{ticket.number}/{LEAVING if actions.sends(macro) else ''}")
    key = canned_pieces.key_of(macro.answer_id)
    where = inserting.Where(ticket, desk_queries.config(ticket.desk), request.actor, request.moment)
    inserting.take(where, key)
    return redirect(f"/tickets/{ticket.number}/?insertar={key}#redactar")
