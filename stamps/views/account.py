"""`/timbres/cuentas/{id}/`: one account for sales: how it stands, its ledger, and what is done to it by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from clients import rfc as rfc_rules
from core import paging
from core.errors import Conflict, DomainError, Invalid
from core.paging import Key, Page
from desks import queries as desk_queries
from stamps import actions, doorways, queries, risk
from stamps import forms_accounts as forms
from stamps.forms_accounts import HandForm
from stamps.models import StampAccount, StampAccountRfc, StampMovement, StampNoticeChoice, StampWarning
from stamps.presenters import accounts as present
from stamps.presenters import faces
from stamps.views.sales_doors import Request, account, sales_door
from tickets.views.doors import draw

SIZE: Final = 25
ORDER: Final = (Key("at", descending=True, parse=paging.instant), Key("id", descending=True))
MOST_WARNINGS: Final = 10


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that is done by hand: its form, the action, and what is said when it is done."""

    form: type[HandForm]
    act: Callable[..., Any]
    title: str
    icon: str
    done: str


VERBS: Final[Mapping[str, Verb]] = {
    "consumo": Verb(
        forms.UseForm, actions.use, gettext_noop("Book stamps that were used"), "min", gettext_noop("Booked.")
    ),
    "saldo": Verb(
        forms.BalanceForm, actions.report, gettext_noop("Book a balance that was read"), "eye", gettext_noop("Booked.")
    ),
    "abono": Verb(
        forms.GrantForm, actions.grant, gettext_noop("Credit without an order"), "plus", gettext_noop("Credited.")
    ),
    "ajuste": Verb(
        forms.AdjustForm, actions.adjust, gettext_noop("Adjust the balance"), "edit", gettext_noop("Adjusted.")
    ),
    "traspaso": Verb(
        forms.TransferForm,
        actions.transfer,
        gettext_noop("Move stamps to another account"),
        "swap",
        gettext_noop("Moved."),
    ),
    "rfc": Verb(
        forms.RfcForm, actions.add_rfc, gettext_noop("Let another RFC draw from it"), "building", gettext_noop("Added.")
    ),
    "fusion": Verb(
        forms.MergeForm, actions.merge, gettext_noop("Merge it into another account"), "users", gettext_noop("Merged.")
    ),
    "revertir": Verb(
        forms.TakeBackForm,
        actions.take_back,
        gettext_noop("Take a movement back"),
        "reply",
        gettext_noop("Taken back."),
    ),
}


@require_safe
@sales_door
def index(request: Request, pk: int) -> HttpResponse:
    return page(request, account(request, pk))


def page(
    request: Request, one: StampAccount, refused: Form | None = None, verb: str = "", status: int = 200
) -> HttpResponse:
    """Draw the account. 13 statements, with those of the session and the frame, however long the ledger."""
    now, zone = request.moment, desk_queries.config(one.desk).zone
    request.desks = [one.desk, *(desk for desk in request.sold if desk.pk != one.desk_id)]
    found, ledger = queries.foretold(one, now), _ledger(one, request.GET.get("cursor"))
    tied, around = queries.tied_to(ledger.items), risk.around([one])
    here = doorways.of_sales(one)
    is_open = one.merged_into_id is None
    rfcs = around.rfcs[one.pk]
    context = {
        "page_title": f"{one.client.name} · {one.product.name}",
        "a": {
            "name": one.client.name,
            "product": one.product.name,
            "desk": one.desk.name,
            "terms": one.get_terms_display(),
            "rfcs": rfcs,
            "merged": _merged(one),
            **faces.standing(one, found, now),
        },
        "order": present.order_row(around.orders.get(one.pk), one),
        "order_href": doorways.order_form(one, rfcs[0] if len(rfcs) == 1 else "") if is_open else "",
        "plot": faces.plot(one, found, now),
        "lots": present.lot_rows(one, queries.open_lots(one), zone, now),
        "movements": [present.movement(row, tied.get(row.pk), zone, now, may=is_open) for row in ledger.items],
        "warnings": [present.warning(row, zone, now) for row in _warnings(one)],
        "contacts": _contacts(one, request),
        "verbs": _verbs(request, one, refused, verb) if is_open else [],
        "take_back": _form("revertir", request, one, refused if verb == "revertir" else None) if is_open else None,
        "take_back_href": present.verb_href(one, "revertir"),
        "call_href": reverse("stamp-warning-called", args=[one.pk]),
        "back_href": f"{reverse('stamp-accounts')}?mesa={one.desk.slug}",
        "previous_href": f"{here}?cursor={ledger.previous}#movimientos" if ledger.previous else "",
        "next_href": f"{here}?cursor={ledger.next}#movimientos" if ledger.next else "",
    }
    return draw(request, "stamps/account.html", context, status=status)


def _merged(one: StampAccount) -> dict[str, str] | None:
    """Where a closed account went."""
    into = one.merged_into
    return {"href": doorways.of_sales(into), "text": into.client.name} if into else None


def _ledger(one: StampAccount, cursor: str | None) -> Page[StampMovement]:
    try:
        return paging.page(queries.movements(one), ORDER, cursor=cursor or None, size=SIZE)
    except Invalid:  # an old address: begin at the top
        return paging.page(queries.movements(one), ORDER, cursor=None, size=SIZE)


def _warnings(one: StampAccount) -> list[StampWarning]:
    return list(StampWarning.objects.filter(account=one).order_by("-pk")[:MOST_WARNINGS])


def _contacts(one: StampAccount, request: Request) -> list[dict[str, Any]]:
    """The people of the company, and whether they want to be told. 2 queries."""
    people = list(queries.people(one, request.moment).order_by("name", "pk"))
    choices = StampNoticeChoice.objects.filter(contact__in=people).values_list("contact_id", "wanted")
    wanted = dict(choices)
    return [present.contact(person, wanted) for person in people]


# ------------------------------------------------------------------ what is done by hand


def _verbs(request: Request, one: StampAccount, refused: Form | None, verb: str) -> list[dict[str, Any]]:
    return [
        {
            "slug": slug,
            "title": _(one_verb.title),
            "icon": one_verb.icon,
            "href": present.verb_href(one, slug),
            "form": _form(slug, request, one, refused if slug == verb else None),
            "open": slug == verb,
        }
        for slug, one_verb in VERBS.items()
        if slug != "revertir"
    ]


def _form(slug: str, request: Request, one: StampAccount, refused: Form | None) -> Form:
    if refused is not None:
        return refused
    zone = desk_queries.config(one.desk).zone
    return VERBS[slug].form(zone=zone, now=request.moment, auto_id=f"{slug}_%s")


@require_POST
@sales_door
def act(request: Request, pk: int, verb: str) -> HttpResponse:
    """Do one of the verbs; 422 with what was typed where it is refused."""
    one = account(request, pk)
    if verb not in VERBS:
        raise Http404
    zone = desk_queries.config(one.desk).zone
    form = VERBS[verb].form(request.POST, zone=zone, now=request.moment, auto_id=f"{verb}_%s")
    if form.is_valid():
        try:
            landed = _do(verb, one, form, request)
        except (Invalid, Conflict) as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _(VERBS[verb].done))
            return redirect(doorways.of_sales(landed))
    return page(request, one, form, verb, status=422)


def _do(verb: str, one: StampAccount, form: HandForm, request: Request) -> StampAccount:
    """Do it, and return the account whose page comes next."""
    values = form.values()
    if "into" in values:
        values["into"] = _other(one, values["into"])
    by, now = request.actor, request.moment
    if verb == "revertir":
        actions.take_back(_movement(one, values["movement"]), reason=values["reason"], by=by, now=now)
        return one
    if verb in ("rfc", "fusion"):
        values.pop("reference")
    VERBS[verb].act(one, **values, by=by, now=now)
    landed: StampAccount = values["into"] if verb == "fusion" else one
    return landed


def _movement(one: StampAccount, pk: int) -> StampMovement:
    found = StampMovement.objects.filter(account=one, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _other(one: StampAccount, text: str) -> StampAccount:
    """The account of the same desk and product that an RFC draws from. Raises Invalid on `into`. 1 query."""
    rfc = rfc_rules.check(text, field="into").rfc
    rows = StampAccountRfc.objects.filter(vendor_id=one.vendor_id, product_id=one.product_id, rfc=rfc)
    found = rows.filter(account__desk_id=one.desk_id).select_related("account__client").first()
    if found is None:
        raise Invalid.field("into", "unknown", _("No account of this product has this RFC."))
    return found.account


def _refuse(form: Form, refusal: DomainError) -> None:
    """What the rule said, at the field that it names."""
    if not refusal.errors:
        form.add_error(None, str(refusal.message))
    for error in refusal.errors:
        field = {"at": "hour"}.get(error.field, error.field)
        form.add_error(field if field in form.fields else None, str(error.message))


@require_POST
@sales_door
def called(request: Request, pk: int) -> HttpResponse:
    """Sales has called a client who has no e-mail."""
    one = account(request, pk)
    text = request.POST.get("warning", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404
    warning = StampWarning.objects.select_related("account").filter(account=one, pk=int(text)).first()
    if warning is None:
        raise Http404
    actions.called(warning, by=request.actor, now=request.moment)
    messages.success(request, _("Noted: the client knows."))
    return redirect(doorways.of_sales(one))
