"""What beat rings for tickets."""

from celery import shared_task

from tickets.actions import counting


@shared_task(ignore_result=True)
def fold_counts() -> None:
    """Keep the counts of the queue short to add up."""
    counting.fold()
