"""The queue of a desk's people: fixed views, their counts, and a page of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_noop as _

from clients.cfdi.codes import Code
from core import paging
from core.actor import Actor
from core.paging import Key, Page
from desks.models import Desk
from tickets import counts, lifecycle
from tickets.lifecycle import Lane, Status
from tickets.models import NEVER, Clock, Ticket
from tickets.queries import search
from tickets.queries.order import followed_by
from tickets.queries.tags import wearing
from tickets.searchquery import Search

SIZE: Final = 25
UTC: Final = ZoneInfo("UTC")
# A count that is not kept but looked up stops here and reads "99+".
BOUND: Final = 100
OVERDUE: Final = "overdue"

_AT_WORK: Final = [Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.SCHEDULED]
_WAITING: Final = [Status.WAITING_CLIENT, Status.WAITING_THIRD_PARTY]
_OPEN: Final = sorted(lifecycle.OPEN)

ORDERS: Final[Mapping[str, tuple[Key, ...]]] = {
    "due": (Key("sort_due_at", parse=paging.instant), Key("priority_rank"), Key("id")),
    "priority": (Key("priority_rank"), Key("sort_due_at", parse=paging.instant), Key("id")),
    "recent": (Key("last_activity_at", descending=True, parse=paging.instant), Key("id", descending=True)),
    "opened_at": (Key("opened_at", parse=paging.instant), Key("id")),
    "-opened_at": (Key("opened_at", descending=True, parse=paging.instant), Key("id", descending=True)),
}


@dataclass(frozen=True, slots=True)
class View:
    """A fixed view: its slug in the address, its name, icon and group."""

    slug: str
    name: str
    icon: str
    group: str


MINE, TEAM = _("My views"), _("Team")
VIEWS: Final = (
    View("por-vencer", _("About to expire"), "clock", MINE),
    View("mios", _("Assigned to me"), "user", MINE),
    View("sigo", _("I follow"), "eye", MINE),
    View("sin-asignar", _("Unassigned"), "inbox", MINE),
    View("por-clasificar", _("To classify"), "sort", MINE),
    View("respondio", _("The client answered"), "reply", MINE),
    View("vencidos", _("Overdue"), "alert", TEAM),
    View("escalados", _("With a ladder"), "up2", TEAM),
    View("guardia", _("On call"), "shield", TEAM),
    View("en-espera", _("Waiting"), "pause", TEAM),
    View("programados", _("Deferred"), "cal", TEAM),
    View("todos", _("All open"), "list", TEAM),
)
BY_SLUG: Final[Mapping[str, View]] = {view.slug: view for view in VIEWS}
DEFAULT: Final = "por-vencer"


# The states of a view, where they are not all that are open. Said once in a statement: two lists of states would let
# the planner take the rows for very few, and sort all that are open instead of reading the first of the index.
_STATES: Final[Mapping[str, list[Status]]] = {
    DEFAULT: _AT_WORK,
    "sin-asignar": [status for status in _OPEN if status != Status.DEFERRED],
    "en-espera": _WAITING,
    "programados": [Status.DEFERRED],
}
# What a view holds, beyond its states at one of the actor's desks; three depend on who asks and when.
_HOLDS: Final[Mapping[str, Q]] = {
    "sin-asignar": Q(assignee__isnull=True),
    "por-clasificar": Q(classify_by__isnull=False),
    "respondio": Q(last_word="client"),
    "escalados": Q(escalated_at__isnull=False),
    "guardia": Q(lane=Lane.ON_CALL),
}


def condition(view: str, *, user_id: int | None, now: datetime) -> Q:
    """What the view lets through of its states."""
    if view == "mios":
        return Q(assignee_id=user_id)
    if view == "sigo":
        return followed_by(user_id)
    if view == "vencidos":
        return Q(sort_due_at__lt=now)
    return _HOLDS.get(view, Q())


def _states(wanted: Wanted) -> list[Status]:
    """The states that are asked for. The work at hand is itself a choice of them: one that is named takes its place."""
    of_view = _STATES.get(wanted.view, _OPEN)
    if not wanted.status:
        return of_view
    return [status for status in (_OPEN if wanted.view == DEFAULT else of_view) if status == wanted.status]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked the queue for; empty means everything."""

    view: str = DEFAULT
    order: str = "due"
    desk_ids: tuple[int, ...] = ()
    status: str = ""
    priority: str = ""
    channel: str = ""
    product_id: int | None = None
    assignee_id: int | None = None
    # Nobody's; `assignee_id` says whose otherwise.
    unassigned: bool = False
    # A tag of the vocabulary, by name or slug.
    tag: str = ""
    # A code or folio fiscal: then tickets in every state, like a search.
    code: Code | None = None
    words: str = ""
    # What the words are, read; None where nothing is looked for.
    search: Search | None = None
    zone: ZoneInfo = UTC
    cursor: str | None = None

    @property
    def whole_desks(self) -> bool:
        """Whether nothing but the desks narrows what a search looks through."""
        narrowing = (self.status, self.priority, self.channel, self.product_id, self.assignee_id, self.tag, self.code)
        return not any(narrowing) and not self.unassigned


def desks_of(actor: Actor) -> list[Desk]:
    """The desks whose tickets the actor works, by name; all that are active for an administrator. 1 query."""
    desks = Desk.objects.active().order_by("name").defer("texts", "wording", "routing_table")
    return list(desks if actor.is_admin else desks.filter(pk__in=actor.ticket_desk_ids()))


def tickets_of(wanted: Wanted, *, user_id: int | None, now: datetime) -> QuerySet[Ticket]:
    """The tickets that the filters and the view let through."""
    found = Ticket.objects.filter(desk_id__in=wanted.desk_ids)
    if wanted.code:
        found = found.filter(codes__kind=wanted.code.kind, codes__text=wanted.code.text)
    elif not wanted.words:
        found = found.filter(status__in=_states(wanted)).filter(condition(wanted.view, user_id=user_id, now=now))
    if wanted.unassigned:
        found = found.filter(assignee__isnull=True)
    narrow = {
        "status": wanted.status if wanted.code or wanted.words else "",
        "priority": wanted.priority,
        "channel": wanted.channel,
        "product_id": wanted.product_id,
        "assignee_id": wanted.assignee_id,
    }
    if wanted.tag:
        found = found.filter(wearing(wanted.tag))
    return found.filter(**{name: value for name, value in narrow.items() if value})


_COLUMNS: Final = (
    "id",
    "number",
    "desk_id",
    "status",
    "lane",
    "priority",
    "priority_rank",
    "channel",
    "subject",
    "client_rfc",
    "client__name",
    "requester_name",
    "assignee_id",
    "assignee__name",
    "escalated_at",
    "reopened_at",
    "last_word",
    "last_activity_at",
    "opened_at",
    "sort_due_at",
    "sort_due_kind",
    "sort_due_target",
    "starts_at",
    "resolved_at",
    "waiting_who",
    "tags",
    "checklist_done",
    "checklist_total",
    "calendar_version_id",
)


def _rows(tickets: QuerySet[Ticket], *more: str) -> QuerySet[Any]:
    """Only what a row shows: 25 whole tickets with their people would cost more than drawing them."""
    version = Clock.objects.filter(
        ticket=OuterRef("pk"), kind=OuterRef("sort_due_kind"), stopped_at__isnull=True
    ).values("calendar_version_id")[:1]
    annotated = tickets.annotate(calendar_version_id=Subquery(version))
    return cast("QuerySet[Any]", annotated.values_list(*_COLUMNS, *more, named=True))


def page(wanted: Wanted, *, actor: Actor, now: datetime) -> Page[Any]:
    """A page of the queue, found or listed. 1 query."""
    tickets = tickets_of(wanted, user_id=actor.user_id, now=now)
    if wanted.search is not None:
        return _found(tickets, wanted, wanted.search, actor=actor, now=now)
    return paging.page(_rows(tickets), ORDERS[wanted.order], cursor=wanted.cursor, size=SIZE)


def _found(tickets: QuerySet[Ticket], wanted: Wanted, asked: Search, *, actor: Actor, now: datetime) -> Page[Any]:
    """Best first; the cursor is the place among the candidates, of which there are a thousand at most."""
    start = place(wanted.cursor, search.CANDIDATES)
    best = search.found(
        tickets, search.Asked(asked, actor, wanted.desk_ids, wanted.zone, now, whole_desks=wanted.whole_desks)
    )
    rows = list(_rows(search.marked(best, asked), "hit", "snippet")[start : start + SIZE + 1])
    more = len(rows) > SIZE and start + SIZE < search.CANDIDATES
    return Page(
        items=rows[:SIZE],
        next=f"p{start + SIZE}" if more else None,
        previous=f"p{max(0, start - SIZE)}" if start else None,
    )


def place(cursor: str | None, n: int) -> int:
    """Where a page of ranked results begins; a cursor that is not ours begins at the top."""
    digits = (cursor or "").removeprefix("p")
    return min(int(digits), n) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0


_COUNTS: Final = """
    SELECT key, sum(n)::int FROM tickets_queuedelta
    WHERE desk_id = ANY(%(desks)s) AND key = ANY(%(keys)s) GROUP BY key
    UNION ALL
    SELECT 'overdue', count(*)::int FROM (
        SELECT FROM tickets_ticket WHERE desk_id = ANY(%(desks)s) AND status = ANY(%(open)s)
        AND sort_due_at < %(now)s LIMIT %(bound)s
    ) late
"""


def count_keys(user_id: int | None) -> dict[str, str]:
    """View -> the kept count that it shows, where one key is the whole answer."""
    return {
        "mios": counts.mine(user_id or 0),
        "sin-asignar": counts.UNASSIGNED,
        "por-clasificar": counts.TO_CLASSIFY,
        "respondio": counts.CLIENT_REPLIED,
        "escalados": counts.ESCALATED,
        "guardia": counts.ON_CALL,
        "en-espera": counts.WAITING,
        "programados": counts.DEFERRED,
        "todos": counts.OPEN,
    }


def view_counts(desk_ids: Sequence[int], *, user_id: int | None, now: datetime) -> dict[str, int]:
    """How many tickets each fixed view holds; the overdue up to BOUND. 1 query."""
    keys = count_keys(user_id)
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTS,
            {"desks": list(desk_ids), "keys": list(keys.values()), "open": _OPEN, "now": now, "bound": BOUND},
        )
        sums: dict[str, int] = dict(cursor.fetchall())
    found = {view: sums.get(key, 0) for view, key in keys.items()}
    found["vencidos"] = sums.get(OVERDUE, 0)
    found[DEFAULT] = found["todos"] - found["en-espera"] - found["programados"]
    return found


def news(wanted: Wanted, *, actor: Actor, since_id: int, now: datetime) -> int:
    """How many tickets came into the view after the one with that id, up to BOUND. 1 query."""
    newer = tickets_of(wanted, user_id=actor.user_id, now=now).filter(id__gt=since_id)
    return len(newer.values_list("id")[:BOUND])


def around(wanted: Wanted, ticket: Ticket, *, user_id: int | None, now: datetime) -> tuple[list[str], list[str], bool]:
    """The numbers after the ticket in the view and before it, nearest first, up to BOUND each; and whether it is in it.

    1 query, over the keys of the order.
    """
    found = tickets_of(wanted, user_id=user_id, now=now)
    order = ORDERS[wanted.order]
    row = Ticket.objects.filter(pk=ticket.pk).values_list(
        ArraySubquery(paging.beyond(found, order, ticket).values("number")[:BOUND]),
        ArraySubquery(paging.beyond(found, order, ticket, backwards=True).values("number")[:BOUND]),
        Exists(found.filter(pk=ticket.pk)),
    )
    after, before, here = row.get()
    return after, before, here


def never(at: datetime) -> bool:
    """Whether the row has no running clock."""
    return at >= NEVER
