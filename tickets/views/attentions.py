"""A ticket's appointment, journal and prices: the page of all three, the proposed hours, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from tickets import actions, agenda, lifecycle, openings, pricing, queries, reasons, slots
from tickets.actions import appointments, attentions, prices
from tickets.forms import add_errors
from tickets.forms_agenda import FIELD_NAMES, MINUTES, AttentionForm, FinishForm, SlotForm, WishForm
from tickets.models import Appointment, Ticket
from tickets.presenters import agenda as present
from tickets.queries import agenda as agenda_queries
from tickets.verbs import VERBS
from tickets.views.doors import Request, draw, message_of, staff_door, worked

_JOURNAL: Final = lifecycle.OPEN | lifecycle.SETTLED


# ------------------------------------------------------------------ choosing an hour


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def schedule(request: Request, number: str) -> HttpResponse:
    """Propose hours (`?metodo=&minutos=`) and book one: 303 on success, 422 with the form on error."""
    ticket = worked(request, number)
    try:
        VERBS["schedule"].guard(ticket, request.actor)
    except Forbidden as refusal:
        raise PermissionDenied(str(refusal.message)) from refusal
    config = desk_queries.config(ticket.desk)
    row = queries.appointment(ticket)
    wish = WishForm(request.GET or None, ticket=ticket, config=config)
    method, minutes = _asked(request, wish, row)
    free = openings.free(ticket, method=method, minutes=minutes, now=request.moment)
    data = request.POST if request.method == "POST" else None
    place = row.place if row and row.method == method else _branch(ticket, method)
    form = SlotForm(
        data, ticket=ticket, config=config, slots=free, auto_id="schedule_%s",
        initial={"method": method, "minutes": str(minutes), "place": place},
    )  # fmt: skip
    if data is not None and form.is_valid() and _book(request, ticket, form):
        return redirect(f"/tickets/{ticket.number}/")
    price = prices.price_of(ticket, method, now=request.moment)
    context = {
        "page_title": f"{_('Schedule an attention')} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": f"/tickets/{ticket.number}/"},
        "booked": present.booked(row, ticket, config, now=request.moment),
        "wish": WishForm({"metodo": method, "minutos": str(minutes)}, ticket=ticket, config=config),
        "days": present.days_of_slots(slots.choose(free, config.zone), config, str(form["slot"].value() or "")),
        "form": form,
        "price": pricing.money(price) if price is not None else "",
        "href": f"/tickets/{ticket.number}/schedule/",
    }
    return draw(request, "tickets/schedule.html", context, status=422 if form.is_bound else 200)


def _asked(request: Request, wish: WishForm, row: Appointment | None) -> tuple[str, int]:
    """Method and minutes: of the form that comes back, of the question, of what is booked, of the ticket."""
    if request.method == "POST":
        posted = WishForm(
            {"metodo": request.POST.get("method", ""), "minutos": request.POST.get("minutes", "")},
            ticket=wish.ticket, config=desk_queries.config(wish.ticket.desk),
        )  # fmt: skip
        return posted.wish()
    if row is not None and not wish.is_bound:
        return row.method, row.minutes if str(row.minutes) in MINUTES else openings.DEFAULT_MINUTES
    return wish.wish()


def _branch(ticket: Ticket, method: str) -> str:
    if method != "on_site" or ticket.branch is None:
        return ""
    return f"{ticket.branch.name}, {ticket.branch.address}".strip(", ")


def _book(request: Request, ticket: Ticket, form: SlotForm) -> bool:
    try:
        actions.schedule(ticket, by=request.actor, now=request.moment, **form.values())
    except Invalid as refusal:
        add_errors(form, refusal.errors, lambda field: FIELD_NAMES.get(field, field))
        return False
    except Conflict as refusal:
        if refusal.code != "double_booking":
            raise
        form.add_error("slot", message_of(refusal))
        return False
    messages.success(request, f"{ticket.number}: {_('scheduled.')}")
    return True


# ------------------------------------------------------------------ the page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """Appointment, journal and prices of a ticket; a POST writes down an attention that nobody planned."""
    ticket = worked(request, number)
    if request.method != "POST":
        return _page(request, ticket)
    form = _attention_form(request, ticket, request.POST)
    if form.is_valid():
        try:
            actions.record_attention(ticket, by=request.actor, now=request.moment, **form.values())
        except (Invalid, Conflict) as refusal:
            _blame(form, refusal, "accepted_by")
        else:
            messages.success(request, f"{ticket.number}: {_('the attention is written down.')}")
            return redirect(f"/tickets/{ticket.number}/atenciones/")
    return _page(request, ticket, attention=form, status=422)


def _page(
    request: Request,
    ticket: Ticket,
    *,
    attention: AttentionForm | None = None,
    finish: FinishForm | None = None,
    told: tuple[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Five statements besides those of the frame. `told` is the price whose form came back, and why."""
    config, now = desk_queries.config(ticket.desk), request.moment
    rows = agenda_queries.appointments(ticket)
    live = next((row for row in rows if row.state in agenda.LIVE), None)
    booked = present.booked(live, ticket, config, now=now)
    consents = agenda_queries.consents(ticket)
    home = f"/tickets/{ticket.number}/"
    context = {
        "page_title": f"{_('Attentions')} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": home},
        "booked": booked,
        "past": present.past(rows, config, now=now),
        "journal": present.journal(agenda_queries.journal(ticket), config, now=now),
        "prices": present.prices(consents, ticket, config, now=now),
        "told": {"id": told[0], "error": told[1]} if told else None,
        "ask": _askable(ticket, request),
        "absences": present.absences(agenda_queries.missed(ticket, now=now)),
        "schedule_href": f"/tickets/{ticket.number}/schedule/"
        if VERBS["schedule"].offered(ticket, request.actor)
        else "",
        "finish": finish or (FinishForm(auto_id="finish_%s") if booked and booked["finish_href"] else None),
        "attention": attention or _attention_form(request, ticket),
        "href": f"{home}atenciones/",
    }
    if ticket.status not in _JOURNAL:
        context["attention"] = None
    return draw(request, "tickets/attentions.html", context, status=status)


def _askable(ticket: Ticket, request: Request) -> list[dict[str, str]]:
    """The ways of attending that cost the client extra. Once a page, few of them."""
    if ticket.status not in lifecycle.OPEN:
        return []
    found = []
    for method in desk_queries.config(ticket.desk).support_methods:
        price = prices.price_of(ticket, method, now=request.moment)
        if price is not None:
            words = reasons.method(method).capitalize()
            found.append({"method": method, "text": f"{words}: {pricing.money(price)}"})
    return found


def _attention_form(request: Request, ticket: Ticket, data: Any = None) -> AttentionForm:
    config = desk_queries.config(ticket.desk)
    local = request.moment.astimezone(config.zone)
    initial = {
        "day": local.date(),
        "method": ticket.support_method,
        "consultant": request.actor.user_id,
        "ended": local.time(),
    }
    costs = any(plan.extra_prices for plan in config.plans)
    return AttentionForm(data, config=config, costs=costs, initial=initial, auto_id="atencion_%s")


def _blame(form: django_forms.Form, refusal: Invalid | Conflict, otherwise: str) -> None:
    """Put a refusal at its field; what has none at `otherwise`, or on top."""
    if isinstance(refusal, Invalid):
        add_errors(form, refusal.errors, lambda field: FIELD_NAMES.get(field, field))
        return
    at = otherwise if refusal.code == "price_not_accepted" and otherwise in form.fields else None
    form.add_error(at, message_of(refusal))


# ------------------------------------------------------------------ the appointment


@require_POST
@staff_door
def step(request: Request, number: str, step: str) -> HttpResponse:
    """Begin to attend, end, call off, or say that nobody came."""
    ticket = worked(request, number)
    if step == "terminar":
        return _finish(request, ticket)
    if step not in _STEPS:
        raise Http404
    act, done = _STEPS[step]
    act(ticket, by=request.actor, now=request.moment)
    messages.success(request, f"{ticket.number}: {_(done)}")
    return redirect(f"/tickets/{ticket.number}/atenciones/")


_STEPS: Final[dict[str, tuple[Callable[..., Ticket], str]]] = {
    "atender": (attentions.attend, gettext_noop("the attention has begun.")),
    "cancelar": (appointments.cancel, gettext_noop("the appointment is called off; the client is told.")),
    "ausencia": (appointments.missed, gettext_noop("the hour is released; the client chooses another one.")),
}


def _finish(request: Request, ticket: Ticket) -> HttpResponse:
    form = FinishForm(request.POST, auto_id="finish_%s")
    if form.is_valid():
        values = form.cleaned_data
        try:
            attentions.finish(
                ticket, by=request.actor, now=request.moment, outcome=values["outcome"], note=values["note"]
            )
        except Invalid as refusal:
            _blame(form, refusal, "note")
        else:
            messages.success(request, f"{ticket.number}: {_('the attention has ended.')}")
            return redirect(f"/tickets/{ticket.number}/")
    return _page(request, ticket, finish=form, status=422)


# ------------------------------------------------------------------ prices


@require_POST
@staff_door
def ask_price(request: Request, number: str) -> HttpResponse:
    """Ask the client by mail whether they accept what a method costs."""
    ticket = worked(request, number)
    prices.ask(ticket, by=request.actor, now=request.moment, method=request.POST.get("method", ""))
    messages.success(request, f"{ticket.number}: {_('the client is asked; the answer comes by the link.')}")
    return redirect(f"/tickets/{ticket.number}/atenciones/")


@require_POST
@staff_door
def told_price(request: Request, number: str, pk: int) -> HttpResponse:
    """Keep what the client said by telephone about a price."""
    ticket = worked(request, number)
    if not ticket.price_consents.filter(pk=pk).exists():
        raise Http404
    accepted, told_by = request.POST.get("do") != "decline", request.POST.get("told_by", "")
    try:
        prices.answer(ticket, by=request.actor, now=request.moment, consent_id=pk, accepted=accepted, told_by=told_by)
    except Invalid as refusal:
        return _page(request, ticket, told=(pk, str(refusal.errors[0].message)), status=422)
    messages.success(request, f"{ticket.number}: {_('the answer is kept.')}")
    return redirect(f"/tickets/{ticket.number}/atenciones/")
