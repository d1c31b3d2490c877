"""Pages of a client: their account of stamps, and the choice whether to be told when it runs out."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import addresses, throttling
from clients.models import Contact
from core import paging
from core.errors import Invalid, TooMany
from core.paging import Key, Page
from desks import queries as desk_queries
from desks.models import Desk
from stamps import actions, doorways, queries, risk
from stamps.forecast import Level
from stamps.models import StampAccount, StampMovement, StampNoticeChoice
from stamps.presenters import accounts as present
from stamps.presenters import faces
from tickets.views.doors import Request, door

SIZE: Final = 25
ORDER: Final = (Key("at", descending=True, parse=paging.instant), Key("id", descending=True))


@require_safe
@door
def index(request: Request, pk: int) -> HttpResponse:
    """The account of a client's company: balance, forecast, order form, ledger."""
    one = _mine(request, pk)
    config, now = desk_queries.config(one.desk), request.moment
    found, ledger = queries.foretold(one, now), _ledger(one, request.GET.get("cursor"))
    around, here = risk.around([one]), doorways.of_client(one)
    rfcs, order = around.rfcs[one.pk], around.orders.get(one.pk)
    contact = _contact(request, one)
    context = {
        "page_title": config.say("stamps_account_title"),
        "a": {
            "name": one.client.name,
            "product": one.product.name,
            "rfcs": rfcs,
            **faces.standing(one, found, now),
        },
        "advice": advice(one, found_level=str(found.level), standing=faces.standing(one, found, now)),
        "order_href": doorways.order_form(one, rfcs[0] if len(rfcs) == 1 else "") if one.merged_into_id is None else "",
        "order": {"number": order.number, "text": order.get_status_display()} if order else None,
        "plot": faces.plot(one, found, now),
        "lots": present.lot_rows(one, queries.open_lots(one), config.zone, now),
        "movements": [present.movement(row, None, config.zone, now, may=False, private=True) for row in ledger.items],
        "notices": {"href": doorways.own_choice(one), "wanted": _wants(contact)} if contact else None,
        "previous_href": f"{here}?cursor={ledger.previous}#movimientos" if ledger.previous else "",
        "next_href": f"{here}?cursor={ledger.next}#movimientos" if ledger.next else "",
    }
    response = render(request, "stamps/client_account.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def advice(one: StampAccount, *, found_level: str, standing: dict[str, Any]) -> str:
    """What the client does now, in the desk's words."""
    say = desk_queries.config(one.desk).say
    if not standing["ends"]:
        return say("stamps_account_ok")
    code = "calm" if found_level == Level.OK else found_level
    suffix = "_expiry" if standing["expires"] and code in ("low", "urgent") else ""
    return say(f"stamps_account_{code}{suffix}", day=standing["ends"], until=standing["until"])


def _mine(request: Request, pk: int) -> StampAccount:
    """An account of a company of the person's. Raises PermissionDenied for who is no client, Http404. 1 query."""
    if not request.actor.is_client:
        raise PermissionDenied
    rows = StampAccount.objects.filter(client_id__in=list(request.actor.client_ids))
    found = rows.select_related("desk__vendor", "product", "client").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _contact(request: Request, one: StampAccount) -> Contact | None:
    """Who the person is for the account's vendor. 1 query."""
    ids = list(request.actor.contact_ids)
    return Contact.objects.filter(pk__in=ids, vendor_id=one.vendor_id).select_related("stamp_notices").first()


def _wants(contact: Contact) -> bool:
    choice = getattr(contact, "stamp_notices", None)
    return choice is None or choice.wanted


def _ledger(one: StampAccount, cursor: str | None) -> Page[StampMovement]:
    rows = queries.movements(one)
    try:
        return paging.page(rows, ORDER, cursor=cursor or None, size=SIZE)
    except Invalid:  # an old address: begin at the top
        return paging.page(rows, ORDER, cursor=None, size=SIZE)


@require_POST
@door
def choose(request: Request, pk: int) -> HttpResponse:
    """The person says on the account's page whether to be told."""
    one = _mine(request, pk)
    contact = _contact(request, one)
    if contact is None:
        raise Http404
    wanted = request.POST.get("wanted") == "1"
    actions.choose(contact, wanted=wanted, by="account", now=request.moment)
    code = "stamps_account_will_tell" if wanted else "stamps_account_will_not_tell"
    messages.success(request, desk_queries.config(one.desk).say(code))
    return redirect(doorways.of_client(one))


# ------------------------------------------------------------------ by the link of a mail


@csrf_exempt  # the signed link is the whole authority, and mail programs press the button for the person
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """*No quiero recibir estos avisos*: a GET shows the choice, only a POST makes it."""
    try:
        throttling.check("link", f"anon:{addresses.digest(request)}")
    except TooMany as refusal:
        return _too_many(request, int(refusal.extra["retry_after"]))
    contact_id = doorways.contact_of(token)
    contact = Contact.objects.select_related("stamp_notices").filter(pk=contact_id).first() if contact_id else None
    if contact is None:
        raise Http404
    if request.method == "POST":
        actions.choose(contact, wanted=request.POST.get("wanted") == "1", by="link", now=timezone.now())
        contact = Contact.objects.select_related("stamp_notices").get(pk=contact.pk)
    desk = Desk.objects.active().select_related("vendor").filter(vendor_id=contact.vendor_id).order_by("pk").first()
    if desk is None:
        raise Http404
    context = {
        "page_title": _("Notices about stamps"),
        "say": desk_queries.config(desk).phrases(vendor=desk.vendor.name),
        "shell": {"vendor": desk.vendor.name, "home_href": f"/{desk.slug}/", "now_epoch": 0},
        "wanted": _wants(contact),
        "said": StampNoticeChoice.objects.filter(contact=contact).exists(),
        "action": request.path,
    }
    response = render(request, "stamps/notice_choice.html", context)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "429.html", {"retry_after": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response
