"""Is it alive, and is it ready: two addresses that answer before anything else looks at the request.

`/readyz` is 503 only for what a restart or a migration has to mend; the broker and the sweeps may be late without
losing anything, so they only appear under `degraded`.
"""

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from notifications.models import Notification
from schedules.models import Timer

BROKER_SECONDS = 0.1  # how long a broker may take to answer
LATE_SECONDS = 60  # a timer or notice due for longer, or a beat older than that, is worth a look
BEAT_KEY = "helpdesk:beat"

GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answer `/healthz` and `/readyz` whatever the Host and scheme: a load balancer knows neither."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return answer({"status": "ok"}, 200)
        if request.path == "/readyz":
            state = readiness(timezone.now())
            return answer(state, 200 if state["database"] and state["migrations"] else 503)
        return self.get_response(request)


def answer(state: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse(state, status=status, headers={"Cache-Control": "no-store"})


def readiness(now: datetime) -> dict[str, Any]:
    """Return the fields of contract section 5. Four queries, one round to the broker."""
    state: dict[str, Any] = {"database": False, "migrations": False, "broker": broker_answers()}
    state.update(dict.fromkeys(("oldest_due_timer_s", "oldest_due_notice_s", "last_beat_s")))
    try:
        state["migrations"] = not missing_migrations()
        state["database"] = True
        if state["migrations"]:
            state["oldest_due_timer_s"] = age(oldest_due_timer(now), now)
            state["oldest_due_notice_s"] = age(oldest_due_notice(now), now)
    except Error:
        state["migrations"] = False
        connection.close()
    if state["broker"]:
        state["last_beat_s"] = age(last_beat(), now)
    return {**state, "degraded": degraded(state)}


def degraded(state: dict[str, Any]) -> list[str]:
    """Return what works less well than it should, as codes."""
    late = {
        "timers": (state["oldest_due_timer_s"] or 0) > LATE_SECONDS,
        "notices": (state["oldest_due_notice_s"] or 0) > LATE_SECONDS,
        "beat": state["last_beat_s"] is None or state["last_beat_s"] > LATE_SECONDS,
    }
    wrong = [name for name in ("database", "migrations", "broker") if not state[name]]
    return [*wrong, *(name for name, is_late in late.items() if is_late)]


def age(since: datetime | None, now: datetime) -> float | None:
    """Return the seconds since then, at least 0; None without a then."""
    return None if since is None else max(0.0, round((now - since).total_seconds(), 1))


# ---------------------------------------------------------------- database


@functools.cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations that this code brings; read once in a process."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def missing_migrations() -> frozenset[tuple[str, str]]:
    """Return those that the database lacks. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return known_migrations()
        cursor.execute("SELECT app, name FROM django_migrations")
        return known_migrations() - frozenset((app, name) for app, name in cursor.fetchall())


def oldest_due_timer(now: datetime) -> datetime | None:
    """Return since when the timer that waits longest is due."""
    return Timer.objects.due(now).values_list("next_attempt_at", flat=True).first()


def oldest_due_notice(now: datetime) -> datetime | None:
    """Return since when the notice that waits longest is due."""
    due = Notification.objects.pending().filter(next_attempt_at__lte=now).order_by("next_attempt_at")
    return due.values_list("next_attempt_at", flat=True).first()


# ---------------------------------------------------------------- broker


@functools.cache
def _broker(url: str) -> redis.Redis:
    options = {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS}
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **options)


def broker_answers() -> bool:
    """Tell whether the broker answers at once."""
    try:
        return bool(_broker(settings.CELERY_BROKER_URL).ping())
    except redis.RedisError:
        return False


def note_beat(now: datetime) -> None:
    """Write down that beat rang and a worker heard it."""
    cache.set(BEAT_KEY, now.isoformat(), timeout=None)


def last_beat() -> datetime | None:
    """Return when that was last."""
    noted = cache.get(BEAT_KEY)
    return datetime.fromisoformat(noted) if noted else None
