"""Do what is due at an instant: `python manage.py run_due --now 2026-11-17T20:10:00-06:00`."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.fields import MESSAGES, parse_instant
from notifications import actions as notification_actions
from schedules import actions as schedule_actions
from schedules import sweeps


class Command(BaseCommand):
    """Fire timers, then deliver notices, and again, until nothing is due."""

    help = "Fire the timers and deliver the notices that are due at --now (default: this instant)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", help="an ISO 8601 instant with its offset")

    def handle(self, *args: Any, **options: Any) -> None:
        fired, sent = run(_instant(options["now"]))
        self.stdout.write(f"timers {fired}, notices {sent}")


def run(now: datetime) -> tuple[int, int]:
    """Do all that is due at `now`, and what that makes due; return how many timers and attempts of notices."""
    fired = sent = 0
    while True:
        more_fired, swept = schedule_actions.fire_due(now=now), sweeps.run(now=now)
        more_sent = notification_actions.send_due(now=now)
        if not more_fired and not more_sent and not swept:
            return fired, sent
        fired, sent = fired + more_fired, sent + more_sent


def _instant(text: str | None) -> datetime:
    if text is None:
        return timezone.now()
    try:
        return parse_instant(text)
    except ValueError as error:
        raise CommandError(str(MESSAGES[str(error)])) from error
