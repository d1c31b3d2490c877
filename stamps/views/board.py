"""`/timbres/`: the board of the orders under way, and the list of all of them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import localtime
from desks import queries as desk_queries
from desks.models import Desk
from schedules import businesstime
from stamps import board, queries
from stamps.board import Filters
from stamps.presenters import orders as present
from stamps.views.doors import Request, draw, seller_door


@require_safe
@seller_door
def index(request: Request) -> HttpResponse:
    """The board, or with `?vista=lista` the list. 4 statements of its own, whatever there is."""
    desks = board.desks_of(request.actor)
    asked = _asked(request)
    first = next((desk for desk in desks if desk.slug == asked.desk), desks[0] if desks else None)
    request.desks = [first, *(d for d in desks if d is not first)] if first else []
    lists = request.GET.get("vista") == "lista"
    stage = request.GET.get("etapa", "")
    kept = _query(asked)
    context = {
        "page_title": _("Orders of stamps"),
        "filters": present.filters(asked, desks, lists=lists, stage=stage),
        "board_href": f"?{urlencode(kept)}" if kept else "/timbres/",
        "list_href": f"?{urlencode([('vista', 'lista'), *kept])}",
        "narrow": asked.narrow,
        "hours": _hours(first, request) if first else "",
        "new": [{"href": f"/{desk.slug}/timbres/", "text": desk.name} for desk in desks],
        "columns": [],
        "rows": [],
        "n_urgent": 0,
        "n_cancelled": 0,
        "previous_href": "",
        "next_href": "",
    }
    if lists:
        page = board.listed(request.actor, asked, stage, request.GET.get("cursor"))
        base = [("vista", "lista"), ("etapa", stage), *kept]
        context |= {
            "rows": present.listed(page.items, request.moment),
            "previous_href": f"?{urlencode([*base, ('cursor', page.previous)])}" if page.previous else "",
            "next_href": f"?{urlencode([*base, ('cursor', page.next)])}" if page.next else "",
        }
    else:
        found = board.columns(request.actor, asked, now=request.moment)
        query = f"&{urlencode(kept)}" if kept else ""
        context |= {
            "columns": present.columns(found, request.actor, query, request.moment),
            "n_urgent": board.pressing(found),
            "n_cancelled": board.cancelled(request.actor, asked, now=request.moment),
            "cancelled_href": f"?vista=lista&etapa=cancelled{query}",
        }
    return draw(request, "stamps/board.html", context)


def _asked(request: Request) -> Filters:
    get = request.GET
    return Filters(
        desk=get.get("mesa", "")[:60],
        text=get.get("texto", "").strip()[:80],
        urgent=get.get("urgentes") == "1",
        mine=get.get("mios") == "1",
    )


def _query(asked: Filters) -> list[tuple[str, str]]:
    pairs = [
        ("mesa", asked.desk),
        ("texto", asked.text),
        ("urgentes", "1" if asked.urgent else ""),
        ("mios", "1" if asked.mine else ""),
    ]
    return [(name, value) for name, value in pairs if value]


def _hours(desk: Desk, request: Request) -> str:
    """Until when sales is open, or when it opens."""
    try:
        hours = queries.sales_hours(desk, request.moment)
    except LookupError:
        return ""
    zone = desk_queries.config(desk).zone
    if businesstime.is_open(request.moment, hours):
        closes = businesstime.next_close(request.moment, hours)
        return _("Sales open until %s") % localtime.hhmm(closes, zone) if closes else ""
    opens = businesstime.next_open(request.moment, hours)
    return _("Sales closed until %s") % localtime.when(opens, zone, request.moment) if opens else ""
