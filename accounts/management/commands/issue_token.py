"""Print a new API token for a person: `python manage.py issue_token EMAIL`."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import actions
from accounts.models import ApiToken, User

MAX_DAYS: Final = 3660  # ten years; what is to last longer does not expire
MAX_LABEL: Final = ApiToken._meta.get_field("label").max_length or 0


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
            raise CommandError(_("Nobody active has that e-mail."))
        days, label = options["days"], options["label"]
        if days is not None and not 1 <= days <= MAX_DAYS:
            raise CommandError(_("--days goes from 1 to %(limit)d.") % {"limit": MAX_DAYS})
        if len(label) > MAX_LABEL:
            raise CommandError(_("--label takes at most %(limit)d characters.") % {"limit": MAX_LABEL})
        now = timezone.now()
        expires_at = now + timedelta(days=days) if days else None
        plaintext = actions.issue_token(user, label=label, now=now, expires_at=expires_at)[1]
        self.stdout.write(plaintext)
