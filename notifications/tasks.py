"""What the worker runs when the bell rings."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from notifications import actions


@shared_task(ignore_result=True)
def send_due() -> None:
    """Deliver what is due, then stop; beat and the doorbell come again."""
    actions.drain(timezone.now)
