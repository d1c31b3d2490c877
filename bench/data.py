"""A desk with many tickets, made in SQL from a few that actions opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.apps import apps
from django.db import connection

from desks import actions as desk_actions
from desks.models import DeskCounter, Membership
from schedules import queries as schedule_queries
from schedules.models import CalendarVersion
from tests import factories
from tickets import actions
from tickets.models import Clock, Message, QueueDelta, Ticket, TicketEvent, TicketSearch

MESSAGES: Final = 10
ALWAYS: Final = [{"weekday": day, "opens": "00:00", "closes": "24:00"} for day in range(7)]


class Desk:
    """The desk that is measured: its people, and a ticket with ten messages."""

    def __init__(self, now: datetime) -> None:
        self.cast = factories.Cast()
        _always_open(self.cast)
        start = now - timedelta(hours=2)
        self.model = self.cast.ticket(now=start, client_rfc="FNO180312KX1", product_version="4.2.7")
        ada = factories.actor(self.cast.ada)
        self.busy = actions.take(self.cast.ticket(now=start), by=ada, now=start)
        for n in range(MESSAGES - 1):
            by = ada if n % 2 else factories.actor(self.cast.rosa)
            at = start + timedelta(minutes=n + 1)
            actions.add_message(self.busy, by=by, now=at, body=f"Mensaje {n}: {factories.CLEAR}")


def _always_open(cast: factories.Cast) -> None:
    """Office hours around the clock and room for everybody: the same path is measured at any hour."""
    spec = {"hours": ALWAYS, "holidays": None, "closures": [], "extra_openings": []}
    CalendarVersion.objects.create(
        calendar_id=cast.desk.calendar_id or 0,
        valid_from=date(2000, 1, 1),
        timezone=cast.desk.timezone,
        spec=spec,
        created_at=factories.OFFICE,
    )
    Membership.objects.update(max_open=30_000)
    desk_actions.touch(cast.desk)
    schedule_queries.forget_calendar(cast.desk.calendar_id or 0)


def fill(desk: Desk, *, total: int, n_open: int) -> None:
    """Bring the desk to `total` tickets of which `n_open` are open. Some seconds for a hundred thousand."""
    have = Ticket.objects.count()
    first = DeskCounter.objects.get(desk=desk.cast.desk, kind="ticket").last + 1
    n_new, n_new_open = total - have, n_open - Ticket.objects.active().count()
    with connection.cursor() as cursor:
        _tickets(cursor, desk, first, n_new, n_new_open)
        _rows(cursor, desk, first)
        _settle(cursor, desk, first, n_new, n_new_open)
    _counts(desk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _insert(cursor: Any, model: Any, overrides: Mapping[str, str], source: str, params: Mapping[str, Any]) -> None:
    """Copy rows of a table with some columns reckoned anew. `source` names its row `m`."""
    table = model._meta.db_table
    names = [field.column for field in model._meta.concrete_fields if field.column not in {"xid"}]
    if "id" in names and "id" not in overrides:
        names.remove("id")
    values = [overrides.get(name, f'm."{name}"') for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {', '.join(values)} FROM {source}", params)  # noqa: S608


def _tickets(cursor: Any, desk: Desk, first: int, n_new: int, n_open: int) -> None:
    """New rows: the newest are open, the others closed, one every few minutes into the past."""
    is_open = f"g > {n_new - n_open}"
    _insert(
        cursor,
        Ticket,
        {
            "counter": "%(first)s + g - 1",
            "number": "'IMX-' || (%(first)s + g - 1)",
            "subject": "'Reporte ' || g || ' ' || substr(md5(g::text), 1, 6) || ': no timbra'",
            "status": f"CASE WHEN {is_open} THEN 'assigned' ELSE 'closed' END",
            "opened_at": "m.opened_at - (%(n)s - g) * interval '2 minutes'",
            "last_activity_at": "m.last_activity_at - (%(n)s - g) * interval '2 minutes'",
            "resolved_at": f"CASE WHEN {is_open} THEN NULL ELSE m.opened_at - (%(n)s - g) * interval '2 minutes' END",
            "closed_at": f"CASE WHEN {is_open} THEN NULL ELSE m.opened_at - (%(n)s - g) * interval '2 minutes' END",
            "sort_due_at": f"CASE WHEN {is_open} THEN m.sort_due_at + (g %% 5000) * interval '1 minute' "
            "ELSE '9000-01-01Z' END",
            "sort_due_kind": f"CASE WHEN {is_open} THEN m.sort_due_kind ELSE '' END",
            "assignee_id": "(%(people)s)[1 + g %% 2]",
            "intake_key": "NULL",
        },
        f"{Ticket._meta.db_table} m, generate_series(1, %(n)s) g WHERE m.id = %(model)s",
        {
            "first": first,
            "n": n_new,
            "model": desk.model.pk,
            "people": [desk.cast.ada.pk, desk.cast.bruno.pk],
        },
    )


def _rows(cursor: Any, desk: Desk, first: int) -> None:
    """What hangs on each new ticket: a message, the facts, the index of search; clocks on those that are open."""
    new = "tickets_ticket t WHERE t.counter >= %(first)s AND m.ticket_id = %(model)s"
    params = {"first": first, "model": desk.model.pk}
    _insert(cursor, Message, {"ticket_id": "t.id"}, f"{Message._meta.db_table} m, {new}", params)
    _insert(cursor, TicketEvent, {"ticket_id": "t.id"}, f"{TicketEvent._meta.db_table} m, {new}", params)
    _insert(cursor, Clock, {"ticket_id": "t.id"}, f"{Clock._meta.db_table} m, {new} AND t.status = 'assigned'", params)
    vector = "to_tsvector('es_unaccent', t.number || ' ' || t.subject || ' ' || t.requester_name)"
    _insert(
        cursor,
        TicketSearch,
        {"ticket_id": "t.id", "public_tsv": vector, "staff_tsv": vector},
        f"{TicketSearch._meta.db_table} m, {new}",
        params,
    )


def _settle(cursor: Any, desk: Desk, first: int, n_new: int, n_open: int) -> None:
    cursor.execute(
        "UPDATE desks_deskcounter SET last = %s WHERE desk_id = %s AND kind = 'ticket'",
        [first + n_new - 1, desk.cast.desk.pk],
    )


def _counts(desk: Desk) -> None:
    """The kept counts as the folding task would leave them."""
    QueueDelta.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tickets_queuedelta (desk_id, key, n)
            SELECT desk_id, key, count(*) FROM tickets_ticket,
                LATERAL (VALUES ('open'), ('assignee:' || assignee_id)) k(key)
            WHERE status NOT IN ('closed', 'resolved', 'cancelled', 'merged') AND key IS NOT NULL GROUP BY 1, 2
            UNION ALL
            SELECT desk_id, 'load:' || assignee_id, 2 * count(*) FROM tickets_ticket
            WHERE status NOT IN ('closed', 'resolved', 'cancelled', 'merged') AND assignee_id IS NOT NULL GROUP BY 1, 2
            """
        )


def forget() -> None:
    """Empty every table of ours."""
    names = [
        model._meta.db_table
        for config in apps.get_app_configs()
        if config.label
        in {"tickets", "desks", "clients", "knowledge", "schedules", "accounts", "notifications", "files", "sessions"}
        for model in config.get_models()
    ]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(names) + " RESTART IDENTITY CASCADE")
