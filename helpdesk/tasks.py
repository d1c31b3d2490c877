"""What beat rings that belongs to no app alone: the sign of life, and the hourly tidying."""

from celery import shared_task
from django.utils import timezone

from helpdesk import health, housekeeping


@shared_task(ignore_result=True)
def beat_seen() -> None:
    """Write down that beat, broker and a worker work together."""
    health.note_beat(timezone.now())


@shared_task(ignore_result=True)
def tidy() -> None:
    """Delete what nobody needs any more."""
    housekeeping.run(now=timezone.now())
