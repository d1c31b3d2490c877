"""What the worker runs by beat and when the bell rings."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from stamps.actions import sweeping


@shared_task(ignore_result=True)
def sweep_levels() -> None:
    """Judge the accounts at which it is time to look again, then stop; beat comes again."""
    sweeping.drain(timezone.now)
