"""`/timbres/{number}/` for the desk's people: the order, its timeline, and its verbs as forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Conflict, DomainError, Forbidden, Invalid
from desks import queries as desk_queries
from stamps import actions, links, queries, verbs
from stamps.actions import billing
from stamps.forms import VerbForm
from stamps.lifecycle import ENDED, OrderStatus
from stamps.models import OrderTerms, StampOrder
from stamps.presenters import orders as present
from stamps.verbs import VERBS, Verb
from stamps.views import papers
from stamps.views.doors import Request, draw, seller_door, visible
from stamps.views.vault import rows as vault_rows
from tickets.views.doors import message_of

# Where one came from and goes back to; everything else ends at the order.
RETURNS = ("/timbres/",)


def detail(
    request: Request, order: StampOrder, *, typed: VerbForm | None = None, link: str = "", status: int = 200
) -> HttpResponse:
    """The page of an order; `typed` is a form that came back, `link` one for the client, shown this once."""
    config, now, actor = desk_queries.config(order.desk), request.moment, request.actor
    offered = verbs.offered(order, actor)
    main = verbs.main_of(order, actor)
    forms = {verb.slug: _form(request, order, verb) for verb in offered}
    wrong = getattr(typed, "slug", "")
    if typed is not None and wrong:
        forms[wrong] = typed
    shown = [_panel(order, verb, forms[verb.slug], is_open=verb is main or verb.slug == wrong) for verb in offered]
    context = {
        "page_title": f"{order.number} · {order.trade_name}",
        "form": typed,
        "o": {
            "number": order.number,
            "trade_name": order.trade_name,
            "status": present.name(order.status),
            "tone": present.tone(order.status),
            "urgent": order.urgent and order.status not in ENDED,
            "desk": order.desk.name,
            "age": "" if order.status in ENDED else present.aged(order, now),
            "cancel_reason": order.cancel_reason,
        },
        "panels": sorted(shown, key=lambda panel: not panel["open"]),
        "steps": present.steps(order, config, now),
        "facts": present.facts(order),
        "contact": present.contact(order),
        "amounts": present.amounts(order),
        "payments": present.payments(queries.payments(order)),
        "owing": _owing(order),
        "in_favour": _in_favour(order),
        "papers": present.papers(order, f"/timbres/{order.number}/", f"?mesa={order.desk.slug}", config, now),
        "billing": present.billing(billing.billing_of(order)),
        "terms": order.get_terms_display() if order.terms != OrderTerms.PREPAID else "",
        "skip_reason": order.skip_reason,
        "link_href": links.path(order) if order.contact_id and order.is_sold_by(actor) else "",
        "link": link,
        "vault": vault_rows(request, order),
        "timeline": present.timeline(order.events.order_by("-pk"), config, now),
    }
    return draw(request, "stamps/order.html", context, status=status)


def _owing(order: StampOrder) -> str:
    owing = actions.owed(order) if order.price and order.status != OrderStatus.REQUESTED else None
    return present.money(owing) if owing else ""


def _in_favour(order: StampOrder) -> str:
    free = actions.in_favour(order)
    return present.money(free) if free else ""


def _form(request: Request, order: StampOrder, verb: Verb, *, sent: bool = False) -> VerbForm:
    config = desk_queries.config(order.desk)
    today = request.moment.astimezone(config.zone).date()
    data, files = (request.POST, request.FILES) if sent else (None, None)
    form = verb.form(data, files, order=order, config=config, today=today, auto_id=f"id_{verb.slug}_%s")
    form.slug = verb.slug
    return form


def _panel(order: StampOrder, verb: Verb, form: VerbForm, *, is_open: bool) -> dict[str, Any]:
    return {
        "slug": verb.slug,
        "title": verb.title,
        "intro": verb.intro,
        "submit": verb.submit,
        "icon": verb.icon,
        "danger": verb.danger,
        "main": verb.main,
        "open": is_open,
        "href": present.address(order, verb),
        "form": form,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@seller_door
def verb(request: Request, number: str, slug: str) -> HttpResponse:
    """Use a verb: 302 on success, 422 with what was typed, 409 with the order as it stands. A GET shows the order."""
    if slug not in VERBS:
        raise Http404
    order = visible(request, number)
    one = VERBS[slug]
    if not one.allows(order, request.actor):
        raise PermissionDenied
    if request.method != "POST":
        return redirect(f"{links.page(order)}#{slug}")
    form = _form(request, order, one, sent=True)
    if not form.is_valid():
        return detail(request, order, typed=form, status=422)
    try:
        done = one.act(order, by=request.actor, now=request.moment, **form.values())
    except Invalid as refusal:
        blame(form, refusal)
        return detail(request, order, typed=form, status=422)
    except Conflict as refusal:
        return stands(request, order, refusal)
    except Forbidden as refusal:
        raise PermissionDenied(str(refusal.message)) from refusal
    messages.success(request, f"{order.number}: {one.done}")
    came_from = urlsplit(request.headers.get("Referer", ""))
    from_board = came_from.path in RETURNS
    if isinstance(done, StampOrder) and done.asked_url and not (from_board and order.contact_email):
        return detail(request, done, link=done.asked_url)
    query = f"?{came_from.query}" if came_from.query else ""
    return redirect(f"{came_from.path}{query}" if from_board else links.page(order))


def blame(form: VerbForm, refusal: DomainError) -> None:
    """Show at the fields what only the action could find."""
    for error in refusal.errors:
        name = error.field.removeprefix("contact.")
        form.add_error(name if name in form.fields else None, str(error.message))


def stands(request: Request, order: StampOrder, refusal: DomainError) -> HttpResponse:
    """The order as it stands now, with why nothing was done (409)."""
    messages.warning(request, message_of(refusal))
    fresh = StampOrder.objects.select_related("desk__vendor", "product", "assignee", "client").get(pk=order.pk)
    return detail(request, fresh, status=409)


# ------------------------------------------------------------------ papers


@require_safe
@seller_door
def paper(request: Request, number: str, file_id: str) -> HttpResponse:
    """A receipt or an invoice of the order."""
    return papers.file(visible(request, number), file_id)


@require_safe
@seller_door
def quote(request: Request, number: str) -> HttpResponse:
    """The quote as a letter."""
    return papers.quote(visible(request, number))
