"""Bring the demo's database up: migrations, both desks, their history. What is there already stays as it is."""

import argparse
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from desks.models import Desk

DESK_FILES = ("invoice-mx", "facturando")  # each file is named after its desk


class Command(BaseCommand):
    help = "Migrates, loads the desks that are missing and their demo history; changes nothing that exists."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=Path(settings.BASE_DIR) / "desks" / "data")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(_("prepare_demo fills the database with invented people: set DEMO=1 if you mean it."))
        call_command("migrate", interactive=False, verbosity=0)
        # A desk that is there may have been changed by a person since: its file is not loaded over it.
        known = set(Desk.objects.values_list("slug", flat=True))
        for slug in DESK_FILES:
            if slug not in known:
                self.stderr.write(f"Cargando la mesa {slug} …")
                call_command("load_desk", str(options["data"] / f"{slug}.yaml"), stdout=StringIO())
        call_command("load_demo", stdout=self.stderr)
        call_command("demo_accounts", format="json", stdout=self.stdout)
