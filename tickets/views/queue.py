"""*Cola*: the fixed views, filters, order, search, and what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST, require_safe

from clients.cfdi import codes
from core import localtime
from core.errors import DomainError
from core.templatetags.hd import CHANNEL, PRIORITY
from desks import queries as desk_queries
from desks.models import Desk
from tickets import actions, queries, searchquery
from tickets.presenters import rows as row_presenter
from tickets.presenters import search as search_presenter
from tickets.queries import board, search
from tickets.queries.board import Wanted
from tickets.views.doors import Request, draw, message_of, staff_door

STREAM: Final = "/stream/cola/"
ORDERS: Final = (
    ("due", "vencimiento", gettext_noop("Due")),
    ("priority", "prioridad", gettext_noop("Priority")),
    ("recent", "recientes", gettext_noop("Recent")),
)
_BY_WORD: Final = {word: order for order, word, _text in ORDERS}
MAX_BULK: Final = 50


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """Draw a page of the queue. 8 statements at most, with those of the session, the person and the frame."""
    request.desks = desks = board.desks_of(request.actor)
    wanted, chosen = asked(request.GET, desks, now=request.moment)
    request.live_stream = f"{STREAM}?desde={int(request.moment.timestamp())}"
    request.searched = wanted.words
    page = board.page(wanted, actor=request.actor, now=request.moment)
    configs = {desk.pk: desk_queries.config(desk) for desk in desks}
    fragment = bool(request.htmx) and not request.htmx.boosted
    address = _Address(request.GET)
    looked_for = wanted.words or (wanted.code.label if wanted.code else "")
    heading = _("Results for “%s”") % looked_for if looked_for else _(board.BY_SLUG[wanted.view].name)
    missed = wanted.search is not None and not page.items and not wanted.cursor
    context = {
        "page_title": heading,
        "heading": heading,
        "views": [] if fragment else _views(request, wanted, desks, counted=not missed),
        "orders": [
            {"href": address(orden=word, cursor=None), "text": _(text), "current": order == wanted.order}
            for order, word, text in ORDERS
        ],
        "filters": _filters(desks, chosen),
        "filter_href": "/cola/",
        "hidden": _hidden(wanted),
        "new_href": "/llamadas/nueva/",
        "rows": row_presenter.rows(page.items, configs=configs, user_id=request.actor.user_id, now=request.moment),
        "searched": looked_for,
        "search_notes": search_presenter.notes(wanted.search),
        "did_you_mean": _did_you_mean(wanted, address) if missed else None,
        "empty": _empty(wanted),
        "bulk": [{"verb": "take", "text": _("Take"), "icon": "user", "danger": False}],
        "bulk_href": "/cola/lote/",
        "previous_href": address(cursor=page.previous) if page.previous else "",
        "next_href": address(cursor=page.next) if page.next else "",
    }
    return draw(request, "tickets/queue.html", context, part="cola")


def asked(params: Mapping[str, str], desks: Sequence[Desk], *, now: datetime) -> tuple[Wanted, dict[str, str]]:
    """What the address asks for; what it does not know is left out, so that an old link still works."""
    view = params.get("vista", "")
    desk = next((desk for desk in desks if desk.slug == params.get("mesa")), None)
    chosen = {
        "mesa": desk.slug if desk else "",
        "prioridad": params.get("prioridad", "") if params.get("prioridad") in PRIORITY else "",
        "canal": params.get("canal", "") if params.get("canal") in CHANNEL else "",
        "producto": "",
    }
    product = _products(desks).get(params.get("producto", ""))
    if product is not None:
        chosen["producto"] = params["producto"]
    words = params.get("q", "").strip(" ")[: searchquery.MAX_CHARS]
    zone = localtime.zone(desk.timezone if desk else desks[0].timezone if desks else settings.TIME_ZONE)
    code = codes.parse(params.get("codigo", ""))
    wanted = Wanted(
        view=view if view in board.BY_SLUG else board.DEFAULT,
        order=_BY_WORD.get(params.get("orden", ""), "recent" if code else "due"),
        code=code,
        desk_ids=(desk.pk,) if desk else tuple(d.pk for d in desks),
        priority=chosen["prioridad"],
        channel=chosen["canal"],
        product_id=product[0] if product else None,
        words=words,
        search=searchquery.parse(words, today=now.astimezone(zone).date()) if words else None,
        zone=zone,
        cursor=params.get("cursor") or None,
    )
    return wanted, chosen


def _products(desks: Sequence[Desk]) -> dict[str, tuple[int, str]]:
    """Products of these desks by the value that the filter sends. 0 queries when the configuration is warm."""
    return {
        f"{desk.slug}.{product.slug}" if len(desks) > 1 else product.slug: (product.id, product.name)
        for desk in desks
        for product in desk_queries.config(desk).products
    }


class _Address:
    """The same page with some parameters changed; None takes one out."""

    def __init__(self, params: Mapping[str, str]) -> None:
        names = ("vista", "orden", "mesa", "prioridad", "canal", "producto", "q", "codigo")
        self._kept = {name: params[name] for name in names if params.get(name)}

    def __call__(self, **changes: str | None) -> str:
        wished = {**self._kept, **changes}
        return "/cola/?" + urlencode({name: value for name, value in wished.items() if value})


def _did_you_mean(wanted: Wanted, address: _Address) -> dict[str, str] | None:
    """The same search with words that the desk knows; None when there are none. 1 query."""
    near = search.did_you_mean(wanted.search, wanted.desk_ids) if wanted.search else ""
    return {"text": near, "href": address(q=near, cursor=None)} if near else None


def _views(request: Request, wanted: Wanted, desks: Sequence[Desk], *, counted: bool) -> list[dict[str, Any]]:
    """The fixed views with their counts. 1 query; 0 without counts, where the page asks for a near word instead."""
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
                "current": view.slug == wanted.view and not (wanted.words or wanted.code),
                "tone": "bad" if view.slug == "vencidos" and n else "",
            }
        )
    return [{"title": _(title), "items": items} for title, items in groups.items()]


def _filters(desks: Sequence[Desk], chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    found = [
        _filter("prioridad", _("Priority"), _("Priority: all"), {c: _(t) for c, (_n, t) in PRIORITY.items()}, chosen),
        _filter("canal", _("Channel"), _("Channel: all"), {c: _(t) for c, (_i, t) in CHANNEL.items()}, chosen),
    ]
    products = _products(desks)
    if len(products) > 1:
        names = {value: name for value, (_id, name) in products.items()}
        found.append(_filter("producto", _("Product"), _("Product: all"), names, chosen))
    if len(desks) > 1:
        found.insert(0, _filter("mesa", _("Desk"), _("Desk: all"), {d.slug: d.name for d in desks}, chosen))
    return found


def _filter(
    name: str, label: str, everything: str, options: Mapping[str, str], chosen: Mapping[str, str]
) -> dict[str, Any]:
    rows = [("", everything), *options.items()]
    return {
        "name": name,
        "label": label,
        "options": [{"value": value, "text": text, "selected": value == chosen[name]} for value, text in rows],
    }


def _hidden(wanted: Wanted) -> list[dict[str, str]]:
    """What a change of filter keeps."""
    kept = {"vista": wanted.view, "orden": next(word for order, word, _t in ORDERS if order == wanted.order)}
    if wanted.words:
        kept["q"] = wanted.words
    if wanted.code:
        kept["codigo"] = wanted.code.label
    return [{"name": name, "value": value} for name, value in kept.items()]


def _empty(wanted: Wanted) -> dict[str, str]:
    everything = {"href": "/cola/?vista=todos", "action": _("See all that are open")}
    if wanted.code:
        return {"title": _("Nothing was found"), "text": _("No ticket that you see has this code."), **everything}
    if wanted.words:
        return {
            "title": _("Nothing was found"),
            "text": _("No ticket has all of these words. Try fewer, or a number."),
            **everything,
        }
    if wanted.priority or wanted.channel or wanted.product_id:
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
    wanted, _chosen = asked(request.GET, board.desks_of(request.actor), now=request.moment)
    n = board.news(replace(wanted, words="", search=None), actor=request.actor, since_id=int(since), now=request.moment)
    if not n:
        return HttpResponse(status=204)
    words = ngettext("One new ticket", "%(n)d new tickets", n) % {"n": n}
    return HttpResponse(format_html('<a class="btn sm" href="/cola/" data-n="{}">{}</a>', n, words))


@require_POST
@staff_door
def bulk(request: Request) -> HttpResponse:
    """Take the selected tickets; who was faster elsewhere is told by name."""
    numbers = [number.upper() for number in request.POST.getlist("sel")][:MAX_BULK]
    taken = 0
    for ticket in queries.visible(request.actor).filter(number__in=numbers).order_by("pk"):
        try:
            actions.take(ticket, by=request.actor, now=request.moment)
            taken += 1
        except DomainError as refusal:
            messages.warning(request, f"{ticket.number}: {message_of(refusal)}")
    if taken:
        messages.success(request, ngettext("One ticket is yours.", "%(n)d tickets are yours.", taken) % {"n": taken})
    return redirect("/cola/?vista=mios" if taken else "/cola/")
