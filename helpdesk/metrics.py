"""Figures for Prometheus, for those who may read them: the machine itself, or a scraper with the token."""

from secrets import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django_prometheus.exports import ExportToDjangoView

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer 404 to everybody else: the address says nothing."""
    if not (_direct_from_this_machine(request) or _has_token(request)):
        raise Http404
    answer: HttpResponse = ExportToDjangoView(request)
    return answer


def _direct_from_this_machine(request: HttpRequest) -> bool:
    """A proxy on this machine speaks for others, and says so in its headers."""
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via"))
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
