"""From the queue to a ticket and on to the next: the view that one comes from stands in the address (`?de=`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.utils.translation import gettext as _

from tickets.models import Ticket
from tickets.queries import board
from tickets.queries.board import Wanted
from tickets.views import asking
from tickets.views.doors import Request

PARAM = "de"
# Many parameters are none of ours; an address has room for the view of any person.
LONGEST = 1000


def suffix(params: dict[str, str], *, saved: int | None) -> str:
    """What the links of the queue carry, so that the ticket knows where one came from."""
    query = asking.known(params) | ({asking.SAVED: str(saved)} if saved else {})
    return f"?{urlencode({PARAM: urlencode(query)})}"


def of_ticket(request: Request, ticket: Ticket) -> dict[str, Any]:
    """Back to the queue as it was, where the ticket stands in it, and its neighbours.

    1 query for who comes from a list, none for others and for who comes from a search, which has no order of its own.
    """
    came_from = _came_from(request)
    walk = {
        "back_href": f"{asking.QUEUE}?{urlencode(came_from)}" if came_from else asking.QUEUE,
        "back_text": _("Back to the queue"),
        "position": "",
        "prev_href": "",
        "next_href": "",
    }
    wanted = _wanted(request, ticket, came_from) if came_from else None
    if wanted is None:
        return walk
    after, before, here = board.around(wanted, ticket, user_id=request.actor.user_id, now=request.moment)
    there = f"?{urlencode({PARAM: urlencode(came_from)})}"
    return walk | {
        "position": _position(came_from, wanted, len(before), len(after), here=here),
        "prev_href": f"/tickets/{before[0]}/{there}" if before else "",
        "next_href": f"/tickets/{after[0]}/{there}" if after else "",
    }


def _came_from(request: Request) -> dict[str, str]:
    """The parameters of the queue; after a button of the ticket's own page, those that the page had."""
    asked = request.GET.get(PARAM, "")
    if not asked:
        before = urlsplit(request.headers.get("Referer", ""))
        asked = dict(parse_qsl(before.query)).get(PARAM, "") if before.path == request.path else ""
    if not asked or len(asked) > LONGEST:
        return {}
    given = dict(parse_qsl(asked))
    return {name: given[name] for name in (*asking.NAMES, asking.SAVED) if name in given}


def _wanted(request: Request, ticket: Ticket, params: dict[str, str]) -> Wanted | None:
    """The view, read with what is known here: the ticket's desk. None for a search, and for another desk's."""
    if params.get("q") or params.get("mesa", ticket.desk.slug) != ticket.desk.slug:
        return None
    # Of several desks a product is named with its desk.
    product = params.get("producto", "").removeprefix(f"{ticket.desk.slug}.")
    wanted, _chosen = asking.asked(
        params | {"producto": product}, [ticket.desk], user_id=request.actor.user_id, now=request.moment
    )
    every = tuple(request.actor.ticket_desk_ids())
    return replace(wanted, desk_ids=every) if every and "mesa" not in params else wanted


def _position(params: dict[str, str], wanted: Wanted, n_before: int, n_after: int, *, here: bool) -> str:
    view = _("saved view") if asking.SAVED in params else _(board.BY_SLUG[wanted.view].name)
    if not here or n_before >= board.BOUND:
        return _("in “%(view)s”") % {"view": view}
    total = f"{n_before + 1 + n_after}{'+' if n_after >= board.BOUND else ''}"
    return _("%(n)d of %(total)s in “%(view)s”") % {"n": n_before + 1, "total": total, "view": view}
