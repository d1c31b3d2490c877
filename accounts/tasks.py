"""What the worker does for accounts."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import actions


@shared_task(ignore_result=True)
def forget_answers() -> None:
    """Delete idempotency records whose time is over."""
    actions.forget_answers(now=timezone.now())
