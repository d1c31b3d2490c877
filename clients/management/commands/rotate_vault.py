"""python manage.py rotate_vault: seal everything by the first of VAULT_KEYS; afterwards the older keys may go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from clients import rotation


class Command(BaseCommand):
    help = "Seals secrets of clients, second factors and drafts by the first of VAULT_KEYS. Stop and repeat it freely."

    def handle(self, *args: Any, **options: Any) -> None:
        lost = 0
        for name, batches in rotation.all_kinds().items():
            n_done = n_lost = 0
            for done, unreadable in batches:
                n_done, n_lost = n_done + done, n_lost + unreadable
            lost += n_lost
            self.stdout.write(f"{name}: {n_done} sealed anew, {n_lost} that no key of the list opens")
        if lost:
            raise CommandError(_("Keep the older keys: some of it cannot be opened with the list as it is."))
