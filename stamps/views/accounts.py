"""`/timbres/cuentas/`: the accounts of a desk, and those at risk in the next ten business days."""

from __future__ import annotations

from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from core import paging
from core.errors import Invalid
from core.paging import Key, Page
from desks.models import Desk
from stamps import risk
from stamps.forecast import Level
from stamps.models import StampAccount, StampAccountRfc
from stamps.presenters import accounts as present
from stamps.views.sales_doors import Request, chosen, sales_door
from tickets.views.doors import draw

SIZE: Final = 40
BOUND: Final = 1_000
ORDER: Final = (Key("exhausts_on", parse=date.fromisoformat), Key("id"))
RISK, ALL, OUT = "riesgo", "todas", "agotadas"
VIEWS: Final = (
    (RISK, gettext_noop("At risk")),
    (OUT, gettext_noop("Out of stamps")),
    (ALL, gettext_noop("Every account")),
)


@require_safe
@sales_door
def index(request: Request) -> HttpResponse:
    """A page of the accounts of a desk, the first to end first. 7 statements, with those of the session."""
    desk = chosen(request, request.GET.get("mesa"))
    request.desks = [desk, *(other for other in request.sold if other.pk != desk.pk)]
    view = request.GET.get("ver", RISK)
    asked = " ".join(request.GET.get("q", "").split())[:80]
    rows = _wanted(desk, ALL if asked else view, asked, request)
    page = _page(rows, request.GET.get("cursor"))
    around = risk.around(page.items)
    context = {
        "page_title": _("Accounts of stamps"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": [
            {"href": _href(mesa=other.slug, ver=view), "text": other.name, "current": other.pk == desk.pk}
            for other in request.sold
        ],
        "views": [
            {"href": _href(mesa=desk.slug, ver=code), "text": _(text), "current": code == view and not asked}
            for code, text in VIEWS
        ],
        "q": asked,
        "accounts": [
            present.row(a, around.rfcs[a.pk], around.orders.get(a.pk), around.warnings.get(a.pk), request.moment)
            for a in page.items
        ],
        "empty": _empty(view, asked),
        "count": _count(rows),
        "figures_href": f"{reverse('stamp-figures')}?mesa={desk.slug}",
        "usage_href": f"{reverse('stamp-usage')}?mesa={desk.slug}",
        "previous_href": _href(mesa=desk.slug, ver=view, q=asked, cursor=page.previous) if page.previous else "",
        "next_href": _href(mesa=desk.slug, ver=view, q=asked, cursor=page.next) if page.next else "",
    }
    return draw(request, "stamps/accounts.html", context)


def _wanted(desk: Desk, view: str, asked: str, request: Request) -> QuerySet[StampAccount]:
    rows = StampAccount.objects.filter(desk=desk, merged_into__isnull=True)
    if asked:
        drawing = StampAccountRfc.objects.filter(vendor_id=desk.vendor_id, rfc__startswith=asked.upper())
        return rows.filter(Q(client__name__icontains=asked) | Q(pk__in=drawing.values("account_id")))
    if view == OUT:
        return rows.filter(level=Level.EMPTY)
    return rows.filter(risk.within(desk, request.moment)) if view == RISK else rows


def _page(rows: QuerySet[StampAccount], cursor: str | None) -> Page[StampAccount]:
    rows = rows.select_related("client", "product", "desk__vendor")
    try:
        return paging.page(rows, ORDER, cursor=cursor or None, size=SIZE)
    except Invalid:  # an old address: begin at the top
        return paging.page(rows, ORDER, cursor=None, size=SIZE)


def _count(rows: QuerySet[StampAccount]) -> str:
    """`37`, counted up to a bound. 1 query."""
    n = rows.order_by()[: BOUND + 1].count()
    return f"{n:,}" if n <= BOUND else _("more than %s") % f"{BOUND:,}"


def _href(**params: str | None) -> str:
    return f"{reverse('stamp-accounts')}?{urlencode({name: value for name, value in params.items() if value})}"


def _empty(view: str, asked: str) -> dict[str, str]:
    if asked:
        hint = _("Nothing for “%s”: write the name of the company or the beginning of an RFC.")
        return {"title": _("No account found"), "text": hint % asked}
    if view == ALL:
        hint = _("The first order of an RFC opens its account; the API opens them too.")
        return {"title": _("No accounts yet"), "text": hint}
    return {"title": _("Nobody runs out"), "text": _("No account ends within ten business days.")}
