"""The operators of a search as conditions on tickets. What they narrow is what the actor may see anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.models import User
from clients.models import Client, TaxId
from tickets import searchquery
from tickets.queries.tags import wearing
from tickets.searchquery import CODES, DUE, ME, NOBODY, OVERDUE, PERIOD, STATES, TAG, WEEK, Filter, Search

_COLUMN: Final[Mapping[str, str]] = {"estado": "status", "prioridad": "priority", "canal": "channel"}


def condition(search: Search, *, user_id: int | None, zone: ZoneInfo, now: datetime, staffed: Q) -> Q:
    """What the filters of a search ask of a ticket. 0 queries: names are looked up in the same statement.

    `zone` is the desk's: its days begin at its midnight. `staffed` are the tickets of desks where the actor works:
    tags are for these people, and nobody else finds by them.
    """
    wanted: dict[str, list[Q]] = {}
    found = Q()
    for item in search.filters:
        q = _one(item, user_id=user_id, zone=zone, now=now)
        if item.name == TAG:
            q &= staffed
        if item.negated:
            found &= ~q
        else:
            wanted.setdefault(f"{item.name}{item.value if item.name in PERIOD else ''}", []).append(q)
    for alternatives in wanted.values():
        either = alternatives[0]
        for q in alternatives[1:]:
            either |= q
        found &= either
    return found


def _one(item: Filter, *, user_id: int | None, zone: ZoneInfo, now: datetime) -> Q:
    name, value = item.name, item.value
    if name in CODES:
        return Q(**{f"{_COLUMN[name]}__in": CODES[name][value]})
    if name == "asignado" and value in {ME, NOBODY}:
        return Q(assignee_id=user_id) if value == ME and user_id else Q(assignee__isnull=True)
    if name == DUE:
        return _due(value, zone=zone, now=now)
    if name in PERIOD:
        start = midnight(date.fromisoformat(value), zone)
        return Q(opened_at__lt=start) if name == "antes" else Q(opened_at__gte=start)
    return _NAMED[name](value)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which the day begins there."""
    return datetime.combine(day, time.min, zone)


def _due(value: str, *, zone: ZoneInfo, now: datetime) -> Q:
    """Tickets that are not over whose first clock runs out then; one whose clocks rest runs out never."""
    is_open = Q(status__in=STATES[searchquery.OPEN])
    if value == OVERDUE:
        return is_open & Q(sort_due_at__lt=now)
    today = now.astimezone(zone).date()
    first, days = (today, 7) if value == WEEK else (date.fromisoformat(value), 1)
    start, end = midnight(first, zone), midnight(first + timedelta(days=days), zone)
    return is_open & Q(sort_due_at__gte=start, sort_due_at__lt=end)


def _assignee(value: str) -> Q:
    return Q(assignee_id__in=User.objects.filter(Q(name__unaccent__icontains=value) | Q(email=value)).values("pk"))


def _client(value: str) -> Q:
    companies = Client.objects.filter(name__unaccent__icontains=value).values("pk")
    return Q(client_id__in=companies) | Q(requester_name__unaccent__icontains=value)


def _rfc(value: str) -> Q:
    rfc = "".join(value.split()).replace("-", "").upper()
    owners = TaxId.objects.filter(rfc__startswith=rfc).values("client_id")
    return Q(client_rfc__startswith=rfc) | Q(client_id__in=owners)


def _product(value: str) -> Q:
    return Q(product__slug=value.lower()) | Q(product__name__unaccent__icontains=value)


def _desk(value: str) -> Q:
    return Q(desk__slug=value.lower()) | Q(desk__name__unaccent__icontains=value)


_NAMED: Final[Mapping[str, Callable[[str], Q]]] = {
    "asignado": _assignee,
    "cliente": _client,
    "rfc": _rfc,
    "producto": _product,
    "mesa": _desk,
    TAG: wearing,
}
