"""The history of the demo."""

import argparse
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.history import loading

CENTRO = ZoneInfo("America/Mexico_City")


def _day(text: str) -> datetime:
    """10:42 of a day, in Mexico City."""
    try:
        return datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time(10, 42), CENTRO)  # noqa: DTZ007
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(_("%r is not a date such as 2026-11-17") % text) from wrong


class Command(BaseCommand):
    help = "Loads months of believable cases for both desks, once; what is there already stays as it is."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=4821)
        parser.add_argument("--date", type=_day, default=None, help="up to 10:42 of that day; without it, up to now")

    def handle(self, *args: Any, **options: Any) -> None:
        if loading.is_loaded():
            self.stdout.write("La historia de la demostración ya está cargada.")
            return
        now = options["date"] or timezone.now().replace(second=0, microsecond=0)
        try:
            n = loading.load(now=now, seed=options["seed"])
        except LookupError as missing:
            raise CommandError(str(missing)) from missing
        self.stdout.write(f"Historia de la demostración: {n} tickets.")
