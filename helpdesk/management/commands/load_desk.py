"""`manage.py load_desk FILE.yaml …`: make desks what their files say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.actor import Actor, ActorKind
from core.errors import Invalid, Text
from helpdesk import deskfile

_UNREADABLE: Final[Mapping[type[Exception], Text]] = {
    FileNotFoundError: gettext_lazy("there is no such file"),
    IsADirectoryError: gettext_lazy("it is a folder"),
    PermissionError: gettext_lazy("it may not be read by this user"),
    UnicodeDecodeError: gettext_lazy("it is not UTF-8"),
}

BY = Actor(ActorKind.SERVICE, label="load_desk")


class Command(BaseCommand):
    """All faults of a file are told at once with their place; then nothing of it is saved and the exit code is 1."""

    help = "Load a desk from its file. What the file leaves out is deactivated, never deleted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="+", type=Path, help="file of a desk, as dump_desk writes it")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["file"]:
            self._load(path)

    def _load(self, path: Path) -> None:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = next((text for kind, text in _UNREADABLE.items() if isinstance(error, kind)), error)
            raise CommandError(_("%(file)s cannot be read: %(reason)s") % {"file": path, "reason": reason}) from error
        try:
            changes = deskfile.load(text, now=timezone.now(), by=BY)
        except Invalid as refused:
            faults = [f"  {fault.field or path.name}: {fault.message}" for fault in refused.errors]
            heading = _("%(file)s was not loaded:") % {"file": path.name}
            raise CommandError("\n".join([heading, *faults])) from refused
        self._tell(path, changes)

    def _tell(self, path: Path, changes: list[str]) -> None:
        if not changes:
            self.stdout.write(_("%(file)s: no changes.") % {"file": path.name})
            return
        self.stdout.write(_("%(file)s: %(count)d changes.") % {"file": path.name, "count": len(changes)})
        for change in changes:
            self.stdout.write(f"  {change}")
