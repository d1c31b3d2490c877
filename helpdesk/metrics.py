"""Figures for Prometheus, for those who may read them: the machine itself, or a scraper with the token."""

from collections.abc import Iterator
from datetime import datetime
from secrets import compare_digest

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schedules import queries as schedule_queries
from schedules.lateness import lateness

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer 404 to everybody else: the address says nothing."""
    if not (_direct_from_this_machine(request) or _has_token(request)):
        raise Http404
    answer: HttpResponse = ExportToDjangoView(request)
    # A registry of its own: what lies in the database is the same for every worker that is asked.
    answer.write(generate_latest(registry(timezone.now())))  # noqa: TID251 - a door
    return answer


class Timers(Collector):
    """How late timers are, read from the database when a scraper asks. 3 queries; nothing while it is away."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            oldest = schedule_queries.waiting_longest(self.now)
            parked, fired = schedule_queries.n_parked(), lateness(self.now)
        except Error:
            return
        waits = max(0.0, (self.now - oldest.next_attempt_at).total_seconds()) if oldest else 0.0
        yield GaugeMetricFamily("helpdesk_timer_oldest_due_seconds", "For how long a timer has been due.", waits)
        yield GaugeMetricFamily("helpdesk_timers_parked", "Timers that failed and wait for a person.", parked)
        yield GaugeMetricFamily("helpdesk_timers_fired", "Timers done in the last five minutes.", fired.n_fired)
        late = GaugeMetricFamily(
            "helpdesk_timer_lateness_seconds", "From due to fired, of the last five minutes.", labels=["quantile"]
        )
        for quantile, seconds in (("0.5", fired.median), ("0.95", fired.p95), ("1", fired.worst)):
            late.add_metric([quantile], seconds)
        yield late


def registry(now: datetime) -> CollectorRegistry:
    found = CollectorRegistry()
    found.register(Timers(now))
    return found


def _direct_from_this_machine(request: HttpRequest) -> bool:
    """A proxy on this machine speaks for others, and says so in its headers."""
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via"))
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
