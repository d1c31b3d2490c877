"""What the timeline's codes of drafts and replies on their way mean (see `tickets.reasons`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_noop as _

FACES: Final[Mapping[str, tuple[str, str]]] = {
    "draft_shared": ("users", "info"),
    "draft_taken": ("edit", "info"),
    "reply_returned": ("refresh", "warn"),
}
SENTENCES: Final[Mapping[str, str]] = {
    "draft_shared": _("%(actor)s shared a draft with the desk"),
    "draft_taken": _("%(actor)s goes on with the draft of %(names)s"),
    "reply_returned": _("The reply of %(actor)s did not leave: %(cause)s"),
}
# Why a reply did not leave: `Draft.Returned`.
CAUSES: Final[Mapping[str, str]] = {
    "client_wrote": _("the client wrote in those seconds"),
    "refused": _("the ticket changed in those seconds"),
    "left_desk": _("they had left the desk"),
    "unreadable": _("the key of the vault that sealed it is missing"),
}
