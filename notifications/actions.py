"""Delivering what is due: claim by lease, send outside any transaction, mark, tell who must know."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict
from notifications import doorbell, outcomes, rendering, senders
from notifications.errors import NotConfigured, Refused
from notifications.models import PENDING, Notification, Outcome
from notifications.outbox import SEND_DUE

log = structlog.get_logger(__name__)

# A lease outlives the slowest honest attempt (EMAIL_TIMEOUT, webhook.TIMEOUT_SECONDS); whoever
# wakes somebody is shorter-lived: a worker killed in mid-call must not cost the night two minutes.
LEASE: Final = timedelta(seconds=180)
WAKE_LEASE: Final = timedelta(seconds=30)
DRAIN_SECONDS: Final = 10.0  # then the worker is free for timers, and we ring for the rest

# After the n-th failed attempt; one more attempt than pauses, then the notice is dead.
BACKOFF: Final = tuple(timedelta(seconds=s) for s in (30, 120, 300, 900, 1800, 3600, 7200, 14400, 28800, 28800))
WAKE_BACKOFF: Final = tuple(timedelta(seconds=s) for s in (5, 10, 20, 30, 60))

# Of one topic, channel and recipient only the lowest that is pending; what wakes waits only for what wakes.
_CLAIM: Final = """
    SELECT n.id FROM notifications_notification n
    WHERE n.sent_at IS NULL AND n.dead_at IS NULL AND n.cancelled_at IS NULL
      AND n.next_attempt_at <= %(now)s
      AND (n.lease_until IS NULL OR n.lease_until <= %(now)s)
      AND NOT EXISTS (
        SELECT 1 FROM notifications_notification e
        WHERE e.topic = n.topic AND e.channel = n.channel AND e.recipient = n.recipient AND e.seq < n.seq
          AND e.sent_at IS NULL AND e.dead_at IS NULL AND e.cancelled_at IS NULL
          AND (e.wakes OR NOT n.wakes)
      )
    ORDER BY n.wakes DESC, n.next_attempt_at, n.id
    LIMIT 1
    FOR UPDATE OF n SKIP LOCKED
"""


def drain(clock: Callable[[], datetime], *, seconds: float = DRAIN_SECONDS) -> int:
    """Deliver what is due by a running clock, for at most about `seconds`; rings for the rest."""
    started, n_sent = time.monotonic(), 0
    while send_next(now=clock()):
        n_sent += 1
        if time.monotonic() - started > seconds:
            doorbell.ring(SEND_DUE)
            break
    return n_sent


def send_due(*, now: datetime) -> int:
    """Deliver everything that is due at `now`; return how many attempts that took."""
    n_attempts = 0
    while send_next(now=now):
        n_attempts += 1
    return n_attempts


def send_next(*, now: datetime) -> bool:
    """Attempt the next due notice, or tell one outcome that nobody was told; False when idle."""
    notice = claim(now=now)
    if notice is None:
        return _tell_next(now=now)
    _attempt(notice, now=now)
    _tell_if_ended(notice.pk, now)
    return True


def claim(*, now: datetime) -> Notification | None:
    """Take the next due notice for a while, rendered; committed when this returns.

    Who dies holding it loses nothing: when the lease ends another takes it and sends the same
    bytes. A notice that cannot be rendered is put off here and never stops the next.
    """
    while True:
        with transaction.atomic():
            notice = _lock_next(now)
            if notice is None:
                return None
            if _render_once(notice, now):
                _lease(notice, now)
                return notice
        # Told outside the claim: a handler locks its own things before it comes to notices.
        _tell_if_ended(notice.pk, now)


def _lock_next(now: datetime) -> Notification | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now})
        row = cursor.fetchone()
    return Notification.objects.get(pk=row[0]) if row else None


def _render_once(notice: Notification, now: datetime) -> bool:
    """Render and keep the bytes if there are none yet; False when that failed and the notice was put off."""
    if notice.rendered is not None:
        return True
    try:
        with transaction.atomic():
            _keep(notice, rendering.render(notice, now=now), now)
    except Exception as error:
        log.exception("notice_not_rendered", notice=notice.pk, template=notice.template)
        notice.attempts += 1
        _fail(notice, error, now)
        return False
    return True


def _keep(notice: Notification, rendered: rendering.Rendered, now: datetime) -> None:
    notice.rendered = rendered.content
    notice.rendered_text = rendered.text
    notice.message_id = rendered.message_id
    notice.rendered_at = now
    notice.save(update_fields=["rendered", "rendered_text", "message_id", "rendered_at"])


def _lease(notice: Notification, now: datetime) -> None:
    notice.lease_token = uuid.uuid4()
    notice.lease_until = now + _lease_time(notice)
    # Counted at the claim: a notice that kills its worker comes to an end as well.
    notice.attempts += 1
    notice.save(update_fields=["lease_token", "lease_until", "attempts"])


def _lease_time(notice: Notification) -> timedelta:
    if settings.NOTICE_LEASE_SECONDS:
        return timedelta(seconds=settings.NOTICE_LEASE_SECONDS)
    return WAKE_LEASE if notice.wakes else LEASE


# --------------------------------------------------------------------------- one attempt


def _attempt(notice: Notification, *, now: datetime) -> None:
    """Send outside any transaction, then mark. What the mark says is what the carrier said."""
    try:
        senders.send(notice)
    except Refused as error:
        _mark(notice, Outcome.BOUNCED, now, error)
    except NotConfigured as error:
        _mark(notice, Outcome.DEAD, now, error)
    except Exception as error:
        log.warning("notice_not_sent", notice=notice.pk, error=type(error).__name__)
        _fail(notice, error, now)
    else:
        _mark(notice, Outcome.DELIVERED, now)


def _mark(notice: Notification, outcome: Outcome, now: datetime, error: Exception | None = None) -> None:
    """Write how it ended, if the lease is still ours. What was cancelled meanwhile can only be delivered."""
    handler = outcomes.handler_for(notice.template, outcome)
    mine = Notification.objects.filter(pk=notice.pk, lease_token=notice.lease_token, sent_at=None, dead_at=None)
    if outcome != Outcome.DELIVERED:
        mine = mine.filter(cancelled_at=None)
    mine.update(
        sent_at=now if outcome == Outcome.DELIVERED else None,
        dead_at=None if outcome == Outcome.DELIVERED else now,
        outcome=outcome,
        outcome_told_at=None if handler else now,
        last_error=_error_text(error),
        lease_token=None,
        lease_until=None,
    )


def _fail(notice: Notification, error: Exception, now: datetime) -> None:
    """Put the notice off, or give it up when its attempts are used up."""
    pauses = WAKE_BACKOFF if notice.wakes else BACKOFF
    if notice.attempts > len(pauses):
        _mark(notice, Outcome.DEAD, now, error)
        return
    Notification.objects.filter(PENDING, pk=notice.pk, lease_token=notice.lease_token).update(
        attempts=notice.attempts,
        next_attempt_at=now + pauses[notice.attempts - 1],
        last_error=_error_text(error),
        lease_token=None,
        lease_until=None,
    )


def _error_text(error: Exception | None) -> str:
    if error is None:
        return ""
    text = f"{type(error).__name__}: {error}".replace("\x00", "")
    return text.encode("utf-8", "replace").decode()[:500]


# --------------------------------------------------------------------------- outcomes


def _tell_next(*, now: datetime) -> bool:
    """Tell one outcome whose telling was cut short; False when there is none that can be told."""
    waiting = (
        Notification.objects.exclude(outcome="")
        .filter(Q(next_attempt_at__lte=now), outcome_told_at=None)
        .order_by("id")
        .values_list("pk", flat=True)
        .first()
    )
    if waiting is None:
        return False
    _tell(waiting, now)
    return True


def _tell_if_ended(pk: int, now: datetime) -> None:
    """Tell the outcome of this notice if it has one that somebody waits for. 1 query when not."""
    if Notification.objects.exclude(outcome="").filter(pk=pk, outcome_told_at=None).exists():
        _tell(pk, now)


def _tell(pk: int, now: datetime) -> None:
    """Call the handler and note it, in one transaction. A handler that fails is tried again later.

    The handler comes first because it locks its own things (a ticket before its notices); the note
    is conditional, so of two workers that tell the same outcome one undoes what it did.
    """
    try:
        with transaction.atomic():
            notice = Notification.objects.get(pk=pk)
            handler = outcomes.handler_for(notice.template, notice.outcome) if notice.outcome else None
            if notice.outcome_told_at is None and handler:
                handler(notice)
            if not Notification.objects.filter(pk=pk, outcome_told_at=None).update(outcome_told_at=now):
                raise _AlreadyTold
    except _AlreadyTold:
        return
    except Exception:
        log.exception("outcome_not_told", notice=pk)
        Notification.objects.filter(pk=pk).update(next_attempt_at=now + WAKE_BACKOFF[-1])


class _AlreadyTold(Exception):
    """Another worker told this outcome first."""


# --------------------------------------------------------------------------- people and other apps


def cancel(*, topic: str | None = None, key: str | None = None, key_prefix: str = "", now: datetime) -> int:
    """Cancel what is pending under a topic, a key or what keys begin with; return how many. In flight may still arrive.

    Raises ValueError when none is named.
    """
    if topic is None and key is None and not key_prefix:
        raise ValueError("name a topic or a key")
    pending = Notification.objects.pending()
    if topic is not None:
        pending = pending.filter(topic=topic)
    if key is not None:
        pending = pending.filter(key=key)
    if key_prefix:
        pending = pending.filter(key__startswith=key_prefix)
    return pending.update(cancelled_at=now)


@transaction.atomic
def retry_dead(notice: Notification, *, by: Actor, now: datetime) -> Notification:
    """Give a dead or bounced notice its attempts again: the same bytes, the same Message-ID.

    Its outcome will be told once more when it ends again. Raises Conflict for any other notice.
    """
    notice = Notification.objects.select_for_update().get(pk=notice.pk)
    if notice.dead_at is None:
        raise Conflict(_("Only notices that were given up can be sent again."), code="not_dead")
    notice.dead_at = None
    notice.sent_at = None
    notice.outcome = ""
    notice.outcome_told_at = None
    notice.attempts = 0
    notice.next_attempt_at = now
    notice.save(update_fields=["dead_at", "sent_at", "outcome", "outcome_told_at", "attempts", "next_attempt_at"])
    log.info("notice_retried", notice=notice.pk, by=by.id)
    doorbell.ring_on_commit(SEND_DUE)
    return notice


def bounce(notice: Notification, *, now: datetime, reason: str) -> bool:
    """Note that a delivered notice came back afterwards; False when it had bounced already."""
    changed = Notification.objects.filter(pk=notice.pk, sent_at__isnull=False, dead_at=None).update(
        dead_at=now, outcome=Outcome.BOUNCED, outcome_told_at=None, last_error=reason[:500], next_attempt_at=now
    )
    if changed:
        doorbell.ring_on_commit(SEND_DUE)
    return bool(changed)
