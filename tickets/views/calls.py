"""*Registrar llamada*: a call that is going on, or one that was attended before it is written down."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
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
from core import faces, localtime
from core.errors import Invalid
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk, Product
from schedules import businesstime
from schedules import queries as schedule_queries
from tickets import actions, description, forms, planning, queries
from tickets.actions import calls, progress
from tickets.intake import Intake
from tickets.lifecycle import Status
from tickets.models import CallNote, Ticket
from tickets.presenters import faces as clock_faces
from tickets.queries import board, callers
from tickets.queries.callers import Caller
from tickets.views.doors import Request, draw, staff_door, tell_caught

PATH: Final = "/llamadas/nueva/"
OUTCOMES: Final = (
    (forms.RESOLVED, gettext_noop("Resolved"), gettext_noop("It closes if the client confirms")),
    (forms.PENDING, gettext_noop("Still open"), gettext_noop("Whoever attended goes on with it")),
    (forms.ESCALATED, gettext_noop("Escalated"), gettext_noop("The superior is told at once")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def new(request: Request) -> HttpResponse:
    """Draw the form, or open the ticket of a call: 422 with the form when something is missing."""
    desk = _desk(request)
    config = desk_queries.config(desk)
    past = request.GET.get("cuando") == "antes"
    kind = forms.PastCallForm if past else forms.CallForm
    if request.method == "POST" and request.GET.get("vista") == "previa":
        return _preview_only(request, desk, kind(request.POST, config=config))
    if request.method == "POST" and request.POST.get("append"):
        return _append(request, desk, request.POST["append"])
    caller = _caller(request, desk)
    if request.method != "POST":
        form = kind(config=config, initial=_initial(request, caller, config, past=past))
        return draw(request, "tickets/log_call.html", _context(request, desk, form, caller, past=past))
    form = kind(request.POST, config=config)
    if form.is_valid():
        try:
            ticket = register(request, desk, form)
        except Invalid as refusal:
            forms.add_errors(form, refusal.errors, lambda name: forms.FIELD_NAMES.get(name, name))
        else:
            return _registered(request, ticket, past=past)
    return draw(request, "tickets/log_call.html", _context(request, desk, form, caller, past=past), status=422)


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


def _registered(request: Request, ticket: Ticket, *, past: bool) -> HttpResponse:
    messages.success(request, _("Registered: %(number)s, %(subject)s") % {
        "number": ticket.number, "subject": ticket.subject,
    })  # fmt: skip
    tell_caught(request, "\n".join(request.POST.get(name, "") for name in ("subject", "description", "solution")))
    if request.POST.get("then") == "open":
        return redirect(f"/tickets/{ticket.number}/")
    return redirect(f"{PATH}?cuando=antes" if past else PATH)


# ------------------------------------------------------------------ opening


def register(request: Request, desk: Desk, form: forms.CallForm) -> Ticket:
    """Open the ticket of a validated form, and escalate it where that is how the call ended."""
    past = isinstance(form, forms.PastCallForm)
    with transaction.atomic():
        ticket = actions.open_ticket(desk, _intake(request, desk, form), by=request.actor, now=request.moment)
        if past and form.cleaned_data["outcome"] == forms.ESCALATED and ticket.status == Status.IN_PROGRESS:
            reason = (form.cleaned_data["solution"] or form.cleaned_data["description"])[: progress.MAX_REASON]
            ticket = actions.escalate(ticket, by=request.actor, now=request.moment, reason=reason)
        noted = _noted(request)
        if noted is not None:  # with the ticket or not at all: the call is never written down twice
            calls.register_note(noted, ticket=ticket, by=request.actor)
    return ticket


def _intake(request: Request, desk: Desk, form: forms.CallForm) -> Intake:
    data = form.cleaned_data
    product = form.config.product(data["product"]) if data["product"] else None
    return Intake(
        request_type=data["request_type"],
        affects_operation=data["impact"] != "none",
        impact=data["impact"],
        subject=data["subject"],
        description=data["description"],
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


def _times(form: forms.CallForm, data: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(form, forms.PastCallForm):
        return {}
    start, end = form.instants()
    times: dict[str, Any] = {"occurred_at": start, "answered_at": start, "attended_by": data["attended_by"]}
    if data["outcome"] == forms.RESOLVED:
        times |= {"resolved_at": end, "solution": data["solution"]}
    return times


def _company(desk: Desk, form: forms.CallForm) -> Client | None:
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
    if text:
        name = request.POST.get("requester_name", "").strip() or ticket.requester_name
        body = _("%(name)s called: %(text)s") % {"name": name, "text": text}
        actions.add_message(ticket, by=request.actor, now=request.moment, body=body, internal=True)
        messages.success(request, _("Added to %s.") % ticket.number)
        tell_caught(request, text)
    return redirect(f"/tickets/{ticket.number}/")


# ------------------------------------------------------------------ drawing


def unregistered(desk: Desk, config: DeskConfig, now: datetime) -> list[dict[str, Any]]:
    """The calls that somebody attended and nobody has written down. 1 query."""
    return [
        {
            "number": localtime.hhmm(note.called_at, config.zone),
            "who": note.user.name,
            "when": localtime.when(note.called_at, config.zone, now),
            "text": note.user.name,
            "href": _note_address(note, desk),
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


def _context(
    request: Request, desk: Desk, form: forms.CallForm, caller: Caller | None, *, past: bool
) -> dict[str, Any]:
    config = form.config
    lookup = request.GET.get("buscar", "").strip()
    found = callers.callers(desk.vendor_id, lookup) if lookup else []
    known = callers.lately(desk.pk, caller.contact_id, now=request.moment) if caller else []
    chosen = form["outcome"].value() if isinstance(form, forms.PastCallForm) else ""
    return {
        "page_title": _("Register a call"),
        "past": past,
        "now_href": _address(request, cuando="ahora"),
        "past_href": _address(request, cuando="antes"),
        "form": form,
        "time_hint": _time_hint(desk, form) if past else "",
        "lookup": lookup,
        "matches": [_match(request, row) for row in found],
        "recent": [_recent(ticket, config, request.moment) for ticket in known],
        "outcomes": [
            {"value": value, "title": _(title), "hint": _(hint), "checked": value == chosen}
            for value, title, hint in OUTCOMES
        ],
        "preview": preview(request, desk, form),
        "preview_href": _address(request, vista="previa"),
        "unregistered": unregistered(desk, config, request.moment),
        "received_href": f"/llamadas/recibida/?{urlencode({'mesa': desk.slug})}",
        "cancel_href": "/cola/",
    }


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
        "plan": "",
        "plan_tone": "mute",
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


# ------------------------------------------------------------------ how it will be kept


def _preview_only(request: Request, desk: Desk, form: forms.CallForm) -> HttpResponse:
    return draw(request, "tickets/log_call.html", {"preview": preview(request, desk, form)}, part="preview")


def preview(request: Request, desk: Desk, form: forms.CallForm) -> dict[str, Any] | None:
    """The timeline and the clocks as they will stand; None while hours or kind are missing."""
    if not form.is_bound:
        return None
    form.is_valid()  # fills what can be read
    data = form.cleaned_data
    if not data.get("request_type") or not data.get("impact"):
        return None
    if isinstance(form, forms.PastCallForm):
        return _past_preview(request, desk, form) if {"occurred_on", "started", "ended"} <= set(data) else None
    plan = _plan(desk, data, request.moment)
    zone = form.config.zone
    rows = [
        {"name": _(clock_faces.NAMES[kind]), "face": faces.clock_face(
            kind, target_minutes=target.minutes, due_at=plan.dues[kind], tz=zone, now=request.moment)}
        for kind, target in plan.targets.items() if kind in plan.dues and kind != "next_update"
    ]  # fmt: skip
    return {"steps": [], "clocks": rows}


def _plan(desk: Desk, data: dict[str, Any], at: datetime) -> planning.Plan:
    return planning.plan(desk, request_type=data["request_type"], affects_operation=data["impact"] != "none", at=at)


def _past_preview(request: Request, desk: Desk, form: forms.PastCallForm) -> dict[str, Any]:
    data, config, now = form.cleaned_data, form.config, request.moment
    start, end = form.instants()
    attended = config.member(data.get("attended_by"))
    steps = [
        _step("phone", "warn", start, config, _("Call attended by %s") % (attended.name if attended else "")),
    ]
    resolved = data.get("outcome") == forms.RESOLVED
    if resolved:
        steps.append(_step("check", "ok", end, config, _("Resolved")))
    later = localtime.minutes_label(max(0.0, (now - end).total_seconds() / 60))
    noted = _("Noted by %(name)s, %(later)s later") % {"name": request.actor.label, "later": later}
    steps.append(_step("edit", "mute", now, config, noted))
    return {"steps": steps, "clocks": _past_clocks(desk, data, start, end if resolved else None)}


def _step(icon: str, tone: str, at: datetime, config: DeskConfig, text: str) -> dict[str, Any]:
    local = at.astimezone(config.zone)
    day = localtime.WEEKDAYS_SHORT[local.weekday()]
    return {"icon": icon, "tone": tone, "at": f"{day} {local:%H:%M}", "text": text, "why": []}


def _past_clocks(desk: Desk, data: dict[str, Any], start: datetime, end: datetime | None) -> list[dict[str, Any]]:
    plan = _plan(desk, data, start)
    rows = []
    for kind, until in (("first_response", start), ("resolution", end)):
        target = plan.targets.get(kind)
        if target is None or until is None:
            continue
        used = _used(desk, start, until, around=target.around_the_clock and desk.has_rota)
        face = faces.stopped_face(
            kind, used=used, target_minutes=target.minutes, breached=used > timedelta(minutes=target.minutes)
        )
        rows.append({"name": _(clock_faces.NAMES[kind]), "face": face})
    return rows


def _used(desk: Desk, start: datetime, end: datetime, *, around: bool) -> timedelta:
    return end - start if around else businesstime.elapsed(start, end, desk_queries.hours(desk, start))


def _time_hint(desk: Desk, form: forms.CallForm) -> str:
    """The day, how long the call was, and whose turn it fell into; "" until the hours can be read."""
    if not form.is_bound or not isinstance(form, forms.PastCallForm):
        return ""
    data = getattr(form, "cleaned_data", {})
    if not {"occurred_on", "started", "ended"} <= set(data):
        return ""
    start, end = form.instants()
    words = [localtime.long_day(data["occurred_on"]).capitalize()]
    status = businesstime.status(start, desk_queries.hours(desk, start))
    if status.reason.name:
        words[0] += f", {status.reason.name}"
    words.append(localtime.minutes_label((end - start).total_seconds() / 60))
    turn = schedule_queries.on_call(desk.rota_id, start) if desk.rota_id else None
    member = form.config.member(turn.user_id) if turn else None
    if member is not None:
        words.append(_("in the turn of %s") % member.name)
    return " · ".join(words) + "."
