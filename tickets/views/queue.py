"""*Cola*: the fixed views and the saved ones, filters, order, search, and what is new."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from desks import queries as desk_queries
from desks.models import Desk
from tickets import presence
from tickets.actions.savedviews import may_change
from tickets.presenters import rows as row_presenter
from tickets.presenters import search as search_presenter
from tickets.queries import board, savedviews, search
from tickets.queries.board import Wanted
from tickets.queries.savedviews import Kept
from tickets.views import asking, bulk, walking
from tickets.views.doors import Request, draw, staff_door, wants_part

STREAM: Final = "/stream/cola/"
VIEWS: Final = "/cola/vistas/"


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """Draw a page of the queue. 7 statements at most, with those of the session, the person and the frame."""
    desks, saved = savedviews.desks_and_views(request.actor)
    request.desks = desks
    wanted, chosen = asking.asked(request.GET, desks, user_id=request.actor.user_id, now=request.moment)
    request.live_stream = f"{STREAM}?desde={int(request.moment.timestamp())}"
    request.searched = wanted.words
    page = board.page(wanted, actor=request.actor, now=request.moment)
    configs = {desk.pk: desk_queries.config(desk) for desk in desks}
    fragment = wants_part(request)
    address = asking.Address(request.GET)
    looked_for = wanted.words or (wanted.code.label if wanted.code else "")
    opened = _opened(request, saved)
    missed = wanted.search is not None and not page.items and not wanted.cursor
    params = asking.kept(wanted, chosen)
    heading = opened.name if opened else _heading(wanted, looked_for)
    context = {
        "page_title": heading,
        "heading": heading,
        "views": [] if fragment else _rail(request, wanted, desks, saved, opened, counted=not missed),
        "keep_href": f"{VIEWS}nueva/{asking.href(params).removeprefix(asking.QUEUE)}",
        "edit_view_href": _edit_href(request, opened, params),
        "orders": [
            {"href": address(orden=word, cursor=None), "text": _(text), "current": order == wanted.order}
            for order, word, text in asking.ORDERS
        ],
        "filters": (filters := asking.filters(desks, chosen, searching=bool(wanted.words or wanted.code))),
        "filters_open": any(f["more"] and chosen[f["name"]] for f in filters),
        "filter_href": asking.QUEUE,
        "hidden": asking.hidden(wanted, opened.id if opened else None),
        "new_href": "/llamadas/nueva/",
        "rows": row_presenter.rows(
            page.items,
            configs=configs,
            user_id=request.actor.user_id,
            now=request.moment,
            on_tickets=presence.on_tickets(list(configs), but=request.actor.user_id, now=request.moment),
            walk=walking.suffix(params, saved=opened.id if opened else None),
        ),
        "searched": looked_for,
        "search_notes": search_presenter.notes(wanted.search),
        "did_you_mean": _did_you_mean(wanted, address) if missed else None,
        "empty": _empty(wanted, chosen),
        "bulk": bulk.offered(),
        "bulk_href": bulk.HOME,
        "bulk_key": uuid.uuid4(),
        "bulk_back": address(cursor=wanted.cursor),
        "previous_href": address(cursor=page.previous) if page.previous else "",
        "next_href": address(cursor=page.next) if page.next else "",
    }
    return draw(request, "tickets/queue.html", context, part="cola")


def _did_you_mean(wanted: Wanted, address: asking.Address) -> dict[str, str] | None:
    """The same search with words that the desk knows; None when there are none. 1 query."""
    near = search.did_you_mean(wanted.search, wanted.desk_ids) if wanted.search else ""
    return {"text": near, "href": address(q=near, cursor=None)} if near else None


def _heading(wanted: Wanted, looked_for: str) -> str:
    return _("Results for “%s”") % looked_for if looked_for else _(board.BY_SLUG[wanted.view].name)


def _opened(request: Request, saved: Sequence[Kept]) -> Kept | None:
    """The saved view that the address names, where the person still sees it."""
    return next((view for view in saved if str(view.id) == request.GET.get(asking.SAVED)), None)


def _edit_href(request: Request, opened: Kept | None, params: Mapping[str, str]) -> str:
    """Where the saved view is changed, with what is on the page now; "" where the person may not."""
    if opened is None:
        return ""
    owner_id = request.actor.user_id if opened.desk_id is None else None
    if not may_change(owner_id=owner_id, desk_id=opened.desk_id, by=request.actor):
        return ""
    return f"{VIEWS}{opened.id}/{asking.href(params).removeprefix(asking.QUEUE)}"


def _rail(
    request: Request,
    wanted: Wanted,
    desks: Sequence[Desk],
    saved: Sequence[Kept],
    opened: Kept | None,
    *,
    counted: bool,
) -> list[dict[str, Any]]:
    """The fixed views with their counts, and the saved ones, which are not counted.

    1 query; 0 without counts, where the page asks for a near word instead.
    """
    user_id, now = request.actor.user_id, request.moment
    counts = board.view_counts(wanted.desk_ids, user_id=user_id, now=now) if counted else {}
    desk = f"&mesa={request.GET['mesa']}" if len(wanted.desk_ids) < len(desks) else ""
    groups: dict[str, list[dict[str, Any]]] = {}
    for view in board.VIEWS:
        n = counts.get(view.slug)
        groups.setdefault(view.group, []).append(
            {
                "href": f"/cola/?vista={view.slug}{desk}",
                "icon": view.icon,
                "text": _(view.name),
                "count": "99+" if view.slug == "vencidos" and n and n >= board.BOUND else n,
                "current": view.slug == wanted.view and not (wanted.words or wanted.code or opened),
                "tone": "bad" if view.slug == "vencidos" and n else "",
            }
        )
    for kept in saved:
        groups[board.MINE if kept.desk_id is None else board.TEAM].append(
            {
                "href": asking.href(kept.params, saved=kept.id),
                "icon": "filter",
                "text": kept.name,
                "count": None,
                "current": kept is opened,
                "tone": "",
            }
        )
    return [{"title": _(title), "items": items} for title, items in groups.items()]


def _empty(wanted: Wanted, chosen: asking.Chosen) -> dict[str, str]:
    everything = {"href": "/cola/?vista=todos", "action": _("See all that are open")}
    if wanted.code:
        text = _("No ticket that you see has this code.")
        return {"title": _("Nothing was found"), "text": text, "icon": "search", **everything}
    if wanted.words:
        return {
            "title": _("Nothing was found"),
            "text": _("No ticket has all of these words. Try fewer, or a number."),
            "icon": "search",
            **everything,
        }
    if any(value for name, value in chosen.items() if name != "mesa"):
        return {
            "title": _("Nothing with these filters"),
            "text": _("Other tickets of this view may be there without them."),
            "href": f"/cola/?vista={wanted.view}",
            "action": _("Take the filters off"),
        }
    return {"title": _("Nothing here"), "text": _("This view holds no ticket at the moment."), **everything}


@require_safe
@staff_door
def news(request: Request) -> HttpResponse:
    """Answer how many tickets came in after the one with the id `desde`, in words; 204 when none did."""
    since = request.GET.get("desde", "")
    if not (since.isascii() and since.isdigit() and len(since) < 16):
        return HttpResponse(status=400)
    desks, user_id = board.desks_of(request.actor), request.actor.user_id
    wanted, _chosen = asking.asked(request.GET, desks, user_id=user_id, now=request.moment)
    n = board.news(replace(wanted, words="", search=None), actor=request.actor, since_id=int(since), now=request.moment)
    if not n:
        return HttpResponse(status=204)
    words = ngettext("One new ticket", "%(n)d new tickets", n) % {"n": n}
    return HttpResponse(format_html('<a class="btn sm" href="/cola/" data-n="{}">{}</a>', n, words))
