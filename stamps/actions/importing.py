"""Usage from a file: kept with what is wrong with it, then booked row by row once somebody has said so.

Rows stand in the order of accounts and instants, so that batches lock as everybody locks. A batch is a transaction:
rows, progress and the timer of the next batch together. A row that is booked stands under its reference: the same file
again books nothing twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from clients import actors
from core.actor import Actor
from core.errors import DomainError, Forbidden
from desks import queries as desk_queries
from desks.models import Desk
from schedules import timers
from schedules.models import Timer
from stamps import usage_file
from stamps.actions import ledger
from stamps.models import MovementKind, StampAccount, StampAccountRfc, StampMovement, UsageImport
from stamps.models.account import READING
from stamps.usage_file import Fault, Line

TIMER: Final = "stamps.usage_import"
BATCH: Final = 100

Row = dict[str, Any]


def keep_file(desk: Desk, data: bytes, *, name: str, by: Actor, now: datetime) -> UsageImport:
    """Read a file of usage and keep what it would book. Raises Invalid on `file`, Forbidden. Nothing is booked yet."""
    if not by.has_role(desk.pk, *READING) or by.user_id is None:
        raise Forbidden
    zone = desk_queries.config(desk).zone
    lines, faults = usage_file.read(data, zone=zone, now=now)
    rows, unknown = _matched(desk, lines)
    rows, known, used = _told_before(rows)
    rows.sort(key=lambda row: (row["account"], row["at"], row["line"]))
    faults = sorted([*faults, *unknown, *used], key=lambda fault: fault.line)
    return UsageImport.objects.create(
        desk=desk,
        name=name[-120:],
        rows=rows,
        faults=[fault.as_json() for fault in faults],
        n_rows=len(rows),
        n_known=known,
        created_at=now,
        created_by_id=by.user_id,
    )


def confirm(one: UsageImport, *, by: Actor, now: datetime) -> UsageImport:
    """Begin to book: the first rows at once, the others by timers. Confirmed twice is confirmed once."""
    if not by.has_role(one.desk_id, *READING):
        raise Forbidden
    with transaction.atomic():
        fresh = UsageImport.objects.select_for_update().get(pk=one.pk)
        if fresh.confirmed_at is None:
            fresh.confirmed_at = now
            _book_some(fresh, by, now)
    return fresh


def lock_import(payload: Mapping[str, Any]) -> None:
    """Lock the file: the owner comes before its timer."""
    UsageImport.objects.select_for_update().filter(pk=payload["import"]).first()


def batch_due(timer: Timer, now: datetime) -> None:
    """Book the next rows of a file."""
    one = UsageImport.objects.select_related("created_by").get(pk=timer.payload["import"])
    _book_some(one, actors.actor_for(one.created_by), now)


def _book_some(one: UsageImport, by: Actor, now: datetime) -> None:
    """Book the next rows of a locked file, keep how far it came, and set the timer of the rows that are left."""
    batch = one.rows[one.n_done : one.n_done + BATCH]
    accounts = StampAccount.objects.in_bulk({row["account"] for row in batch})
    for row in batch:
        _book(one, accounts[row["account"]], row, by, now)
    one.n_done += len(batch)
    if one.n_done == one.n_rows:
        one.finished_at = now
    else:
        timers.set(
            key=f"usage-import/{one.pk}/{one.n_done}",
            handler=TIMER,
            owner=f"stamps/{one.desk_id}",
            due_at=now,
            payload={"import": one.pk},
            now=now,
        )
    one.save(update_fields=["n_done", "n_booked", "faults", "confirmed_at", "finished_at"])


def _book(one: UsageImport, account: StampAccount, row: Row, by: Actor, now: datetime) -> None:
    """Book a row; what a rule refuses is noted with its line."""
    told: Row = {"at": datetime.fromisoformat(row["at"]), "reference": row["reference"], "by": by, "now": now}
    try:
        with transaction.atomic():
            if row["used"] is not None:
                ledger.use(account, used=row["used"], **told)
            else:
                ledger.report(account, balance=row["balance"], **told)
    except DomainError as refused:
        text = " ".join([str(refused.message), *(str(error.message) for error in refused.errors)])
        one.faults = [*one.faults, Fault(row["line"], text).as_json()]
    else:
        one.n_booked += 1


# ------------------------------------------------------------------ before it is booked


def _matched(desk: Desk, lines: Sequence[Line]) -> tuple[list[Row], list[Fault]]:
    """The rows with the account that each is of. 1 query."""
    drawing = StampAccountRfc.objects.filter(
        vendor_id=desk.vendor_id, account__desk=desk, rfc__in={x.rfc for x in lines}
    )
    accounts: dict[str, dict[str, int]] = defaultdict(dict)
    for rfc, product, pk in drawing.values_list("rfc", "product__slug", "account_id"):
        accounts[rfc][product] = pk
    rows, faults = [], []
    for line in lines:
        found = accounts.get(line.rfc, {})
        if line.product:
            found = {slug: pk for slug, pk in found.items() if slug == line.product}
        if len(found) == 1:
            rows.append(_row(line, next(iter(found.values()))))
        elif found:
            faults.append(
                Fault(line.line, _("%s has accounts of several products: fill in the column product.") % line.rfc)
            )
        else:
            faults.append(Fault(line.line, _("No account of this desk has the RFC %s.") % line.rfc))
    return rows, faults


def _row(line: Line, account: int) -> Row:
    return {
        "line": line.line,
        "account": account,
        "rfc": line.rfc,
        "used": line.used,
        "balance": line.balance,
        "at": line.at.isoformat(),
        "reference": line.reference,
    }


def _told_before(rows: Sequence[Row]) -> tuple[list[Row], int, list[Fault]]:
    """The rows that are new, how many were told before, and those whose reference says something else."""
    references = {row["reference"] for row in rows}
    movements = StampMovement.objects.filter(account_id__in={row["account"] for row in rows}, reference__in=references)
    told = {
        (m.account_id, m.reference): m
        for m in movements.only("account_id", "reference", "kind", "amount", "reported", "at")
    }
    new, known, faults = [], 0, []
    for row in rows:
        before = told.get((row["account"], row["reference"]))
        if before is None:
            new.append(row)
        elif _says(before) == (row["used"], row["balance"], datetime.fromisoformat(row["at"])):
            known += 1
        else:
            faults.append(Fault(row["line"], _("The reference “%s” was used for something else.") % row["reference"]))
    return new, known, faults


def _says(movement: StampMovement) -> tuple[int | None, int | None, datetime]:
    used = -movement.amount if movement.kind == MovementKind.USAGE else None
    return used, movement.reported, movement.at
