"""What the worker runs when the bell rings. The tidying is `helpdesk.housekeeping`'s."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from schedules import actions


@shared_task(ignore_result=True)
def fire_due() -> None:
    """Fire what is due, then stop; beat comes again."""
    actions.drain(timezone.now)
