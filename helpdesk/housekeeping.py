"""What is deleted in time (answers kept for repeated calls, sessions, done timers, orphan files) or kept going."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from accounts.idempotency import KEPT
from accounts.models import IdempotencyRecord
from desks import rota_listeners
from desks.models import Desk
from files import actions as file_actions
from knowledge import actions as article_actions
from portal import actions as portal_actions
from schedules import actions as schedule_actions
from tickets.actions import bulk, drafting, uploads

BATCH = 1000  # rows a statement: no long lock, no long transaction

log = structlog.get_logger(__name__)


def run(*, now: datetime) -> dict[str, int]:
    """Do every chore; one that fails does not keep the others from being done. Returns how much each deleted or did."""
    done: dict[str, int] = {}
    for chore in CHORES:
        try:
            done[chore.__name__] = chore(now)
        except Exception:
            log.exception("chore_failed", chore=chore.__name__)
    log.info("tidied", **done)
    return done


def idempotency_records(now: datetime) -> int:
    return _delete(IdempotencyRecord.objects.filter(created_at__lte=now - KEPT))


def sessions(now: datetime) -> int:
    return Session.objects.filter(expire_date__lt=now).delete()[0]


def bulk_changes(now: datetime) -> int:
    return bulk.purge(now=now)


def ended_timers(now: datetime) -> int:
    return schedule_actions.purge_timers(now=now)


def orphan_files(now: datetime) -> int:
    return file_actions.sweep_orphans(now=now)


def unsent_files(now: datetime) -> int:
    return portal_actions.forget_unsent(now=now)


def unsent_uploads(now: datetime) -> int:
    return uploads.sweep(now=now)


def old_drafts(now: datetime) -> int:
    return drafting.forget_old(now=now)


def old_votes(now: datetime) -> int:
    return article_actions.forget_votes(now=now)


def coming_of_rotas(now: datetime) -> int:
    """Set what a rota sets and is not set: of a desk loaded by another version, after a change of hours."""
    desks = list(Desk.objects.active().filter(rota__isnull=False))
    for desk in desks:
        rota_listeners.saved(desk, now=now)
    return len(desks)


def _delete(rows: QuerySet[Any]) -> int:
    """Delete them a batch a transaction; return how many."""
    total = 0
    while ids := list(rows.values_list("pk", flat=True)[:BATCH]):
        total += rows.model._default_manager.filter(pk__in=ids).delete()[0]
    return total


CHORES: tuple[Callable[[datetime], int], ...] = (
    idempotency_records,
    sessions,
    bulk_changes,
    ended_timers,
    old_drafts,
    unsent_uploads,
    unsent_files,
    orphan_files,
    old_votes,
    coming_of_rotas,
)
