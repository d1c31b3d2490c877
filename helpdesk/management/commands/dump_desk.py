"""`manage.py dump_desk SLUG`: write the file of a desk."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from desks.models import Desk
from helpdesk import deskfile


class Command(BaseCommand):
    help = "Print the file of a desk; load_desk reads it back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the desk")

    def handle(self, *args: Any, **options: Any) -> None:
        desk = Desk.objects.select_related("vendor").filter(slug=options["slug"]).first()
        if desk is None:
            raise CommandError(_("There is no desk %(slug)s.") % {"slug": options["slug"]})
        self.stdout.write(deskfile.dump(desk), ending="")
