"""One order of stamps for its client: by signed link without an account, or signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import addresses, throttling
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, TooMany
from portal import desknow, orderpage, shell
from portal.desknow import Scene
from portal.forms import ReasonForm
from portal.views import doors
from portal.views.ticket import expired, private
from stamps import actions, links, queries
from stamps import verbs as staff_verbs
from stamps.actions import billing
from stamps.forms import VerbForm
from stamps.lifecycle import OrderStatus
from stamps.models import StampOrder
from stamps.presenters import orders as staff_present
from stamps.views import doors as staff_doors
from stamps.views import orders as staff
from stamps.views import papers

Row = dict[str, Any]
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Door:
    """An order as one reader came to it: who they are there, and the address that its verbs hang on."""

    order: StampOrder
    actor: Actor
    scene: Scene
    base: str
    verbs: str
    query: str
    by_link: bool

    def address(self, verb: str) -> str:
        return f"{self.verbs}{verb}/{self.query}"


def _by_link(view: Callable[Concatenate[HttpRequest, Door, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a signed link: what it stands for, or a page that reveals nothing.

    The token in the address is the only authority here, no cookie is asked: as with tickets there is nothing
    that another site could borrow.
    """

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            throttling.check("link", f"anon:{addresses.digest(request)}")
        except TooMany as refusal:
            return private(doors.too_many(request, int(refusal.extra["retry_after"])))
        now = timezone.now()
        found = links.read(token, now=now)
        if found is None or found[0].desk.calendar_id is None:
            return private(expired(request))
        order, actor = found
        base = reverse("portal:order-link", args=[token])
        door = Door(order, actor, desknow.at(order.desk, now), base, base, "", by_link=True)
        return private(view(request, door, *args, **kwargs))

    return opened


def _signed_in(order: StampOrder, actor: Actor) -> Door:
    query = f"?mesa={order.desk.slug}"
    base = f"/timbres/{order.number}/"
    scene = desknow.at(order.desk, timezone.now())
    return Door(order, actor, scene, f"{base}{query}", f"{base}cliente/", query, by_link=False)


# ------------------------------------------------------------------ pages


@require_safe
@_by_link
def link(request: HttpRequest, door: Door) -> HttpResponse:
    """The order of a link; right after ordering (`?nuevo=1`) what was received."""
    return _page(request, door)


@require_safe
@login_required
def order(request: HttpRequest, number: str) -> HttpResponse:
    """`/timbres/{number}/`: the desk's people get their page, its client their own."""
    prepared = cast(staff_doors.Request, request)
    try:
        found = staff_doors.visible(prepared, number)
    except Conflict as refusal:
        return staff_doors.which(request, refusal)
    actor = doors.actor_of(request)
    if actor.has_role(found.desk_id):
        prepared.moment = timezone.now()
        prepared.desks = [found.desk]
        return staff.detail(prepared, found)
    return doors.private(_page(request, _signed_in(found, actor)))


def _page(
    request: HttpRequest,
    door: Door,
    *,
    reason: ReasonForm | None = None,
    typed: VerbForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page; `reason` and `typed` are forms that came back."""
    order, scene = door.order, door.scene
    forms = {typed.slug: typed} if typed is not None else {}
    config = scene.config
    actor = None if door.by_link else door.actor
    context = {
        **shell.around(config, now=scene.now, actor=actor, current="stamps", signs_in=False),
        "page_title": config.say("order_page_title", number=order.number),
        "o": orderpage.head(order, scene),
        "received": orderpage.received(order, scene) if "nuevo" in request.GET else None,
        "back": None if door.by_link else {"href": reverse("portal:home"), "text": config.say("order_back")},
        "steps": orderpage.steps(order, scene),
        "facts": orderpage.facts(order, scene),
        "money": orderpage.money(order, scene),
        "history": orderpage.history(order.events.order_by("-pk"), scene),
        "bank": orderpage.bank(order, scene),
        "papers": orderpage.papers(order, door.verbs, door.query, scene),
        "receipt_href": door.address("comprobante") if orderpage.takes_receipts(order) else "",
        "billing_href": door.address("datos-fiscales") if _may_bill(door) else "",
        "billing": staff_present.billing(billing.billing_of(order)) if _may_bill(door) else [],
        "billing_form": forms.get("datos-fiscales") or (_form(door, "datos-fiscales") if _may_bill(door) else None),
        "receipt_form": forms.get("comprobante") or _form(door, "comprobante"),
        "cancel_href": door.address("cancelar") if orderpage.may_cancel(order, door.actor) else "",
        "reason_form": reason or ReasonForm(config=config, auto_id="id_cancelar_%s"),
        "again_href": orderpage.again(order),
        "form": reason or typed,
        "wrong": typed.slug if typed else "cancelar" if reason else "",
    }
    return render(request, "stamps/client_order.html", context, status=status)


# ------------------------------------------------------------------ verbs

_GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@_GET_OR_POST
@_by_link
def link_verb(request: HttpRequest, door: Door, verb: str) -> HttpResponse:
    """A verb by link. A GET only shows the order: mail scanners open every address."""
    return _verb(request, door, verb)


@_GET_OR_POST
@login_required
def order_verb(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """A verb of a client who is signed in."""
    try:
        found = staff_doors.visible(cast(staff_doors.Request, request), number)
    except Conflict as refusal:
        return staff_doors.which(request, refusal)
    return doors.private(_verb(request, _signed_in(found, doors.actor_of(request)), verb))


def _verb(request: HttpRequest, door: Door, verb: str) -> HttpResponse:
    if verb not in _DO:
        raise Http404
    if request.method != "POST":
        return redirect(door.base)
    try:
        return _DO[verb](request, door)
    except Forbidden as refusal:
        raise PermissionDenied from refusal
    except Conflict:
        return _stands(request, door)


def _stands(request: HttpRequest, door: Door) -> HttpResponse:
    """The order as it stands now, with why nothing was done (409)."""
    messages.warning(request, door.scene.config.say("order_refused_state"))
    fresh = queries.orders(door.actor).get(pk=door.order.pk)
    return _page(request, replace(door, order=fresh), status=409)


def _done(request: HttpRequest, door: Door, key: str) -> HttpResponse:
    messages.success(request, door.scene.config.say(key))
    return doors.see_other(door.base)


def _cancel(request: HttpRequest, door: Door) -> HttpResponse:
    form = ReasonForm(request.POST, config=door.scene.config, auto_id="id_cancelar_%s")
    if form.is_valid():
        try:
            actions.cancel(door.order, by=door.actor, now=door.scene.now, reason=form.text("reason"))
        except Invalid as refusal:
            for error in refusal.errors:
                form.add_error("reason", str(error.message))
        else:
            return _done(request, door, "order_done_cancelled")
    return _page(request, door, reason=form, status=doors.UNPROCESSABLE)


# Verbs that the client shares with the desk's people: slug -> what is said afterwards.
_SHARED: Final = {"comprobante": "order_done_receipt", "datos-fiscales": "order_done_billing"}


def _may_bill(door: Door) -> bool:
    return not door.by_link and door.order.status != OrderStatus.CANCELLED and billing.may_bill(door.order, door.actor)


def _form(door: Door, slug: str, request: HttpRequest | None = None) -> VerbForm:
    """The form of a shared verb, filled in by the request or blank."""
    config, order = door.scene.config, door.order
    today = door.scene.now.astimezone(config.zone).date()
    data = (request.POST, request.FILES) if request is not None else (None, None)
    form = staff_verbs.VERBS[slug].form(*data, order=order, config=config, today=today, auto_id=f"id_{slug}_%s")
    form.slug = slug
    return form


def _shared(slug: str) -> Callable[[HttpRequest, Door], HttpResponse]:
    """A verb of the desk's table, as the client's door uses it."""

    def use(request: HttpRequest, door: Door) -> HttpResponse:
        form = _form(door, slug, request)
        if form.is_valid():
            try:
                staff_verbs.VERBS[slug].act(door.order, by=door.actor, now=door.scene.now, **form.values())
            except Invalid as refusal:
                staff.blame(form, refusal)
            else:
                return _done(request, door, _SHARED[slug])
        return _page(request, door, typed=form, status=doors.UNPROCESSABLE)

    return use


# ------------------------------------------------------------------ papers


@require_safe
@_by_link
def link_quote(request: HttpRequest, door: Door) -> HttpResponse:
    """The quote as a letter, by link."""
    return papers.quote(door.order)


@require_safe
@_by_link
def link_file(request: HttpRequest, door: Door, file_id: str) -> HttpResponse:
    """A receipt or an invoice, by link."""
    return papers.file(door.order, file_id)


@require_safe
@login_required
def paper(request: HttpRequest, number: str, file_id: str = "") -> HttpResponse:
    """The quote, a receipt or an invoice, for a client who is signed in."""
    try:
        found = staff_doors.visible(cast(staff_doors.Request, request), number)
    except Conflict as refusal:
        return staff_doors.which(request, refusal)
    return papers.file(found, file_id) if file_id else papers.quote(found)


_DO: Final[dict[str, Callable[[HttpRequest, Door], HttpResponse]]] = {
    "cancelar": _cancel,
    **{slug: _shared(slug) for slug in _SHARED},
}
