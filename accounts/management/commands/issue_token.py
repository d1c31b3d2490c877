"""Print a new API token for a person: `python manage.py issue_token EMAIL`."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import actions
from accounts.models import User


class Command(BaseCommand):
    """Make a token; its text is printed this once and kept nowhere."""

    help = "Print a new API token for the person with this e-mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--label", default="issue_token")
        parser.add_argument("--days", type=int, help="days until it expires; without, it does not")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"], is_active=True).first()
        if user is None:
            raise CommandError("nobody active has that e-mail")
        days = options["days"]
        if days is not None and days < 1:
            raise CommandError("--days must be at least 1")
        now = timezone.now()
        expires_at = now + timedelta(days=days) if days else None
        _token, plaintext = actions.issue_token(user, label=options["label"], now=now, expires_at=expires_at)
        self.stdout.write(plaintext)
