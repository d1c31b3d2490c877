"""A contact says whether to be told that stamps run out; sales notes that a client was called."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from clients.models import Contact
from core.actor import Actor
from core.errors import Forbidden
from stamps.models import StampNoticeChoice, StampWarning
from stamps.models.account import READING


def choose(contact: Contact, *, wanted: bool, by: str, now: datetime) -> StampNoticeChoice:
    """Keep what the contact said; `by`: the door, "link", "account" or "sales"."""
    choice, _made = StampNoticeChoice.objects.update_or_create(
        contact=contact, defaults={"wanted": wanted, "changed_at": now, "by": by}
    )
    return choice


def called(warning: StampWarning, *, by: Actor, now: datetime) -> bool:
    """Note that somebody of sales has called; False where it was noted already."""
    if not by.has_role(warning.account.desk_id, *READING):
        raise Forbidden
    person = User.objects.filter(pk=by.user_id).first() if by.user_id else None
    waiting = StampWarning.objects.filter(pk=warning.pk, to_call=True, called_at__isnull=True)
    return bool(waiting.update(called_at=now, called_by=person))
