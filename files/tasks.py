"""What the worker does for files."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from files import actions


@shared_task(ignore_result=True)
def sweep_orphans() -> None:
    """Delete bytes that never got a row."""
    actions.sweep_orphans(now=timezone.now())
