"""What beat rings for tickets."""

from celery import shared_task
from django.utils import timezone

from tickets.actions import counting, wordlist


@shared_task(ignore_result=True)
def fold_counts() -> None:
    """Keep the counts of the queue short to add up."""
    counting.fold()


@shared_task(ignore_result=True)
def learn_words() -> None:
    """Learn the words that the desks used since; some thousands of messages at a time."""
    for _batch in range(5):
        if not wordlist.learn(now=timezone.now()):
            return
