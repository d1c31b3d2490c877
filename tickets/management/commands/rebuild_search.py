"""Index every ticket anew: after an update that changed what search reads, or where the index was lost."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tickets.actions import searching
from tickets.models import Ticket

BATCH = 500


class Command(BaseCommand):
    help = "Index every ticket for search anew, while everything runs; it may be broken off and run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--after", type=int, default=0, help="go on after the ticket with this id")

    def handle(self, *args: Any, **options: Any) -> None:
        last, n = options["after"], 0
        tickets = Ticket.objects.select_related("client").order_by("pk")
        while batch := list(tickets.filter(pk__gt=last)[:BATCH]):
            n += searching.rebuild(batch)
            last = batch[-1].pk
            self.stdout.write(f"{n} tickets, up to id {last}")
