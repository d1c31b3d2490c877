"""`/tickets/{number}/anticipo/`: stamps in advance for a client who cannot invoice while their order is on its way."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core.errors import Conflict, Invalid
from stamps.actions import advancing
from stamps.forms import Whole
from stamps.models import StampOrder
from stamps.presenters import orders as present
from tickets.actions import guards
from tickets.models import Ticket
from tickets.views.doors import Request, draw, message_of, staff_door, worked


class AdvanceForm(forms.Form):
    """For which order, and how many."""

    order = forms.ChoiceField(label=gettext_lazy("Order"), widget=forms.RadioSelect)
    amount = Whole(label=gettext_lazy("Stamps in advance"))

    def __init__(self, *args: Any, orders: list[StampOrder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["order"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(str(order.pk), _label(order)) for order in orders]
        if len(orders) == 1:
            field.initial = str(orders[0].pk)
        for control in self.fields.values():
            control.error_messages["required"] = _("This is needed.")


def _label(order: StampOrder) -> str:
    return f"{order.number} · {order.quantity:,} · {order.trade_name} · {present.name(order.status)}"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def index(request: Request, number: str) -> HttpResponse:
    """Show what may be granted, or grant it: 302, 422 with what was typed, 409 with why not."""
    ticket = worked(request, number)
    if not guards.answers_for(ticket, request.actor, request.moment):
        raise PermissionDenied
    orders = advancing.orders_of(ticket)
    form = AdvanceForm(request.POST or None, orders=orders)
    if request.method != "POST" or not form.is_valid():
        return _draw(request, ticket, orders, form, status=422 if request.method == "POST" else 200)
    order = next(one for one in orders if str(one.pk) == form.cleaned_data["order"])
    try:
        row = advancing.advance(ticket, order, amount=form.cleaned_data["amount"], by=request.actor, now=request.moment)
    except Invalid as refusal:
        for error in refusal.errors:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _draw(request, ticket, orders, form, status=422)
    except Conflict as refusal:
        messages.warning(request, message_of(refusal))
        return _draw(request, ticket, orders, form, status=409)
    messages.success(request, _("%s stamps advanced; client and sales are told.") % f"{row.amount:,}")
    return redirect(f"/tickets/{ticket.number}/")


def _draw(
    request: Request, ticket: Ticket, orders: list[StampOrder], form: AdvanceForm, *, status: int = 200
) -> HttpResponse:
    href = f"/tickets/{ticket.number}/"
    context = {
        "page_title": f"{_('Stamps in advance')} · {ticket.number}",
        "t": {"number": ticket.number, "subject": ticket.subject, "href": href},
        "form": form,
        "orders": [
            {"value": str(order.pk), "title": order.number, "hint": _label(order), "checked": n == 0, "disabled": False}
            for n, order in enumerate(orders)
        ],
        "cap": f"{advancing.cap(ticket):,}",
        "href": f"{href}anticipo/",
    }
    return draw(request, "stamps/advance.html", context, status=status)
