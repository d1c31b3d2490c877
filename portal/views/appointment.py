"""A client's appointment: by signed link without an account, or signed in. A GET only shows: mail scanners open it."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Conflict, Forbidden, Invalid
from portal import booking, shell
from portal.forms_agenda import BookingForm
from portal.views import doors
from portal.views.ticket import Door, by_link, signed_in
from tickets import actions, invites, lifecycle, openings, pricing, queries, slots
from tickets.actions import agenda_mail, appointments, prices
from tickets.lifecycle import SupportMethod
from tickets.models import Appointment
from tickets.presenters import agenda as present
from tickets.queries import agenda as agenda_queries

MINUTES: Final = openings.DEFAULT_MINUTES
_GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
_REFUSALS: Final = frozenset({"double_booking", "being_attended", "no_appointment", "price_answered"})
STEPS: Final = frozenset({"confirmar", "cancelar", "costo"})


@_GET_OR_POST
@by_link
def link(request: HttpRequest, door: Door) -> HttpResponse:
    """The appointment of a link; a POST books or moves it."""
    return _index(request, door)


@_GET_OR_POST
@login_required
def index(request: HttpRequest, number: str) -> HttpResponse:
    """The same, of a client who is signed in."""
    return doors.private(_index(request, signed_in(request, number)))


@_GET_OR_POST
@by_link
def link_step(request: HttpRequest, door: Door, step: str) -> HttpResponse:
    """Confirm, call off, or answer what it costs, by link."""
    return _step(request, door, step)


@_GET_OR_POST
@login_required
def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """The same, signed in."""
    return doors.private(_step(request, signed_in(request, number), step))


@require_safe
@by_link
def link_ics(request: HttpRequest, door: Door) -> HttpResponse:
    """The appointment for the client's own calendar."""
    return _ics(door)


@require_safe
@login_required
def ics(request: HttpRequest, number: str) -> HttpResponse:
    """The same, signed in."""
    return doors.private(_ics(signed_in(request, number)))


def _base(door: Door) -> str:
    return f"{door.verbs}cita/"


# ------------------------------------------------------------------ the page


def _index(request: HttpRequest, door: Door) -> HttpResponse:
    if request.method != "POST":
        return _page(request, door)
    row = queries.appointment(door.ticket)
    method = _method(request.POST.get("method", ""), door, row)
    form = _form(request.POST, door, row, method)
    if form.is_valid():
        try:
            actions.schedule(
                door.ticket,
                by=door.actor,
                now=door.scene.now,
                method=method,
                starts_at=form.starts_at(),
                minutes=_minutes(row),
                place=form.cleaned_data["place"] if form.visit else None,
                accept_price=form.cleaned_data["accept"],
            )
        except Forbidden as refusal:
            raise PermissionDenied from refusal
        except Invalid as refusal:
            for error in refusal.errors:
                form.add_error(error.field if error.field in form.fields else "slot", str(error.message))
        except Conflict as refusal:
            form.add_error("slot", door.scene.config.say(_refused(refusal)))
        else:
            return _done(request, door, "booking.done_moved" if row else "booking.done_booked")
    return _page(request, door, form=form, status=doors.UNPROCESSABLE)


def _minutes(row: Appointment | None) -> int:
    return row.minutes if row else MINUTES


def _method(asked: str, door: Door, row: Appointment | None) -> str:
    """What was asked for, what is booked, what the ticket says, else the first that the desk offers."""
    offered = door.scene.config.support_methods or tuple(SupportMethod.values)
    wanted = (asked, row.method if row else "", door.ticket.support_method)
    return next((method for method in wanted if method in offered), offered[0])


def _form(data: Any, door: Door, row: Appointment | None, method: str) -> BookingForm:
    """The hours of a method. 3 queries."""
    ticket, now = door.ticket, door.scene.now
    price = prices.price_of(ticket, method, now=now)
    if price is not None and prices.usable(ticket, method) is not None:
        price = None
    return BookingForm(
        data,
        config=door.scene.config,
        slots=openings.free(ticket, method=method, minutes=_minutes(row), now=now),
        price=pricing.money(price) if price is not None else "",
        visit=method == SupportMethod.ON_SITE,
        initial={"method": method, "place": row.place if row and row.method == method else ""},
    )


def _page(request: HttpRequest, door: Door, *, form: BookingForm | None = None, status: int = 200) -> HttpResponse:
    ticket, scene = door.ticket, door.scene
    config, base = scene.config, _base(door)
    row = queries.appointment(ticket)
    open_now = ticket.status in lifecycle.OPEN and (row is None or row.state == Appointment.State.BOOKED)
    method = _method(form["method"].value() if form else request.GET.get("metodo", ""), door, row)
    if open_now and form is None:
        form = _form(None, door, row, method)
    chosen = str(form["slot"].value() or "") if form else ""
    offered = slots.choose(form.slots if form else (), config.zone)
    context = {
        **shell.around(config, now=scene.now, actor=None if door.by_link else door.actor, signs_in=False),
        "page_title": f"{config.say('booking_title')} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": door.base},
        "appointment": booking.card(ticket, row, base, scene),
        "prices": booking.prices(agenda_queries.consents(ticket), base, scene),
        "methods": booking.methods(ticket, method, base, scene),
        "form": form if open_now else None,
        "days": present.days_of_slots(offered, config, chosen) if open_now else [],
        "hint": config.say("booking.hint", minutes=_minutes(row)),
        "accept": config.say("booking.accept", price=form.price) if form and form.price else "",
        "href": base,
    }
    return render(request, "portal/appointment.html", context, status=status)


# ------------------------------------------------------------------ steps


def _step(request: HttpRequest, door: Door, slug: str) -> HttpResponse:
    if slug not in STEPS:
        raise Http404
    if request.method != "POST":
        return redirect(_base(door))
    try:
        return _DO[slug](request, door)
    except Forbidden as refusal:
        raise PermissionDenied from refusal
    except Conflict as refusal:
        messages.warning(request, door.scene.config.say(_refused(refusal)))
        return _page(request, door, status=409)


def _confirm(request: HttpRequest, door: Door) -> HttpResponse:
    appointments.confirm(door.ticket, by=door.actor, now=door.scene.now)
    return _done(request, door, "booking.done_confirmed")


def _cancel(request: HttpRequest, door: Door) -> HttpResponse:
    appointments.cancel(door.ticket, by=door.actor, now=door.scene.now)
    return _done(request, door, "booking.done_cancelled")


def _answer(request: HttpRequest, door: Door) -> HttpResponse:
    text = request.POST.get("consent", "")
    consent_id = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    accepted = request.POST.get("do") != "decline"
    try:
        prices.answer(door.ticket, by=door.actor, now=door.scene.now, consent_id=consent_id, accepted=accepted)
    except Invalid:
        messages.warning(request, door.scene.config.say("refused.state"))
        return _page(request, door, status=409)
    return _done(request, door, "booking.done_accepted" if accepted else "booking.done_declined")


_DO: Final = {"confirmar": _confirm, "cancelar": _cancel, "costo": _answer}


def _refused(refusal: Conflict) -> str:
    return f"booking.refused_{refusal.code}" if refusal.code in _REFUSALS else "refused.state"


def _done(request: HttpRequest, door: Door, key: str) -> HttpResponse:
    messages.success(request, door.scene.config.say(key))
    return doors.see_other(_base(door))


def _ics(door: Door) -> HttpResponse:
    row = queries.appointment(door.ticket)
    if row is None:
        raise Http404
    entry = agenda_mail.entry(door.ticket, row, door.scene.config, for_client=True)
    text = invites.render([entry], method=invites.PUBLISH, now=door.scene.now)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="cita.ics"'
    return response
