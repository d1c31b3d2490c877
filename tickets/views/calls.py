"""*Registrar llamada*: a call that is going on, or one that was attended before it is written down."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from clients.models import Client
from core import localtime
from core.errors import Invalid
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk, Product
from files import actions as file_actions
from files.models import Attachment
from tickets import actions, description, forms, forms_calls, queries, whatsapp
from tickets.actions import calls, progress
from tickets.intake import Intake
from tickets.lifecycle import Channel, Status, SupportMethod
from tickets.models import CallNote, Ticket
from tickets.models.attention import Outcome
from tickets.queries import board, callers
from tickets.queries.callers import Caller
from tickets.views import call_preview
from tickets.views.doors import Request, draw, staff_door, tell_caught

PATH: Final = "/llamadas/nueva/"
OUTCOMES: Final = (
    (forms_calls.RESOLVED, gettext_noop("Resolved"), gettext_noop("It closes if the client confirms")),
    (forms_calls.PENDING, gettext_noop("Still open"), gettext_noop("Whoever attended goes on with it")),
    (forms_calls.ESCALATED, gettext_noop("Escalated"), gettext_noop("The superior is told at once")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def new(request: Request) -> HttpResponse:
    """Draw the form, or open the ticket of a call: 422 with the form when something is missing."""
    desk = _desk(request)
    caller = _caller(request, desk)
    form = _form(request, desk, caller)
    if request.method != "POST":
        return draw(request, "tickets/log_call.html", _context(request, desk, form, caller))
    if request.GET.get("vista") == "previa":
        return _preview_only(request, desk, form)
    if request.POST.get("append"):
        return _append(request, desk, request.POST["append"])
    return _open(request, desk, form, caller)


def _form(request: Request, desk: Desk, caller: Caller | None) -> forms_calls.CallForm:
    """The form of the page's mode, bound where it was sent."""
    config = desk_queries.config(desk)
    past = request.GET.get("cuando") == "antes"
    kind = forms_calls.PastCallForm if past else forms_calls.CallForm
    on_file = _on_file(request, desk, caller)
    if request.method == "POST":
        return kind(request.POST, request.FILES, config=config, on_file=on_file)
    return kind(config=config, on_file=on_file, initial=_initial(request, caller, config, past=past))


def _on_file(request: Request, desk: Desk, caller: Caller | None) -> list[tuple[str, str]]:
    """The numbers to call back to before access data are given. 1 query where somebody is known."""
    sent = request.POST.get("contact", "")
    contact_id = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 16 else None
    rfc = request.POST.get("client_rfc", "")[:20]
    if caller is not None:
        contact_id, rfc = contact_id or caller.contact_id, rfc or caller.rfc
    if not contact_id and not rfc:
        return []
    return callers.numbers_on_file(desk.vendor_id, contact_id=contact_id, rfc=rfc)


def _open(request: Request, desk: Desk, form: forms_calls.CallForm, caller: Caller | None) -> HttpResponse:
    """Open the ticket of the call; the same person's ticket of a moment ago is offered first, once."""
    same: list[Ticket] = []
    if form.is_valid():
        same = [] if request.POST.get("apart") else _same(desk, form, request.moment)
        try:
            if not same:
                return _registered(request, register(request, desk, form))
        except Invalid as refusal:
            forms.add_errors(form, refusal.errors, lambda name: forms_calls.FIELD_NAMES.get(name, name))
    context = _context(request, desk, form, caller)
    if same:
        context |= {"recent": [_recent(one, form.config, request.moment) for one in same], "asks_same": True}
    return draw(request, "tickets/log_call.html", context, status=422)


def _same(desk: Desk, form: forms_calls.CallForm, now: datetime) -> list[Ticket]:
    """What the same person reported a moment ago: the manual asks them to phone and to mail, and both are one."""
    data = form.cleaned_data
    return callers.same_incident(
        desk, contact_id=data["contact"], phone=data["requester_phone"], email=data["requester_email"], now=now
    )


def _desk(request: Request) -> Desk:
    """The desk of the page: the one of the address, else the person's first."""
    request.desks = board.desks_of(request.actor)
    wished = request.GET.get("mesa")
    for desk in request.desks:
        if wished in (None, "", desk.slug):
            return desk
    raise Http404


@require_POST
@staff_door
def received(request: Request) -> HttpResponse:
    """*Recibí una llamada*: keep its hour, and go on to the form; the call can be written down later."""
    desk = _desk(request)
    note = calls.note_call(desk, by=request.actor, now=request.moment)
    at = localtime.hhmm(note.called_at, desk_queries.config(desk).zone)
    messages.success(request, _("Call noted at %s. Write it down now, or when you are done.") % at)
    return redirect(_note_address(note, desk))


@require_POST
@staff_door
def dropped(request: Request, pk: int) -> HttpResponse:
    """The noted call was nothing to register. Another desk's or person's is not there (404)."""
    if not calls.drop_note(pk, desk=_desk(request), by=request.actor, now=request.moment):
        raise Http404
    return redirect(f"{PATH}?cuando=antes")


def _noted(request: Request) -> int | None:
    """The noted call that the form is about, by the address."""
    text = request.GET.get("llamada", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _note_address(note: CallNote, desk: Desk) -> str:
    return f"{PATH}?{urlencode({'mesa': desk.slug, 'cuando': 'antes', 'llamada': note.pk})}"


def _registered(request: Request, ticket: Ticket) -> HttpResponse:
    text = _("Registered: %(number)s, %(subject)s") % {"number": ticket.number, "subject": ticket.subject}
    messages.success(request, text, extra_tags=_draft_key(request))
    tell_caught(request, "\n".join(request.POST.get(name, "") for name in ("subject", "description", "solution")))
    # A WhatsApp is answered from the ticket, where its answer stands ready.
    if request.POST.get("then") == "open" or ticket.channel == Channel.WHATSAPP:
        return redirect(f"/tickets/{ticket.number}/")
    return redirect(f"{PATH}?cuando=antes" if ticket.answered_at else PATH)


# ------------------------------------------------------------------ opening


def register(request: Request, desk: Desk, form: forms_calls.CallForm) -> Ticket:
    """Open the ticket of a validated form with all that the call was, or nothing of it."""
    with transaction.atomic():
        files = tuple(file_actions.store(upload, now=request.moment) for upload in form.cleaned_data["files"])
        intake = _intake(request, desk, form, files)
        ticket = actions.open_ticket(desk, intake, by=request.actor, now=request.moment)
        if isinstance(form, forms_calls.PastCallForm):
            ticket = _attended(request, ticket, form)
        noted = _noted(request)
        if noted is not None:  # with the ticket or not at all: the call is never written down twice
            calls.register_note(noted, ticket=ticket, by=request.actor)
        if form.cleaned_data["sensitive"]:
            calls.note_callback(
                ticket,
                by=request.actor,
                now=request.moment,
                number=form.cleaned_data["called_back"],
                on_file=form.on_file,
            )
    return ticket


def _attended(request: Request, ticket: Ticket, form: forms_calls.PastCallForm) -> Ticket:
    """Write the call into the ticket's journal, and escalate where that is how it ended."""
    data, by, now = form.cleaned_data, request.actor, request.moment
    start, end = form.instants()
    payer = data["price_accepted_by"].strip()
    actions.record_attention(
        ticket,
        by=by,
        now=now,
        method=data["support_method"] or SupportMethod.PHONE,
        started_at=start,
        ended_at=end,
        outcome=Outcome.RESOLVED if data["outcome"] == forms_calls.RESOLVED else Outcome.CONTINUES,
        consultant=data["attended_by"],
        price_accepted_by=payer,
        free_of_charge=not payer,
        settles=False,
    )
    ticket.refresh_from_db()
    if data["outcome"] == forms_calls.ESCALATED and ticket.status == Status.IN_PROGRESS:
        reason = (data["solution"] or data["description"])[: progress.MAX_REASON]
        return actions.escalate(ticket, by=by, now=now, reason=reason)
    return ticket


def _intake(request: Request, desk: Desk, form: forms_calls.CallForm, files: tuple[Attachment, ...]) -> Intake:
    data = form.cleaned_data
    product = form.config.product(data["product"]) if data["product"] else None
    return Intake(
        request_type=data["request_type"],
        affects_operation=data["impact"] != "none",
        impact=data["impact"],
        subject=data["subject"],
        description=form.told(),
        files=files,
        channel=data["channel"],
        support_method=data["support_method"],
        product=Product(pk=product.id, slug=product.slug, name=product.name, vendor_id=desk.vendor_id)
        if product
        else None,
        product_version=data["product_version"],
        client=_company(desk, form),
        client_rfc=data["client_rfc"],
        name=data["requester_name"],
        email=data["requester_email"],
        phone=data["requester_phone"],
        intake_key=data["key"],
        lessons=description.LESSONS,  # a colleague writes it: flagged, never held
        **_times(form, data),
    )


def _times(form: forms_calls.CallForm, data: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(form, forms_calls.PastCallForm):
        return {}
    start, end = form.instants()
    times: dict[str, Any] = {"occurred_at": start, "answered_at": start, "attended_by": data["attended_by"]}
    if data["outcome"] == forms_calls.RESOLVED:
        times |= {"resolved_at": end, "solution": data["solution"]}
    return times


def _company(desk: Desk, form: forms_calls.CallForm) -> Client | None:
    """The company of the caller who was chosen; a typed RFC is looked up by the action."""
    contact_id = form.cleaned_data["contact"]
    if not contact_id or form.cleaned_data["client_rfc"]:
        return None
    caller = callers.caller(desk.vendor_id, contact_id, None)
    return Client.objects.filter(pk=caller.client_id).first() if caller and caller.client_id else None


def _append(request: Request, desk: Desk, number: str) -> HttpResponse:
    """It is about a ticket that is there: what was typed goes to it as a note, and the page of that ticket opens."""
    ticket = queries.visible(request.actor).filter(number=number.upper(), desk=desk).first()
    if ticket is None:
        raise Http404
    text = request.POST.get("description", "").strip()
    if request.POST.get("channel") == "whatsapp":
        text = whatsapp.tidy(text)
    if text:
        name = request.POST.get("requester_name", "").strip() or ticket.requester_name
        body = _("%(name)s called: %(text)s") % {"name": name, "text": text}
        actions.add_message(ticket, by=request.actor, now=request.moment, body=body, internal=True)
        messages.success(request, _("Added to %s.") % ticket.number, extra_tags=_draft_key(request))
        tell_caught(request, text)
    return redirect(f"/tickets/{ticket.number}/")


def _preview_only(request: Request, desk: Desk, form: forms_calls.CallForm) -> HttpResponse:
    return draw(
        request, "tickets/log_call.html", {"preview": call_preview.preview(request, desk, form)}, part="preview"
    )


# ------------------------------------------------------------------ drawing


def unregistered(desk: Desk, config: DeskConfig, now: datetime) -> list[dict[str, Any]]:
    """The calls that somebody attended and nobody has written down. 1 query."""
    return [
        {
            "number": note.about.number if note.about else localtime.hhmm(note.called_at, config.zone),
            "who": note.user.name,
            "when": localtime.when(note.called_at, config.zone, now),
            "text": _("%s was woken") % note.user.name if note.about else note.user.name,
            "href": f"/tickets/{note.about.number}/" if note.about else _note_address(note, desk),
            "drop_href": f"/llamadas/recibida/{note.pk}/descartar/?{urlencode({'mesa': desk.slug})}",
        }
        for note in callers.unregistered(desk.pk)
    ]


def _caller(request: Request, desk: Desk) -> Caller | None:
    contact, client = request.GET.get("contacto", ""), request.GET.get("empresa", "")
    if not (contact.isascii() and contact.isdigit() and len(contact) < 16):
        return None
    company = int(client) if client.isascii() and client.isdigit() and len(client) < 16 else None
    return callers.caller(desk.vendor_id, int(contact), company)


def _initial(request: Request, caller: Caller | None, config: DeskConfig, *, past: bool) -> dict[str, Any]:
    initial: dict[str, Any] = {"key": uuid.uuid4()}
    if caller is not None:
        initial |= {
            "contact": caller.contact_id,
            "requester_name": caller.name,
            "requester_phone": caller.phone,
            "requester_email": caller.email,
            "client_rfc": caller.rfc,
        }
    if past:
        initial |= {
            "occurred_on": request.moment.astimezone(config.zone).date(),
            "attended_by": request.actor.user_id,
        }
        noted = callers.noted(config.desk_id, _noted(request))
        if noted is not None:
            local = noted.called_at.astimezone(config.zone)
            initial |= {
                "occurred_on": local.date(),
                "started": localtime.hhmm(noted.called_at, config.zone),
                "attended_by": noted.user_id,
            }
    return initial


def _context(request: Request, desk: Desk, form: forms_calls.CallForm, caller: Caller | None) -> dict[str, Any]:
    config, past = form.config, isinstance(form, forms_calls.PastCallForm)
    lookup = request.GET.get("buscar", "").strip()
    found = callers.callers(desk.vendor_id, lookup) if lookup else []
    known = callers.lately(desk.pk, caller.contact_id, now=request.moment) if caller else []
    chosen = form["outcome"].value() if isinstance(form, forms_calls.PastCallForm) else ""
    return {
        "page_title": _("Register a call"),
        "past": past,
        "now_href": _address(request, cuando="ahora"),
        "past_href": _address(request, cuando="antes"),
        "form": form,
        "time_hint": call_preview.time_hint(desk, form) if past else "",
        "lookup": lookup,
        "matches": [_match(request, row) for row in found],
        "recent": [_recent(ticket, config, request.moment) for ticket in known],
        "outcomes": [
            {"value": value, "title": _(title), "hint": _(hint), "checked": value == chosen}
            for value, title, hint in OUTCOMES
        ],
        "preview": call_preview.preview(request, desk, form),
        "preview_href": _address(request, vista="previa"),
        "unregistered": unregistered(desk, config, request.moment),
        "received_href": f"/llamadas/recibida/?{urlencode({'mesa': desk.slug})}",
        "cancel_href": "/cola/",
        "draft_key": _draft_key(request),
    }


def _draft_key(request: Request) -> str:
    """Under which the machine keeps what a person types, whatever the mode of the form."""
    return f"llamada/{request.user.pk}"


def _address(request: Request, **changes: str) -> str:
    kept = {name: request.GET[name] for name in ("cuando", "mesa", "contacto", "empresa") if request.GET.get(name)}
    return f"{PATH}?{urlencode({**kept, **changes})}"


def _match(request: Request, caller: Caller) -> dict[str, Any]:
    return {
        "contact_id": caller.contact_id,
        "name": caller.name,
        "company": caller.company or caller.name,
        "rfc": caller.rfc,
        "phone": caller.phone,
        "email": caller.email,
        "plan": caller.plan,
        "plan_tone": "ok",
        "use_href": _address(request, contacto=str(caller.contact_id), empresa=str(caller.client_id)),
    }


def _recent(ticket: Ticket, config: DeskConfig, now: datetime) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "href": f"/tickets/{ticket.number}/",
        "subject": ticket.subject,
        "status": ticket.status,
        "when": localtime.when(ticket.opened_at, config.zone, now),
    }
