"""`/{desk}/timbres/`: ordering stamps, by anybody; who is signed in finds their RFCs and how long a quantity lasts."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts import throttling
from core import localtime
from core.actor import VISITOR, Actor
from core.errors import Conflict, Invalid, TooMany
from portal import ordering, people, shell
from portal.desknow import Scene
from portal.forms import Person
from portal.stampforms import OTHER, QUANTITIES, OrderForm
from portal.views import doors
from stamps import actions, links

Row = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """The order form. `?rfc=&cantidad=` fill it in; a refused send comes back whole (422)."""
    scene = doors.scene_of(slug)
    actor = doors.actor_of(request)
    today = scene.now.astimezone(scene.config.zone).date()
    person = people.person_of(actor, scene.config.vendor_id, today=today)
    if request.method != "POST":
        return _draw(request, scene, OrderForm(initial=_initial(request, person), config=scene.config, person=person))
    sent = OrderForm(request.POST, config=scene.config, person=person)
    try:
        throttling.check("order_stamps", doors.who_asks(request))
    except TooMany as refusal:
        return _later(request, scene, sent, refusal)
    if sent.is_valid():
        return _order(request, scene, sent)
    return _draw(request, scene, sent, status=doors.UNPROCESSABLE)


def _initial(request: HttpRequest, person: Person) -> Row:
    """What the address and the sign-in say."""
    wanted = request.GET.get("cantidad", "")[:9]
    quantity, other = ("1000", "") if not wanted else (wanted, "") if wanted in QUANTITIES else (OTHER, wanted)
    known = {t.rfc: t for t in person.tax_ids}
    rfc = request.GET.get("rfc", "").upper()[:13]
    first = known.get(rfc) or (next(iter(known.values())) if len(known) == 1 else None)
    company = next((c.name for c in person.companies if first and c.pk == first.client_id), "")
    initial: Row = {"key": uuid.uuid4(), "quantity": quantity, "other": other, "trade_name": company}
    initial["rfc"] = first.rfc if first else ("" if known else rfc)
    if person.contact is not None:
        phone = person.contact.phone
        initial |= {"phone": phone.as_national if phone else "", "email": person.contact.email}
    return initial


def _orderer(request: HttpRequest, scene: Scene, person: Person) -> Actor:
    """Who orders: a client of the vendor or somebody of the desk; else a visitor, whoever they are elsewhere."""
    actor = doors.actor_of(request)
    known = person.contact is not None or actor.has_role(scene.desk.pk)
    return actor if known else VISITOR


def _order(request: HttpRequest, scene: Scene, sent: OrderForm) -> HttpResponse:
    """Place the order and go on to its page; the same form again goes to the same order."""
    actor = _orderer(request, scene, sent.person)
    try:
        order = actions.place(scene.desk, sent.wish(), by=actor, now=scene.now)
    except Invalid as refusal:
        sent.blame(refusal.errors)
    except Conflict as refusal:
        if refusal.code != "ambiguous_account":
            raise
        sent.add_error("product" if "product" in sent.fields else None, scene.config.say("order_form_which_product"))
    else:
        if actor.has_role(scene.desk.pk):
            return doors.see_other(links.page(order))
        return doors.see_other(f"{links.path(order)}?nuevo=1")
    return _draw(request, scene, sent, status=doors.UNPROCESSABLE)


def _later(request: HttpRequest, scene: Scene, sent: OrderForm, refusal: TooMany) -> HttpResponse:
    """Too many from one place: the form stays as it was written, nothing is ordered."""
    seconds = int(refusal.extra["retry_after"])
    sent.is_valid()
    sent.errors.clear()
    wait = localtime.minutes_label(-(-seconds // 60))
    sent.add_error(None, scene.config.say("form.too_often", wait=wait))
    response = _draw(request, scene, sent, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _draw(request: HttpRequest, scene: Scene, shown: OrderForm, *, status: int = 200) -> HttpResponse:
    config, actor = scene.config, doors.actor_of(request)
    known = ordering.accounts(actor, scene)
    pair = ordering.of_rfc(known, str(shown["account_rfc"].value() or shown["rfc"].value() or ""))
    chosen = str(shown["quantity"].value() or "")
    context = {
        **shell.around(config, now=scene.now, actor=actor, current="stamps"),
        "page_title": config.say("order_form_title"),
        "form": shown,
        "chooses": bool(shown.person.tax_ids),
        "advice": config.texts.get("stamps", {}).get("note", ""),
        "lead": config.say("order_form_lead", by=ordering.promise(scene)),
        "quantities": [
            {
                "value": value,
                "title": f"{int(value):,}",
                "hint": ordering.lasts(int(value), pair[1] if pair else None, scene),
                "checked": chosen == value,
                "disabled": False,
            }
            for value in QUANTITIES
        ]
        + [
            {
                "value": OTHER,
                "title": config.say("order_form_other"),
                "hint": config.say("order_form_other_hint"),
                "checked": chosen == OTHER,
                "disabled": False,
            }
        ],
        "balances": ordering.balances(known, scene),
        "steps": ordering.steps(scene),
        "for_client": actor.has_role(scene.desk.pk) and actor.user_id is not None,
    }
    return doors.private(render(request, "stamps/request.html", context, status=status))
