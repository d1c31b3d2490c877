"""What the worker runs: the sweep when the bell rings, the tidying once a day."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from schedules import actions


@shared_task(ignore_result=True)
def fire_due() -> None:
    """Fire what is due, then stop; beat comes again."""
    actions.drain(timezone.now)


@shared_task(ignore_result=True)
def purge_timers() -> None:
    """Let go of what ended more than 90 days ago."""
    actions.purge_timers(now=timezone.now())
