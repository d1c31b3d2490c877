"""What the address of the queue asks for, and addresses that ask for it: filters, order, words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clients.cfdi import codes
from core import localtime
from core.templatetags.hd import CHANNEL, PRIORITY, STATUS
from desks import queries as desk_queries
from desks.models import Desk
from tickets import lifecycle, searchquery
from tickets.lifecycle import Status
from tickets.queries import board
from tickets.queries.board import Wanted

QUEUE: Final = "/cola/"
ORDERS: Final = (
    ("due", "vencimiento", gettext_noop("Due")),
    ("priority", "prioridad", gettext_noop("Priority")),
    ("recent", "recientes", gettext_noop("Recent")),
)
_BY_WORD: Final = {word: order for order, word, _text in ORDERS}
_WORD_OF: Final = {order: word for order, word, _text in ORDERS}
FILTERS: Final = ("mesa", "estado", "prioridad", "canal", "producto", "asignado", "etiqueta")
# What of an address is a view: it can be kept, shared and gone back to. The cursor is not.
NAMES: Final = ("vista", "orden", *FILTERS, "q", "codigo")
SAVED: Final = "guardada"  # the saved view that the address was opened from: it names the page, and decides nothing
ME, NOBODY = "yo", "nadie"
_STATES: Final = tuple(status for status in Status if status in lifecycle.OPEN)
Chosen = dict[str, str]


def asked(
    params: Mapping[str, str], desks: Sequence[Desk], *, user_id: int | None, now: datetime
) -> tuple[Wanted, Chosen]:
    """What the address asks for, and its filters; what it does not know falls away, so that an old link still works."""
    view = params.get("vista", "")
    desk = next((desk for desk in desks if desk.slug == params.get("mesa")), None)
    products = _products(desks)
    chosen = {
        "mesa": desk.slug if desk else "",
        "estado": _one_of(params, "estado", _STATES),
        "prioridad": _one_of(params, "prioridad", PRIORITY),
        "canal": _one_of(params, "canal", CHANNEL),
        "producto": _one_of(params, "producto", products),
        "asignado": _one_of(params, "asignado", {ME: "", NOBODY: "", **people(desks)}),
        "etiqueta": _one_of(params, "etiqueta", _tags(desks)),
    }
    words = params.get("q", "").strip(" ")[: searchquery.MAX_CHARS]
    zone = zone_of([desk] if desk else desks)
    code = codes.parse(params.get("codigo", ""))
    wanted = Wanted(
        view=view if view in board.BY_SLUG else board.DEFAULT,
        order=_BY_WORD.get(params.get("orden", ""), "recent" if code else "due"),
        code=code,
        desk_ids=(desk.pk,) if desk else tuple(d.pk for d in desks),
        status=chosen["estado"],
        priority=chosen["prioridad"],
        channel=chosen["canal"],
        product_id=products[chosen["producto"]][0] if chosen["producto"] else None,
        assignee_id=_assignee(chosen["asignado"], user_id),
        unassigned=chosen["asignado"] == NOBODY,
        tag=chosen["etiqueta"],
        words=words,
        search=searchquery.parse(words, today=now.astimezone(zone).date()) if words else None,
        zone=zone,
        cursor=params.get("cursor") or None,
    )
    return wanted, chosen


def zone_of(desks: Sequence[Desk]) -> ZoneInfo:
    """The zone in which days are meant: that of the first desk."""
    return localtime.zone(desks[0].timezone if desks else settings.TIME_ZONE)


def _one_of(params: Mapping[str, str], name: str, known: Any) -> str:
    value = params.get(name, "")
    return value if value in known else ""


def _assignee(value: str, user_id: int | None) -> int | None:
    if value == ME:
        return user_id
    return int(value) if value and value != NOBODY else None


def people(desks: Sequence[Desk]) -> dict[str, str]:
    """Who works tickets at these desks: id -> name, by name. 0 queries when the configuration is warm."""
    members = {m.user_id: m.name for desk in desks for m in desk_queries.config(desk).attending}
    return {str(pk): name for pk, name in sorted(members.items(), key=lambda item: item[1])}


def _products(desks: Sequence[Desk]) -> dict[str, tuple[int, str]]:
    """Products of these desks by the value that the filter sends. 0 queries when the configuration is warm."""
    return {
        f"{desk.slug}.{product.slug}" if len(desks) > 1 else product.slug: (product.id, product.name)
        for desk in desks
        for product in desk_queries.config(desk).products
    }


def _tags(desks: Sequence[Desk]) -> dict[str, str]:
    """The tags that these desks use: slug -> name, by name. 0 queries when the configuration is warm."""
    used = {tag.slug: tag.name for desk in desks for tag in desk_queries.config(desk).tags.values() if tag.is_active}
    return dict(sorted(used.items(), key=lambda item: item[1].casefold()))


def kept(wanted: Wanted, chosen: Chosen) -> dict[str, str]:
    """The parameters that ask for the same again: what `params` of a saved view hold."""
    every = {
        "vista": wanted.view,
        "orden": "" if wanted.order == "due" else _WORD_OF.get(wanted.order, ""),
        **chosen,
        "q": wanted.words,
        "codigo": wanted.code.label if wanted.code else "",
    }
    return {name: value for name, value in every.items() if value}


def known(params: Mapping[str, Any]) -> dict[str, str]:
    """Those of the parameters that the queue has."""
    return {name: str(params[name]) for name in NAMES if params.get(name)}


def href(params: Mapping[str, Any], *, saved: int | None = None) -> str:
    """The address of a view by its parameters; `saved` names the saved view."""
    query = known(params) | ({SAVED: str(saved)} if saved else {})
    return f"{QUEUE}?{urlencode(query)}" if query else QUEUE


class Address:
    """The same page with some parameters changed; None takes one out."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self._kept = {name: params[name] for name in (*NAMES, SAVED) if params.get(name)}

    def __call__(self, **changes: str | None) -> str:
        wished = {**self._kept, **changes}
        return f"{QUEUE}?" + urlencode({name: value for name, value in wished.items() if value})


def filters(desks: Sequence[Desk], chosen: Chosen, *, searching: bool = False) -> list[dict[str, Any]]:
    """The selects of the filters. `more`: stands behind the button, unless something is chosen there.

    `searching`: words are looked for in tickets of every state, where a view shows the open ones.
    """
    every_state = _("State: any") if searching else _("State: all")
    found = [
        _filter("estado", _("State"), every_state, {c: _(STATUS[c][1]) for c in _STATES}, chosen),
        _filter("canal", _("Channel"), _("Channel: all"), {c: _(t) for c, (_i, t) in CHANNEL.items()}, chosen),
    ]
    products = _products(desks)
    if len(products) > 1:
        names = {value: name for value, (_id, name) in products.items()}
        found.append(_filter("producto", _("Product"), _("Product: all"), names, chosen))
    if len(desks) > 1:
        found.insert(0, _filter("mesa", _("Desk"), _("Desk: all"), {d.slug: d.name for d in desks}, chosen))
    priorities = {c: _(t) for c, (_n, t) in PRIORITY.items()}
    whose = {ME: _("Assigned to me"), NOBODY: _("Unassigned"), **people(desks)}
    found.append(_filter("prioridad", _("Priority"), _("Priority: all"), priorities, chosen, more=True))
    found.append(_filter("asignado", _("Assigned to"), _("Assigned to: anybody"), whose, chosen, more=True))
    tags = _tags(desks)
    if tags:
        found.append(_filter("etiqueta", _("Tag"), _("Tag: all"), tags, chosen, more=True))
    return found


def _filter(
    name: str, label: str, everything: str, options: Mapping[str, str], chosen: Chosen, *, more: bool = False
) -> dict[str, Any]:
    rows = [("", everything), *options.items()]
    return {
        "name": name,
        "label": label,
        "more": more,
        "options": [{"value": value, "text": text, "selected": value == chosen[name]} for value, text in rows],
    }


def words_of(params: Mapping[str, str], desks: Sequence[Desk]) -> list[str]:
    """What a view lets through, in words: its fixed view, each filter, the order, what is looked for."""
    found = [_(board.BY_SLUG.get(params.get("vista", ""), board.BY_SLUG[board.DEFAULT]).name)]
    chosen = {name: params.get(name, "") for name in FILTERS}
    for row in filters(desks, chosen):
        text = next((option["text"] for option in row["options"] if option["selected"] and option["value"]), "")
        found += [f"{row['label']}: {text}"] if text else []
    order = next((text for _o, word, text in ORDERS if word == params.get("orden", "vencimiento")), "")
    found += [f"{_('Order')}: {_(order)}"] if order else []
    looked_for = params.get("q") or params.get("codigo")
    return [*found, f"«{looked_for}»"] if looked_for else found


def hidden(wanted: Wanted, saved: int | None) -> list[dict[str, str]]:
    """What a change of filter keeps."""
    every = {
        "vista": wanted.view,
        "orden": _WORD_OF[wanted.order],
        "q": wanted.words,
        "codigo": wanted.code.label if wanted.code else "",
        SAVED: str(saved or ""),
    }
    return [{"name": name, "value": value} for name, value in every.items() if value]
